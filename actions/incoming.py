"""What platforms tell, applied: in whatever order and however often facts come, the same state comes of them.

Messages are stored once by the platform's id. Positions in time only go forward. What is told about a message (edits,
removal, reactions, receipts) is kept by its id, and holds from the moment on that the message is there.
"""

from datetime import datetime, timedelta
from functools import singledispatch
from typing import Any

from sqlalchemy import select

from actions import receipts, told
from actions.announce import announce_message, announce_message_change
from actions.arrival import (
    Arrival,
    Postponed,
    conversation_of,
    identity_of,
    message_of,
    number_of,
    tell_message,
    tell_window,
)
from actions.fetching import queue_media
from actions.identity import Visitor
from actions.leaving import raise_part, settle_status
from actions.messages import add_message, current_conversation
from actions.profiles import queue_profile
from actions.receipts import how_far, read_up_to_named
from actions.told import apply_kept, kept_about, quoted_by, store_fact, tell_who_quoted
from models import Channel, ContactIdentity, Conversation, Message, MessagePart
from models.enums import ChannelState, DeliveryStatus, MessageRole, PartStatus
from models.types import now
from platforms import ADAPTERS
from platforms.base import Acted, Delivered, Edited, Fact, Handed, Ignored, Reacted, Read, Removed, Said, Warned
from schemas.base import clean_text
from store import Transaction

UNSUPPORTED = "Unsupported message"
ECHO_WAITS = timedelta(seconds=10)  # for the answer to what was just sent, of which it may be the echo
RESTRICTED_FOR = "Meta has restricted this page or account: {reason}"


@singledispatch
def apply(fact: Fact, here: Arrival) -> str | None:  # noqa: ARG001 -- the others' signature
    """Apply a fact. Returns what the journal notes beside DONE, or None. Raises Ignored or Postponed."""
    raise Ignored(f"nothing follows from {type(fact).__name__}")


@apply.register
def _said(fact: Said, here: Arrival) -> str | None:
    tx, channel = here.tx, here.channel
    if fact.by_team:
        return _echoed(fact, here)
    identity = identity_of(tx, channel, fact.person)
    at = fact.at or here.at
    moved = identity.advance("acted_at", at)
    if message_of(tx.session, channel.id, fact.mid):
        return _repeated(tx, identity, moved)
    conversation, begins = conversation_of(tx, identity)
    changed = ("status",) if conversation.reopen() else ()
    message = Message(
        role=MessageRole.USER,
        identity_id=identity.id,
        external_id=fact.mid,
        status=_read_status(identity, at),
        reply_to=quoted_by(tx, conversation, fact),
        **_content(fact, at),
    )
    apply_kept(tx, channel, message, fact.mid)
    add_message(tx, conversation, message)
    announce_message(tx, message, begins=begins, changed=changed)
    if begins:
        _add_kept_lines(tx, channel, conversation, fact.person)
    tell_who_quoted(tx, channel, message, fact.mid)
    queue_media(tx, message)
    queue_profile(tx, conversation)
    return None


def _repeated(tx: Transaction, identity: ContactIdentity, moved: bool) -> str:
    if moved:
        tell_window(tx, identity)
    return "already stored"


def _content(fact: Said, at: datetime) -> dict[str, Any]:
    """text, meta, attachments and created_at of what was said."""
    text = clean_text(fact.text)
    meta: dict[str, Any] = dict(fact.extra)
    if fact.media:
        meta["media"] = [
            {"kind": one.kind, "url": one.url, "title": one.title, "state": _media_state(one.fetch, one.url)}
            for one in fact.media
        ]
    if not text and (fact.unsupported or not fact.media):
        text, meta["unsupported"] = UNSUPPORTED, True
    elif fact.unsupported:
        meta["unsupported"] = True
    return {"text": text, "meta": meta, "attachments": [], "created_at": at}


def _media_state(fetch: bool, url: str | None) -> str:
    if not url:
        return "MISSING"
    return "FETCHING" if fetch else "LINKED"


def _read_status(identity: ContactIdentity, at: datetime) -> str:
    is_answered = identity.answered_until is not None and at <= identity.answered_until
    return DeliveryStatus.READ if is_answered else DeliveryStatus.SENT


def _echoed(fact: Said, here: Arrival) -> str | None:
    """What the page said: ours, or an answer that somebody gave in the platform's own inbox."""
    tx, channel = here.tx, here.channel
    identity = identity_of(tx, channel, fact.person)
    if part := _own_part(tx, channel, identity, fact):
        return _confirm(tx, channel, part, fact)
    if _is_sending(tx, identity) and now() - here.at < ECHO_WAITS:
        raise Postponed
    at = fact.at or here.at
    identity.advance("answered_until", at)
    conversation, begins = conversation_of(tx, identity)
    answered = _read_elsewhere(tx, conversation, at)
    message = Message(
        role=MessageRole.AGENT,
        status=DeliveryStatus.SENT,
        reply_to=quoted_by(tx, conversation, fact),
        **_content(fact, at),
    )
    message.meta = {**message.meta, "sentFrom": ADAPTERS[channel.platform].title}
    apply_kept(tx, channel, message, fact.mid)
    message.status = how_far(tx, channel, identity, fact.mid, at)
    add_message(tx, conversation, message)
    status = PartStatus(message.status)
    tx.session.add(
        MessagePart(
            message_id=message.id, channel_id=channel.id, position=0, external_id=fact.mid, status=status, sent_at=at
        )
    )
    tx.session.flush()
    announce_message(tx, message, begins=begins)
    if answered is not None:
        announce_message_change(tx, answered)
    if begins:
        _add_kept_lines(tx, channel, conversation, fact.person)
    tell_who_quoted(tx, channel, message, fact.mid)
    queue_media(tx, message)
    read_up_to_named(tx, channel, identity, fact.mid, at)
    return "sent from elsewhere"


def _own_part(tx: Transaction, channel: Channel, identity: ContactIdentity, fact: Said) -> MessagePart | None:
    """The part of ours that this echoes: by the platform's id, by our tag, or by what nobody knows the outcome of."""
    mine = MessagePart.channel_id == channel.id
    known = tx.session.scalar(select(MessagePart).where(mine, MessagePart.external_id == fact.mid))
    if known is None and fact.tag:
        known = tx.session.scalar(select(MessagePart).where(mine, MessagePart.id == fact.tag))
    return known or _matching_part(tx, identity, fact)


def _matching_part(tx: Transaction, identity: ContactIdentity, fact: Said) -> MessagePart | None:
    text = " ".join(fact.text.split())
    for part in tx.session.scalars(_unanswered(identity)):
        if part.text is not None and " ".join(part.text.split()) == text:
            return part
        if part.text is None and fact.media and not text:
            return part
    return None


def _is_sending(tx: Transaction, identity: ContactIdentity) -> bool:
    return tx.session.scalar(_unanswered(identity).limit(1)) is not None


def _unanswered(identity: ContactIdentity) -> Any:
    """Parts to this customer of which nobody knows yet whether they were sent, oldest first."""
    return (
        select(MessagePart)
        .join(Message, MessagePart.message_id == Message.id)
        .join(Conversation, Message.conversation_id == Conversation.id)
        .where(
            Conversation.identity_id == identity.id,
            MessagePart.external_id.is_(None),
            MessagePart.status.in_((PartStatus.SENDING, PartStatus.UNKNOWN)),
        )
        .order_by(Message.number, MessagePart.position)
    )


def _confirm(tx: Transaction, channel: Channel, part: MessagePart, fact: Said) -> str:
    message = tx.session.get_one(Message, number_of(tx, part))
    if part.external_id is None:
        part.external_id = fact.mid
    if fact.at is not None:
        part.sent_at = fact.at
    identity = message.conversation.identity
    moved = raise_part(part, PartStatus(how_far(tx, channel, identity, fact.mid, part.sent_at or now())))
    changed = settle_status(tx, message)
    read_up_to_named(tx, channel, identity, fact.mid, part.sent_at or now())
    if moved and changed:
        tell_message(tx, message)
    return "our own"


def _read_elsewhere(tx: Transaction, conversation: Conversation, until: datetime) -> Message | None:
    """What the customer wrote before an answer that was given elsewhere is read. Returns the newest of it."""
    query = select(Message).where(
        Message.conversation_id == conversation.id,
        Message.role == MessageRole.USER,
        Message.seq > conversation.team_read_seq,
        Message.status == DeliveryStatus.SENT,
        Message.created_at <= until,
    )
    rows = tx.session.scalars(query.order_by(Message.seq)).all()
    for message in rows:
        message.status = DeliveryStatus.READ
    conversation.unread_count -= len(rows)
    return rows[-1] if rows else None


@apply.register
def _acted(fact: Acted, here: Arrival) -> str | None:
    tx, channel = here.tx, here.channel
    identity = identity_of(tx, channel, fact.person)
    if identity.advance("acted_at", fact.at or here.at):
        tell_window(tx, identity)
    return None


@apply.register
def _handed(fact: Handed, here: Arrival) -> str | None:
    """A line for the team; it waits for the customer's first message."""
    tx, channel = here.tx, here.channel
    identity = identity_of(tx, channel, fact.person)
    if message_of(tx.session, channel.id, fact.key):
        return "already stored"
    line = {"key": fact.key, "text": fact.text, "at": (fact.at or here.at).isoformat()}
    current = current_conversation(tx, Visitor(identity.channel_id, identity.psid))
    if current is not None:
        _add_line(tx, current, line)
        return None
    name = f"person:{fact.person}"
    kept = (kept_about(tx, channel, name, "handed") or {"lines": []})["lines"]
    if line not in kept:
        store_fact(tx, channel, name, "handed", {"lines": [*kept, line][-20:]})
    return "kept until the customer writes"


def _add_kept_lines(tx: Transaction, channel: Channel, conversation: Conversation, person: str) -> None:
    for line in (kept_about(tx, channel, f"person:{person}", "handed") or {"lines": []})["lines"]:
        if message_of(tx.session, channel.id, line["key"]) is None:
            _add_line(tx, conversation, line)


def _add_line(tx: Transaction, conversation: Conversation, line: dict[str, Any]) -> None:
    at = datetime.fromisoformat(line["at"])
    message = Message(
        role=MessageRole.SYSTEM, text=line["text"], meta={"field": "owner"}, attachments=[], created_at=at
    )
    message.external_id = line["key"]
    add_message(tx, conversation, message)
    announce_message(tx, message)


@apply.register
def _warned(fact: Warned, here: Arrival) -> str | None:
    channel = here.channel
    if fact.action == "unblock":
        if channel.state == ChannelState.RESTRICTED:
            channel.state, channel.state_reason = ChannelState.CONNECTED, None
        return None
    if channel.state == ChannelState.CONNECTED:
        channel.state = ChannelState.RESTRICTED
    channel.state_reason = RESTRICTED_FOR.format(reason=fact.reason or fact.action)
    return None


for kind, handler in (
    (Edited, told.edited),
    (Removed, told.removed),
    (Reacted, told.reacted),
    (Delivered, receipts.delivered),
    (Read, receipts.read),
):
    apply.register(kind)(handler)
