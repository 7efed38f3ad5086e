"""What a platform's customer sees beside answers: that somebody types, that it was read. Best effort, never stored."""

from time import monotonic

import structlog
from flask import current_app

from actions.accounts import account_of
from extensions import db
from models import Channel, Conversation
from models.enums import ChannelState
from platforms import ADAPTERS
from platforms.failures import SendFailed
from store import later

log = structlog.get_logger(__name__)

TYPING_AGAIN = 15.0  # seconds: the platform itself shows it for about twenty


def show_typing(conversation: Conversation) -> None:
    """An agent types: the customer sees it, unless he was told a moment ago."""
    if not _can_be_told(conversation):
        return
    told: dict[str, float] = current_app.extensions.setdefault("deskbell_typing_told", {})
    if monotonic() - told.get(conversation.id, -TYPING_AGAIN) < TYPING_AGAIN:
        return
    for old in [one for one, moment in told.items() if monotonic() - moment > TYPING_AGAIN]:
        del told[old]
    told[conversation.id] = monotonic()
    later(0, _tell, conversation.channel_id, conversation.identity.psid, "show_typing")


def show_seen(conversation: Conversation) -> None:
    """The team has read what the customer wrote."""
    if _can_be_told(conversation):
        later(0, _tell, conversation.channel_id, conversation.identity.psid, "mark_seen")


def _can_be_told(conversation: Conversation) -> bool:
    channel = conversation.channel
    is_connected = not channel.is_widget and channel.state == ChannelState.CONNECTED
    return is_connected and bool(conversation.can_reply["allowed"])


def _tell(channel_id: str, person: str, what: str) -> None:
    channel = db.session.get_one(Channel, channel_id)
    adapter, account = ADAPTERS[channel.platform], account_of(channel)
    db.session.remove()
    try:
        getattr(adapter, what)(account, person)
    except SendFailed as why:
        log.info("courtesy_failed", channel=channel_id, what=what, code=why.code)
