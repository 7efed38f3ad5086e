"""Who may get what. Not there and not yours are the same answer: NotFound.

Both doors and the sockets find rows only through here. Inside a `write()` block pass its session and
`lock=True`: the row then stays locked until the commit (on SQLite the whole block is alone anyway).
"""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from actions.identity import Visitor
from errors import NotFound
from extensions import db
from models import Agent, Channel, ContactIdentity, Conversation, Message
from models.enums import Platform
from schemas.base import plain_id


def access_conversation(
    agent: Agent, conversation_id: str, session: Session | None = None, *, lock: bool = False
) -> Conversation:
    query = select(Conversation).where(
        Conversation.id == plain_id(conversation_id), Conversation.company_id == agent.company_id
    )
    return _one(query, session, Conversation if lock else None)


def access_message(agent: Agent, message_id: str, session: Session) -> Message:
    query = select(Message).where(Message.id == plain_id(message_id), Message.company_id == agent.company_id)
    return _one(query, session, None)


def access_widget(widget_key: str) -> Channel:
    query = select(Channel).where(Channel.platform == Platform.WIDGET, Channel.external_id == plain_id(widget_key))
    return _one(query, None, None)


def access_own_conversation(
    visitor: Visitor, conversation_id: str | None = None, session: Session | None = None, *, lock: bool = False
) -> Conversation:
    """The visitor's conversation of that id, or his current one."""
    query = own_conversations(visitor)
    if conversation_id is not None:
        query = query.where(Conversation.id == plain_id(conversation_id))
    return _one(query.limit(1), session, Conversation if lock else None)


def own_conversations(visitor: Visitor) -> Select[Conversation]:
    """The visitor's conversations, newest first. The first is the current one."""
    return (
        select(Conversation)
        .join(ContactIdentity, Conversation.identity_id == ContactIdentity.id)
        .where(ContactIdentity.channel_id == visitor.channel_id, ContactIdentity.psid == visitor.psid)
        .order_by(Conversation.created_at.desc(), Conversation.id.desc())
    )


def _one(query: Select[Any], session: Session | None, lock: type[Any] | None) -> Any:
    if lock is not None:
        query = query.with_for_update(of=lock)
    row = (session or db.session).scalar(query)
    if row is None:
        raise NotFound()
    return row
