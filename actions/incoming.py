"""What platforms tell, applied: in whatever order and however often facts come, the same state comes of them.

Messages are stored once by the platform's id. Positions in time only go forward. What is told about a message (edits,
removal, reactions, receipts) is kept by its id, and holds from the moment on that the message is there.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import singledispatch
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from actions.announce import announce_change, announce_message, announce_message_change, raise_rev, renew_preview
from actions.attachments import delete_files
from actions.fetching import queue_media
from actions.identity import Visitor
from actions.leaving import raise_part, settle_status
from actions.messages import add_message, begin_conversation, current_conversation
from actions.profiles import queue_profile
from actions.visitors import find_or_make_identity
from errors import Forbidden
from models import Attachment, Channel, ContactIdentity, Conversation, Message, MessagePart, PlatformFact
from models.enums import ChannelState, DeliveryStatus, MessageRole, PartStatus
from models.types import now
from platforms import ADAPTERS
from platforms.base import Acted, Delivered, Edited, Fact, Ignored, Reacted, Read, Removed, Said, Warned
from schemas.base import clean_text
from store import Transaction, later

UNSUPPORTED = "Unsupported message"
ECHO_WAITS = timedelta(seconds=10)  # for the answer to what was just sent, of which it may be the echo
RESTRICTED_FOR = "Meta has restricted this page or account: {reason}"


@dataclass(frozen=True)
class Arrival:
    """Where a fact is applied: within a transaction, to a channel; `at`: when it arrived here."""

    tx: Transaction
    channel: Channel
    at: datetime


class Postponed(Exception):
    """Not now: the event is looked at again a moment later."""


@singledispatch
def apply(fact: Fact, here: Arrival) -> str | None:  # noqa: ARG001 -- the others' signature
    """Apply a fact. Returns what the journal notes beside DONE, or None. Raises Ignored or Postponed."""
    raise Ignored(f"nothing follows from {type(fact).__name__}")


@apply.register
def _said(fact: Said, here: Arrival) -> str | None:
    tx, channel = here.tx, here.channel
    if fact.by_team:
        return _echoed(fact, here)
    identity = _identity(tx, channel, fact.person)
    at = fact.at or here.at
    moved = identity.advance("acted_at", at)
    if message_of(tx.session, channel.id, fact.mid):
        return _repeated(tx, identity, moved)
    conversation, begins = _conversation(tx, identity)
    changed = ("status",) if conversation.reopen() else ()
    message = Message(
        role=MessageRole.USER,
        identity_id=identity.id,
        external_id=fact.mid,
        status=_read_status(identity, at),
        reply_to=_quoted(tx, conversation, fact),
        **_content(fact, at),
    )
    _apply_kept(tx, channel, message, fact.mid)
    add_message(tx, conversation, message)
    announce_message(tx, message, begins=begins, changed=changed)
    _tell_who_quoted(tx, channel, message, fact.mid)
    queue_media(tx, message)
    queue_profile(tx, conversation)
    return None


def _repeated(tx: Transaction, identity: ContactIdentity, moved: bool) -> str:
    if moved:
        _tell_window(tx, identity)
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
    identity = _identity(tx, channel, fact.person)
    if part := _own_part(tx, channel, identity, fact):
        return _confirm(tx, channel, part, fact)
    if _is_sending(tx, identity) and now() - here.at < ECHO_WAITS:
        raise Postponed
    at = fact.at or here.at
    identity.advance("answered_until", at)
    conversation, begins = _conversation(tx, identity)
    answered = _read_elsewhere(tx, conversation, at)
    message = Message(
        role=MessageRole.AGENT,
        status=DeliveryStatus.SENT,
        reply_to=_quoted(tx, conversation, fact),
        **_content(fact, at),
    )
    message.meta = {**message.meta, "sentFrom": ADAPTERS[channel.platform].title}
    _apply_kept(tx, channel, message, fact.mid)
    message.status = _far(tx, channel, identity, fact.mid, at)
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
    _tell_who_quoted(tx, channel, message, fact.mid)
    queue_media(tx, message)
    _read_up_to_named(tx, channel, identity, fact.mid, at)
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
    message = tx.session.get_one(Message, _number_of(tx, part))
    if part.external_id is None:
        part.external_id = fact.mid
    if fact.at is not None:
        part.sent_at = fact.at
    identity = message.conversation.identity
    moved = raise_part(part, PartStatus(_far(tx, channel, identity, fact.mid, part.sent_at or now())))
    changed = settle_status(tx, message)
    _read_up_to_named(tx, channel, identity, fact.mid, part.sent_at or now())
    if moved and changed:
        _tell_message(tx, message)
    return "our own"


def _number_of(tx: Transaction, part: MessagePart) -> int:
    return tx.session.scalars(select(Message.number).where(Message.id == part.message_id)).one()


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
def _edited(fact: Edited, here: Arrival) -> str | None:
    tx, channel = here.tx, here.channel
    kept = _kept(tx, channel, fact.mid, "edit")
    if kept and (kept["number"], kept["text"]) >= (fact.number, fact.text):
        return "already known"
    return _keep(tx, channel, fact.mid, "edit", {"number": fact.number, "text": fact.text})


@apply.register
def _removed(fact: Removed, here: Arrival) -> str | None:
    tx, channel = here.tx, here.channel
    if _kept(tx, channel, fact.mid, "removal") is not None:
        return "already known"
    return _keep(tx, channel, fact.mid, "removal", {})


@apply.register
def _reacted(fact: Reacted, here: Arrival) -> str | None:
    tx, channel = here.tx, here.channel
    if not fact.by_team and fact.emoji is not None:
        identity = _identity(tx, channel, fact.person)
        if identity.advance("acted_at", fact.at or here.at):
            _tell_window(tx, identity)
    at = (fact.at or here.at).isoformat()
    kind = "team" if fact.by_team else "customer"
    kept = _kept(tx, channel, fact.mid, kind)
    if kept and (kept["at"], kept["emoji"] or "") >= (at, fact.emoji or ""):
        return "already known"
    return _keep(tx, channel, fact.mid, kind, {"at": at, "emoji": fact.emoji})


@apply.register
def _acted(fact: Acted, here: Arrival) -> str | None:
    tx, channel = here.tx, here.channel
    identity = _identity(tx, channel, fact.person)
    if identity.advance("acted_at", fact.at or here.at):
        _tell_window(tx, identity)
    return None


@apply.register
def _delivered(fact: Delivered, here: Arrival) -> str | None:
    tx, channel = here.tx, here.channel
    identity = _identity(tx, channel, fact.person)
    for mid in fact.mids:
        part = tx.session.scalar(_part_query(channel.id, mid))
        if part is None:
            _store_fact(tx, channel, mid, "delivery", {})
        elif raise_part(part, PartStatus.DELIVERED):
            _settle(tx, part)
    if identity.advance("delivered_until", fact.until):
        _raise_all(tx, identity, fact.until, PartStatus.DELIVERED)
    return None


@apply.register
def _read(fact: Read, here: Arrival) -> str | None:
    tx, channel = here.tx, here.channel
    identity = _identity(tx, channel, fact.person)
    until = fact.until
    if fact.mid is not None:
        part = tx.session.scalar(_part_query(channel.id, fact.mid))
        if part is None:
            _store_fact(tx, channel, fact.mid, "read", {})
        until = max(filter(None, (until, part and part.sent_at)), default=None)
    if identity.advance("read_until", until):
        _raise_all(tx, identity, until, PartStatus.READ)
    return None


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


# ---- what is kept about messages


def _kept(tx: Transaction, channel: Channel, mid: str, kind: str) -> dict[str, Any] | None:
    row = tx.session.get(PlatformFact, (channel.id, mid, kind))
    return row.value if row else None


def _store_fact(tx: Transaction, channel: Channel, mid: str, kind: str, value: dict[str, Any]) -> None:
    tx.session.merge(PlatformFact(channel_id=channel.id, mid=mid, kind=kind, value=value))
    tx.session.flush()


def _keep(tx: Transaction, channel: Channel, mid: str, kind: str, value: dict[str, Any]) -> str | None:
    """Keep what was told about a message; it shows at once if the message is there."""
    _store_fact(tx, channel, mid, kind, value)
    message = message_of(tx.session, channel.id, mid)
    if message is None:
        return "kept until its message comes"
    _lock(tx, message.conversation)
    _apply_kept(tx, channel, message, mid)
    renew_preview(tx, message.conversation)
    _tell_message(tx, message)
    return None


def _apply_kept(tx: Transaction, channel: Channel, message: Message, mid: str) -> None:
    """Text, removal and reactions of a message as all that was told about it says."""
    query = select(PlatformFact).where(PlatformFact.channel_id == channel.id, PlatformFact.mid == mid)
    kept = {row.kind: row.value for row in tx.session.scalars(query)}
    meta = dict(message.meta)
    if edit := kept.get("edit"):
        message.text, meta["edited"] = clean_text(edit["text"]), edit["number"]
    reactions = {who: kept[who]["emoji"] for who in ("customer", "team") if who in kept and kept[who]["emoji"]}
    meta.pop("reactions", None)
    if reactions:
        meta["reactions"] = reactions
    if "removal" in kept:
        message.text, meta = "", {"removed": True}
        _drop_files(tx, message)
    message.meta = meta


def _drop_files(tx: Transaction, message: Message) -> None:
    files = [attachment.file for attachment in message.attachments]
    message.attachments[:] = []
    if files:
        tx.session.execute(delete(Attachment).where(Attachment.message_id == message.id))
        later(0, delete_files, files)


# ---- receipts


def _far(tx: Transaction, channel: Channel, identity: ContactIdentity, mid: str, sent_at: datetime) -> str:
    """How far something that left at that moment has come, by all that was told so far."""
    if identity.read_until is not None and sent_at <= identity.read_until:
        return DeliveryStatus.READ
    if _kept(tx, channel, mid, "read") is not None:
        return DeliveryStatus.READ
    if identity.delivered_until is not None and sent_at <= identity.delivered_until:
        return DeliveryStatus.DELIVERED
    if _kept(tx, channel, mid, "delivery") is not None:
        return DeliveryStatus.DELIVERED
    return DeliveryStatus.SENT


def _read_up_to_named(
    tx: Transaction, channel: Channel, identity: ContactIdentity, mid: str, sent_at: datetime
) -> None:
    """A receipt named this message before it was known: what left before it is read, too."""
    if _kept(tx, channel, mid, "read") is not None and identity.advance("read_until", sent_at):
        _raise_all(tx, identity, sent_at, PartStatus.READ)


def _raise_all(tx: Transaction, identity: ContactIdentity, until: datetime | None, status: PartStatus) -> None:
    """Everything that left up to a moment has come at least this far."""
    query = (
        select(MessagePart)
        .join(Message, MessagePart.message_id == Message.id)
        .join(Conversation, Message.conversation_id == Conversation.id)
        .where(
            Conversation.identity_id == identity.id,
            MessagePart.sent_at <= until,
            MessagePart.status.in_(_BEFORE[status]),
        )
        .order_by(Message.number)
    )
    for part in tx.session.scalars(query).all():
        if raise_part(part, status):
            _settle(tx, part)


_BEFORE = {
    PartStatus.DELIVERED: (PartStatus.SENT,),
    PartStatus.READ: (PartStatus.SENT, PartStatus.DELIVERED),
}


def _settle(tx: Transaction, part: MessagePart) -> None:
    message = tx.session.get_one(Message, _number_of(tx, part))
    if settle_status(tx, message):
        _tell_message(tx, message)


# ---- rows


def message_of(session: Session, channel_id: str, mid: str) -> Message | None:
    """The message that the platform names so: a customer's, or the one that a part of ours belongs to."""
    query = select(Message).where(Message.channel_id == channel_id, Message.external_id == mid)
    if found := session.scalar(query):
        return found
    return session.scalar(
        select(Message)
        .join(MessagePart, MessagePart.message_id == Message.id)
        .where(MessagePart.channel_id == channel_id, MessagePart.external_id == mid)
    )


def _part_query(channel_id: str, mid: str) -> Any:
    return select(MessagePart).where(MessagePart.channel_id == channel_id, MessagePart.external_id == mid)


def _identity(tx: Transaction, channel: Channel, person: str) -> ContactIdentity:
    if len(person) > 100:
        raise Ignored("its customer's id is too long")
    try:
        return find_or_make_identity(tx, Visitor(channel.id, person), None)
    except Forbidden:
        raise Ignored("this customer is blocked") from None


def _conversation(tx: Transaction, identity: ContactIdentity) -> tuple[Conversation, bool]:
    """The customer's current conversation, locked, and whether it is new."""
    current = current_conversation(tx, Visitor(identity.channel_id, identity.psid))
    return (current, False) if current else (begin_conversation(tx, identity), True)


def _quoted(tx: Transaction, conversation: Conversation, fact: Said) -> Message | None:
    """The message that this one answers. If it is not there yet, it is told of this one when it comes."""
    if fact.reply_to is None:
        return None
    quoted = message_of(tx.session, conversation.channel_id, fact.reply_to)
    if quoted is None:
        kept = _kept(tx, conversation.channel, fact.reply_to, "quoted") or {"by": []}
        _store_fact(tx, conversation.channel, fact.reply_to, "quoted", {"by": [*kept["by"], fact.mid][-50:]})
    return quoted if quoted is not None and quoted.conversation_id == conversation.id else None


def _tell_who_quoted(tx: Transaction, channel: Channel, message: Message, mid: str) -> None:
    for by in (_kept(tx, channel, mid, "quoted") or {"by": []})["by"]:
        reply = message_of(tx.session, channel.id, by)
        if reply is not None and reply.conversation_id == message.conversation_id:
            reply.reply_to = message
            tx.session.flush()
            _tell_message(tx, reply)


def _lock(tx: Transaction, conversation: Conversation) -> None:
    tx.session.scalar(select(Conversation).where(Conversation.id == conversation.id).with_for_update(of=Conversation))


def _tell_message(tx: Transaction, message: Message) -> None:
    raise_rev(tx, message.conversation)
    announce_message_change(tx, message)


def _tell_window(tx: Transaction, identity: ContactIdentity) -> None:
    current = current_conversation(tx, Visitor(identity.channel_id, identity.psid))
    if current is not None:
        raise_rev(tx, current)
        announce_change(tx, current, ("canReply",))
