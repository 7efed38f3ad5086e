"""What the four events say. Every author on every platform is announced from here, in the same shape."""

from typing import Any

from sqlalchemy import func, select, update

from actions.present import for_agents, for_visitor
from models import Company, Conversation, Message
from models.types import now
from schemas.agent import ConversationShape
from schemas.base import moment_text
from schemas.visitor import PersonShape, VisitorConversationShape
from store import Transaction

_conversation = ConversationShape()
_person = PersonShape()
_visitor_conversation = VisitorConversationShape()

# What every conversation:updated carries beside the rev and whatever else changed.
_ALWAYS = ("lastMessageAt", "messageCount", "unreadCount", "status", "rev")


def raise_rev(tx: Transaction, conversation: Conversation) -> None:
    """Give the conversation the company's next revision. The company's row stays locked until the commit,
    so that revisions become visible in their order."""
    query = update(Company).where(Company.id == conversation.company_id).values(rev=Company.rev + 1)
    conversation.rev = tx.session.execute(query.returning(Company.rev)).scalar_one()
    tx.session.flush()


def announce_message(tx: Transaction, message: Message, *, begins: bool = False, changed: tuple[str, ...] = ()) -> None:
    """Tell of a stored message. `begins`: its conversation is new. `changed`: keys of Conversation
    beyond the counters that this message changed with it."""
    conversation = message.conversation
    shape = _conversation.dump(conversation)
    if begins:
        _tell_agents(tx, conversation, "conversation:new", {"conversation": shape, "rev": conversation.rev})
    payload = {"message": for_agents(message), "conversation": shape, "rev": conversation.rev}
    _tell_agents(tx, conversation, "message:new", payload)
    if message.internal:
        return
    _tell_visitor(tx, conversation, "message:new", visitor_payload(message))
    _tell_agents(tx, conversation, "conversation:view-update", _view_update(message, shape))
    announce_change(tx, conversation, ("lastMessage", "lastSeq", *changed))


def announce_change(tx: Transaction, conversation: Conversation, changed: tuple[str, ...]) -> None:
    """Tell agents of the named keys of a conversation, and its visitor if they concern him."""
    shape = _conversation.dump(conversation)
    payload = {"conversationId": conversation.id, **{key: shape[key] for key in (*_ALWAYS, *changed)}}
    _tell_agents(tx, conversation, "conversation:updated", payload)
    if {"status", "assignee"} & set(changed):
        assignee = _person.dump(conversation.assignee) if conversation.assignee else None
        news = {"conversationId": conversation.id, "status": conversation.status, "assignee": assignee}
        _tell_visitor(tx, conversation, "conversation:updated", news)


def announce_message_change(tx: Transaction, message: Message) -> None:
    """Tell both sides that a message's status changed."""
    conversation = message.conversation
    _tell_agents(tx, conversation, "message:updated", {"message": for_agents(message), "rev": conversation.rev})
    if not message.internal:
        payload = {"message": for_visitor(message), "rev": conversation.rev}
        _tell_visitor(tx, conversation, "message:updated", payload)


def renew_preview(tx: Transaction, conversation: Conversation) -> None:
    """The list shows the newest message as it is now: for where a message changed after it was stored."""
    public = (Message.conversation_id == conversation.id, Message.public_seq.is_not(None))
    newest = select(func.max(Message.created_at)).where(*public).scalar_subquery()
    rows = tx.session.scalars(select(Message).where(*public, Message.created_at == newest)).all()
    if not rows:
        return
    shown = max(rows, key=lambda row: (row.role, row.preview))
    before = (conversation.last_message_text, conversation.last_message_role)
    conversation.last_message_text, conversation.last_message_role = shown.preview, shown.role
    if before != (shown.preview, shown.role):
        raise_rev(tx, conversation)
        announce_change(tx, conversation, ("lastMessage",))


def agent_payload(message: Message) -> dict[str, Any]:
    return {"message": for_agents(message)}


def visitor_payload(message: Message) -> dict[str, Any]:
    return {
        "message": for_visitor(message),
        "conversation": _visitor_conversation.dump(message.conversation),
    }


def _view_update(message: Message, conversation_shape: dict[str, Any]) -> dict[str, Any]:
    return {
        "conversationId": message.conversation_id,
        "type": "new_message",
        "message": conversation_shape["lastMessage"],
        "lastMessageAt": conversation_shape["lastMessageAt"],
        "timestamp": moment_text(now()),
        "rev": message.conversation.rev,
    }


def _tell_agents(tx: Transaction, conversation: Conversation, event: str, payload: dict[str, Any]) -> None:
    tx.emit(event, payload, company=conversation.company_id, conversation=conversation.id)


def _tell_visitor(tx: Transaction, conversation: Conversation, event: str, payload: dict[str, Any]) -> None:
    visitor = (conversation.channel_id, conversation.identity.psid)
    tx.emit(event, payload, company=conversation.company_id, conversation=conversation.id, visitor=visitor)
