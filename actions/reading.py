"""Read and delivery positions. Watermarks: they only go forward, and one message tells for all below it."""

from typing import Any

from sqlalchemy import ColumnElement, func, select

from actions.access import access_conversation, access_own_conversation
from actions.announce import announce_change, announce_message_change, raise_rev
from actions.courtesy import show_seen
from actions.identity import Visitor
from models import Agent, Conversation, Message
from models.enums import DeliveryStatus, MessageRole
from schemas.agent import ConversationShape
from schemas.visitor import VisitorConversationShape
from store import Transaction, write

_FROM_TEAM = (MessageRole.AGENT, MessageRole.BOT)


def read_by_team(agent: Agent, conversation_id: str, seq: int) -> dict[str, Any]:
    """The team has read up to `seq`. Returns {conversation}; a position behind the present one writes nothing."""
    with write() as tx:
        conversation = access_conversation(agent, conversation_id, tx.session, lock=True)
        before, position = conversation.team_read_seq, min(seq, conversation.last_seq)
        if position > before:
            customers = _unread(conversation)
            newest = _newest(tx, *customers, Message.seq > before, Message.seq <= position)
            conversation.team_read_seq = position
            conversation.unread_count = _count(tx, *customers, Message.seq > position)
            if newest is not None:
                raise_rev(tx, conversation)
                announce_change(tx, conversation, ())
                announce_message_change(tx, newest)
                show_seen(conversation)
        return {"conversation": ConversationShape().dump(conversation)}


def read_by_visitor(visitor: Visitor, seq: int, conversation_id: str | None = None) -> dict[str, Any]:
    """The visitor has read up to `seq` (his numbers). Returns {conversation} in his shape."""
    with write() as tx:
        conversation = access_own_conversation(visitor, conversation_id, tx.session, lock=True)
        before, position = conversation.visitor_read_seq, min(seq, conversation.message_count)
        if position > before:
            conversation.visitor_read_seq = position
            team = (Message.conversation_id == conversation.id, Message.role.in_(_FROM_TEAM))
            conversation.visitor_unread_count = _count(tx, *team, Message.public_seq > position)
            _tell_newest_from_team(tx, conversation, before, position)
        return {"conversation": VisitorConversationShape().dump(conversation)}


def delivered_to_visitor(visitor: Visitor, conversation_id: str, seq: int) -> None:
    """The visitor's widget has shown or kept everything up to `seq` (his numbers)."""
    with write() as tx:
        conversation = access_own_conversation(visitor, conversation_id, tx.session, lock=True)
        before = max(conversation.visitor_delivered_seq, conversation.visitor_read_seq)
        position = min(seq, conversation.message_count)
        if position > before:
            conversation.visitor_delivered_seq = position
            _tell_newest_from_team(tx, conversation, before, position)


def newest_unread(tx: Transaction, conversation: Conversation) -> Message | None:
    """The customer's newest message that the team has not read."""
    if conversation.unread_count == 0:
        return None
    return _newest(tx, *_unread(conversation), Message.seq > conversation.team_read_seq)


def _unread(conversation: Conversation) -> tuple[ColumnElement[bool], ...]:
    """The customer's messages, but for those that were answered elsewhere. Which are read is said by the numbers."""
    customers = (Message.conversation_id == conversation.id, Message.role == MessageRole.USER)
    return (*customers, Message.status != DeliveryStatus.READ)


def _tell_newest_from_team(tx: Transaction, conversation: Conversation, before: int, position: int) -> None:
    """The team's newest message between two positions of the visitor, if any, carries the news."""
    team = (Message.conversation_id == conversation.id, Message.role.in_(_FROM_TEAM))
    newest = _newest(tx, *team, Message.public_seq > before, Message.public_seq <= position)
    if newest is not None:
        raise_rev(tx, conversation)
        announce_message_change(tx, newest)


def _newest(tx: Transaction, *conditions: ColumnElement[bool]) -> Message | None:
    return tx.session.scalar(select(Message).where(*conditions).order_by(Message.seq.desc()).limit(1))


def _count(tx: Transaction, *conditions: ColumnElement[bool]) -> int:
    """Messages above a read position: none at all in the usual case, which the index answers at once."""
    return tx.session.scalars(select(func.count()).select_from(Message).where(*conditions)).one()
