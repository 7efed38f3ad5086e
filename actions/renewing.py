"""Tokens of platforms: renewed before they end, and when they end."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import current_app

from actions.accounts import account_of
from actions.identity import encrypt
from actions.sending import hold_channel
from errors import TransportError
from extensions import db
from models import Channel
from models.enums import ChannelState
from models.types import now
from platforms import ADAPTERS
from platforms.base import App
from platforms.failures import NeedsReauth, SendFailed, TryLater
from store import write

log = structlog.get_logger(__name__)

TOKEN = "token"  # noqa: S105 -- the kind of outbox item
RENEW_BEFORE = timedelta(days=30)


def deliver_token(_: str, payload: dict[str, Any]) -> None:
    """The outbox's handler: renew the token if it ends soon, and find out when it ends. Raises TransportError."""
    channel = db.session.get(Channel, payload["channelId"])
    if channel is None or channel.secret is None:
        return
    ends, secret = channel.token_expires_at, channel.secret
    adapter, account = ADAPTERS[channel.platform], account_of(channel)
    config = current_app.config
    app = App(config["META_APP_ID"], next(iter(config["META_APP_SECRETS"]), None))
    db.session.remove()
    try:
        renewed = adapter.renew_token(account) if ends is None or ends - now() < RENEW_BEFORE else None
        ends = now() + timedelta(seconds=renewed.lifetime) if renewed else adapter.token_ends(account, app) or ends
    except TryLater as why:
        raise TransportError(f"A token could not be renewed: {why}", after=why.after) from None
    except NeedsReauth as why:
        _note_dead_token(payload["channelId"], secret, why)
    except SendFailed as why:
        log.info("token_not_renewed", channel=payload["channelId"], code=why.code)
    else:
        new_secret = encrypt(renewed.text) if renewed and renewed.text else secret
        _note_token(payload["channelId"], secret, new_secret, ends)


def _note_token(channel_id: str, secret: str, new_secret: str, ends: datetime | None) -> None:
    with write() as tx:
        channel = tx.session.get_one(Channel, channel_id)
        if channel.secret == secret:  # nobody has connected it anew meanwhile
            channel.secret, channel.token_expires_at = new_secret, ends


def _note_dead_token(channel_id: str, secret: str, why: NeedsReauth) -> None:
    with write() as tx:
        channel = tx.session.get_one(Channel, channel_id)
        if channel.secret == secret:
            hold_channel(tx, channel, ChannelState.NEEDS_REAUTH, why.reason)
