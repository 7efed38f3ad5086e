"""A platform customer's name and picture: looked up later, best effort, at most once a day."""

import tempfile
from datetime import timedelta
from typing import Any

import structlog
from flask import current_app
from sqlalchemy import select

from actions.accounts import account_of
from actions.announce import announce_change, raise_rev
from actions.attachments import keep_picture
from actions.outbox import enqueue
from errors import AppError, TransportError
from extensions import db
from models import Channel, Contact, ContactIdentity, Conversation
from models.types import now
from platforms import ADAPTERS
from platforms.base import Profile
from platforms.failures import SendFailed, TryLater
from platforms.http import DownloadFailed, DownloadRefused, download
from store import Transaction, write

log = structlog.get_logger(__name__)

PROFILE = "profile"  # the kind of outbox item
FRESH_FOR = timedelta(days=1)
LARGEST_PICTURE = 5 * 1024 * 1024  # bytes


def queue_profile(tx: Transaction, conversation: Conversation) -> None:
    """Look the customer up once the transaction is committed, unless that was done within the last day."""
    identity = conversation.identity
    if identity.profile_at is not None and now() - identity.profile_at < FRESH_FOR:
        return
    identity.profile_at = now()
    enqueue(tx, conversation.company_id, PROFILE, identity.id, {"identityId": identity.id})


def deliver_profile(_: str, payload: dict[str, Any]) -> None:
    """The outbox's handler. A customer who cannot be looked up keeps the name that he has."""
    identity = db.session.get(ContactIdentity, payload["identityId"])
    if identity is None:
        return
    channel = db.session.get_one(Channel, identity.channel_id)
    adapter, account = ADAPTERS[channel.platform], account_of(channel)
    try:
        profile = adapter.profile(account, identity.psid)
    except TryLater as why:
        raise TransportError(f"A customer's name could not be looked up: {why}", after=why.after) from None
    except SendFailed as why:
        log.info("profile_not_readable", channel=channel.id, code=why.code)
        return
    hosts = frozenset(adapter.media_hosts(account))
    has_picture = bool(identity.contact.avatar_url)
    db.session.remove()
    picture = None if has_picture else _picture(profile, hosts)
    _learn(payload["identityId"], profile, picture)


def _picture(profile: Profile, hosts: frozenset[str]) -> str | None:
    if profile.picture is None:
        return None
    most = min(LARGEST_PICTURE, current_app.config["MAX_UPLOAD"])
    with tempfile.TemporaryFile() as target:
        try:
            download(profile.picture, target, most, hosts)
            target.seek(0)
            return keep_picture(target)
        except (DownloadFailed, DownloadRefused, AppError) as why:
            log.info("picture_not_fetched", why=str(why))
            return None


def _learn(identity_id: str, profile: Profile, picture: str | None) -> None:
    with write() as tx:
        identity = tx.session.get(ContactIdentity, identity_id)
        if identity is None:
            return
        contact = identity.contact
        before = contact.display_name
        if contact.name in (None, identity.profile_name):  # an agent's correction stays
            contact.name = profile.name or contact.name
        identity.profile_name = profile.name or identity.profile_name
        contact.avatar_url = contact.avatar_url or picture
        if before != contact.display_name:
            _tell(tx, contact)


def _tell(tx: Transaction, contact: Contact) -> None:
    query = select(Conversation).where(Conversation.contact_id == contact.id).order_by(Conversation.id)
    for conversation in tx.session.scalars(query.with_for_update(of=Conversation)).all():
        raise_rev(tx, conversation)
        announce_change(tx, conversation, ("customerName",))
