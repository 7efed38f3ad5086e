"""Delivered and read, on platforms: positions in the platform's time that only go forward, and messages by name."""

from datetime import datetime

from sqlalchemy import select

from actions.arrival import Arrival, identity_of, number_of, part_query, tell_message
from actions.leaving import raise_part, settle_status
from actions.told import kept_about, store_fact
from models import Channel, ContactIdentity, Conversation, Message, MessagePart
from models.enums import DeliveryStatus, PartStatus
from platforms.base import Delivered, Read
from store import Transaction

_BEFORE = {
    PartStatus.DELIVERED: (PartStatus.SENT,),
    PartStatus.READ: (PartStatus.SENT, PartStatus.DELIVERED),
}


def delivered(fact: Delivered, here: Arrival) -> str | None:
    tx, channel = here.tx, here.channel
    identity = identity_of(tx, channel, fact.person)
    for mid in fact.mids:
        part = tx.session.scalar(part_query(channel.id, mid))
        if part is None:
            store_fact(tx, channel, mid, "delivery", {})
        elif raise_part(part, PartStatus.DELIVERED):
            _settle(tx, part)
    if identity.advance("delivered_until", fact.until):
        raise_all(tx, identity, fact.until, PartStatus.DELIVERED)
    return None


def read(fact: Read, here: Arrival) -> str | None:
    tx, channel = here.tx, here.channel
    identity = identity_of(tx, channel, fact.person)
    until = fact.until
    if fact.mid is not None:
        part = tx.session.scalar(part_query(channel.id, fact.mid))
        if part is None:
            store_fact(tx, channel, fact.mid, "read", {})
        until = max(filter(None, (until, part and part.sent_at)), default=None)
    if identity.advance("read_until", until):
        raise_all(tx, identity, until, PartStatus.READ)
    return None


def how_far(tx: Transaction, channel: Channel, identity: ContactIdentity, mid: str, sent_at: datetime) -> str:
    """How far something that left at that moment has come, by all that was told so far."""
    if identity.read_until is not None and sent_at <= identity.read_until:
        return DeliveryStatus.READ
    if kept_about(tx, channel, mid, "read") is not None:
        return DeliveryStatus.READ
    if identity.delivered_until is not None and sent_at <= identity.delivered_until:
        return DeliveryStatus.DELIVERED
    if kept_about(tx, channel, mid, "delivery") is not None:
        return DeliveryStatus.DELIVERED
    return DeliveryStatus.SENT


def read_up_to_named(tx: Transaction, channel: Channel, identity: ContactIdentity, mid: str, sent_at: datetime) -> None:
    """A receipt named this message before it was known: what left before it is read, too."""
    if kept_about(tx, channel, mid, "read") is not None and identity.advance("read_until", sent_at):
        raise_all(tx, identity, sent_at, PartStatus.READ)


def raise_all(tx: Transaction, identity: ContactIdentity, until: datetime | None, status: PartStatus) -> None:
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


def _settle(tx: Transaction, part: MessagePart) -> None:
    message = tx.session.get_one(Message, number_of(tx, part))
    if settle_status(tx, message):
        tell_message(tx, message)
