"""Where a platform's facts are applied: the arrival, and the rows that facts are about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions.announce import announce_change, announce_message_change, raise_rev
from actions.identity import Visitor
from actions.messages import begin_conversation, current_conversation
from actions.visitors import find_or_make_identity
from errors import Forbidden
from models import Channel, ContactIdentity, Conversation, Message, MessagePart
from platforms.base import Ignored
from store import Transaction


@dataclass(frozen=True)
class Arrival:
    """Where a fact is applied: within a transaction, to a channel; `at`: when it arrived here."""

    tx: Transaction
    channel: Channel
    at: datetime


class Postponed(Exception):
    """Not now: the event is looked at again a moment later."""


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


def part_query(channel_id: str, mid: str) -> Any:
    return select(MessagePart).where(MessagePart.channel_id == channel_id, MessagePart.external_id == mid)


def identity_of(tx: Transaction, channel: Channel, person: str) -> ContactIdentity:
    if len(person) > 100:
        raise Ignored("its customer's id is too long")
    try:
        return find_or_make_identity(tx, Visitor(channel.id, person), None)
    except Forbidden:
        raise Ignored("this customer is blocked") from None


def conversation_of(tx: Transaction, identity: ContactIdentity) -> tuple[Conversation, bool]:
    """The customer's current conversation, locked, and whether it is new."""
    current = current_conversation(tx, Visitor(identity.channel_id, identity.psid))
    return (current, False) if current else (begin_conversation(tx, identity), True)


def lock(tx: Transaction, conversation: Conversation) -> None:
    tx.session.scalar(select(Conversation).where(Conversation.id == conversation.id).with_for_update(of=Conversation))


def tell_message(tx: Transaction, message: Message) -> None:
    raise_rev(tx, message.conversation)
    announce_message_change(tx, message)


def tell_window(tx: Transaction, identity: ContactIdentity) -> None:
    current = current_conversation(tx, Visitor(identity.channel_id, identity.psid))
    if current is not None:
        raise_rev(tx, current)
        announce_change(tx, current, ("canReply",))


def number_of(tx: Transaction, part: MessagePart) -> int:
    return tx.session.scalars(select(Message.number).where(Message.id == part.message_id)).one()
