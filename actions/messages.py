"""The way of a message: every door stores it through `add_message` and tells of it through `announce_message`."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, select

from actions.access import access_conversation, access_message, own_conversations
from actions.announce import (
    agent_payload,
    announce_change,
    announce_message,
    announce_message_change,
    raise_rev,
    visitor_payload,
)
from actions.attachments import delete_files, take_uploads
from actions.courtesy import show_seen
from actions.identity import Visitor
from actions.leaving import check_window, queue_message, requeue_message
from actions.reading import newest_unread
from actions.visitors import find_or_make_identity, learn_about
from errors import Conflict, Forbidden, Invalid
from models import Agent, Attachment, ContactIdentity, Conversation, Message
from models.enums import AgentRole, DeliveryStatus, MessageRole, Platform
from store import Transaction, retry_race, write


@dataclass(frozen=True)
class Sent:
    """What a sender is answered. `created`: false for a repeated clientId, which stores nothing.
    `begins`: the message began a conversation."""

    payload: dict[str, Any]
    created: bool
    begins: bool


@retry_race
def send_visitor_message(visitor: Visitor, data: dict[str, Any], user_agent: str | None) -> Sent:
    """Store a visitor's message in his current conversation, or begin one.

    `data`: text, client_id, attachment_ids, reply_to, new_conversation, and what the widget knows about the visitor.
    """
    with write() as tx:
        identity = find_or_make_identity(tx, visitor, data["identity"])
        if twin := _twin(tx, Message.identity_id == identity.id, data["client_id"]):
            return Sent(visitor_payload(twin), created=False, begins=False)
        conversation = None if data["new_conversation"] else current_conversation(tx, visitor)
        begins = conversation is None
        conversation = conversation or begin_conversation(tx, identity)
        changed = learn_about(tx, conversation, data, user_agent)
        if conversation.reopen():
            changed = (*changed, "status")
        message = Message(
            role=MessageRole.USER,
            identity_id=identity.id,
            client_id=data["client_id"],
            text=data["text"],
            status=DeliveryStatus.SENT,
            attachments=take_uploads(tx, data["attachment_ids"], visitor),
            reply_to=_quoted(tx, conversation, data["reply_to"], public=True),
        )
        add_message(tx, conversation, message)
        announce_message(tx, message, begins=begins, changed=changed)
        return Sent(visitor_payload(message), created=True, begins=begins)


@retry_race
def send_agent_message(agent: Agent, data: dict[str, Any]) -> Sent:
    """Store an agent's reply or note. `data`: conversation_id, text, client_id, private, attachment_ids,
    reply_to."""
    with write() as tx:
        conversation = access_conversation(agent, data["conversation_id"], tx.session, lock=True)
        if twin := _twin(tx, Message.agent_id == agent.id, data["client_id"]):
            return Sent(agent_payload(twin), created=False, begins=False)
        message = Message(
            role=MessageRole.AGENT,
            agent_id=agent.id,
            client_id=data["client_id"],
            text=data["text"],
            private=data["private"],
            status=None if data["private"] else DeliveryStatus.SENT,
            attachments=take_uploads(tx, data["attachment_ids"], agent),
            reply_to=_quoted(tx, conversation, data["reply_to"], public=not data["private"]),
        )
        leaves = not (message.private or conversation.channel.is_widget)
        if leaves:
            check_window(conversation)
            message.status = DeliveryStatus.QUEUED
        unread = newest_unread(tx, conversation)
        add_message(tx, conversation, message)
        if leaves:
            queue_message(tx, message)
        announce_message(tx, message)
        if unread is not None and not message.private:
            announce_message_change(tx, unread)
            show_seen(conversation)
        return Sent(agent_payload(message), created=True, begins=False)


def retry_message(agent: Agent, message_id: str) -> dict[str, Any]:
    """Queue a failed message again. Conflict unless it is FAILED."""
    with write() as tx:
        message = access_message(agent, message_id, tx.session)
        access_conversation(agent, message.conversation_id, tx.session, lock=True)
        if message.status != DeliveryStatus.FAILED:
            raise Conflict("Only a failed message can be sent again.")
        check_window(message.conversation)
        message.status, message.error = DeliveryStatus.QUEUED, None
        requeue_message(tx, message)
        raise_rev(tx, message.conversation)
        announce_message_change(tx, message)
        return agent_payload(message)


def delete_message(agent: Agent, message_id: str) -> dict[str, Any]:
    """Take back what the team wrote to a widget's visitor: text and attachments are gone, the place of it stays.
    Its author may, and admins. Conflict for what cannot be taken back."""
    with write() as tx:
        message = access_message(agent, message_id, tx.session)
        conversation = access_conversation(agent, message.conversation_id, tx.session, lock=True)
        if message.role != MessageRole.AGENT or conversation.channel.platform != Platform.WIDGET:
            raise Conflict("Only what the team wrote in the website chat can be removed.")
        if message.agent_id != agent.id and agent.role == AgentRole.AGENT:
            raise Forbidden("Only its author and admins may remove a message.")
        files = [attachment.file for attachment in message.attachments]
        message.text, message.attachments[:] = "", []
        message.meta = {**message.meta, "removed": True}
        tx.session.execute(delete(Attachment).where(Attachment.message_id == message.id))
        raise_rev(tx, conversation)
        announce_message_change(tx, message)
        if not message.internal and message.public_seq == conversation.message_count:
            conversation.last_message_text = message.preview
            announce_change(tx, conversation, ("lastMessage",))
        payload = agent_payload(message)
    delete_files(files)
    return payload


def add_system_line(tx: Transaction, conversation: Conversation, text: str, meta: dict[str, Any]) -> None:
    """An activity line, for the team only."""
    message = Message(role=MessageRole.SYSTEM, text=text, meta=meta, attachments=[])
    add_message(tx, conversation, message)
    announce_message(tx, message)


def add_message(tx: Transaction, conversation: Conversation, message: Message) -> None:
    """Number a message and count it on its conversation, whose row the caller holds locked."""
    conversation.last_seq += 1
    message.seq = conversation.last_seq
    message.conversation = conversation
    message.company_id, message.channel_id = conversation.company_id, conversation.channel_id
    tx.session.add(message)
    tx.session.flush()
    if not message.internal:
        _count_public(conversation, message)
    raise_rev(tx, conversation)


def _count_public(conversation: Conversation, message: Message) -> None:
    conversation.message_count += 1
    message.public_seq = conversation.message_count
    if conversation.message_count == 1 or _is_newest(conversation, message):
        conversation.last_message_text = message.preview
        conversation.last_message_role = message.role
        conversation.last_message_at = message.created_at
    if message.role == MessageRole.USER:
        conversation.unread_count += message.status != DeliveryStatus.READ
        return
    conversation.visitor_unread_count += 1
    if message.agent_id is not None:  # who answers has read
        conversation.unread_count = 0
        conversation.team_read_seq = message.seq


def _is_newest(conversation: Conversation, message: Message) -> bool:
    """Whether the list shows this message. On a platform, of two at the same moment always the same one, in
    whatever order they come."""
    if conversation.channel.is_widget:
        return message.created_at >= conversation.last_message_at
    shown = (conversation.last_message_at, conversation.last_message_role, conversation.last_message_text)
    return (message.created_at, message.role, message.preview) > shown


def begin_conversation(tx: Transaction, identity: ContactIdentity) -> Conversation:
    conversation = Conversation(
        company_id=identity.contact.company_id,
        channel_id=identity.channel_id,
        contact=identity.contact,
        identity=identity,
    )
    tx.session.add(conversation)
    tx.session.flush()
    return conversation


def current_conversation(tx: Transaction, visitor: Visitor) -> Conversation | None:
    return tx.session.scalar(own_conversations(visitor).limit(1).with_for_update(of=Conversation))


def _twin(tx: Transaction, author: ColumnElement[bool], client_id: str) -> Message | None:
    """The message that this author already sent under this clientId."""
    return tx.session.scalar(select(Message).where(author, Message.client_id == client_id))


def _quoted(tx: Transaction, conversation: Conversation, message_id: str | None, *, public: bool) -> Message | None:
    """The message replied to. A public one must not quote an internal one: the visitor would read it."""
    if message_id is None:
        return None
    query = select(Message).where(Message.id == message_id, Message.conversation_id == conversation.id)
    message = tx.session.scalar(query)
    if message is None or (public and message.internal):
        raise Invalid({"replyTo": ["No such message in this conversation."]})
    return message
