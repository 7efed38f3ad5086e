"""One table a file: columns, small facts, state changes of itself."""

from models.agent import Agent
from models.api_token import ApiToken
from models.channel import Channel
from models.company import Company
from models.contact import Contact, ContactIdentity
from models.conversation import Conversation
from models.message import Message

__all__ = ["Agent", "ApiToken", "Channel", "Company", "Contact", "ContactIdentity", "Conversation", "Message"]
