"""One table a file: columns, small facts, state changes of itself."""

from models.agent import Agent
from models.agent_session import AgentSession
from models.api_token import ApiToken
from models.attachment import Attachment
from models.channel import Channel
from models.company import Company
from models.contact import Contact, ContactIdentity
from models.conversation import Conversation
from models.invite import Invite
from models.message import Message
from models.message_part import MessagePart
from models.outbox import OutboxItem
from models.password_reset import PasswordReset
from models.platform_event import PlatformEvent
from models.platform_fact import PlatformFact

__all__ = [
    "Agent",
    "AgentSession",
    "ApiToken",
    "Attachment",
    "Channel",
    "Company",
    "Contact",
    "ContactIdentity",
    "Conversation",
    "Invite",
    "Message",
    "MessagePart",
    "OutboxItem",
    "PasswordReset",
    "PlatformEvent",
    "PlatformFact",
]
