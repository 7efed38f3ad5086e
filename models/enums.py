"""The closed lists of the contract. Stored as their text."""

from enum import StrEnum


class Platform(StrEnum):
    WIDGET = "WIDGET"
    FACEBOOK = "FACEBOOK"
    INSTAGRAM = "INSTAGRAM"


class AgentRole(StrEnum):
    OWNER = "OWNER"
    ADMIN = "ADMIN"
    AGENT = "AGENT"


class Availability(StrEnum):
    ONLINE = "ONLINE"
    AWAY = "AWAY"


class ConversationStatus(StrEnum):
    OPEN = "OPEN"
    PENDING = "PENDING"
    SNOOZED = "SNOOZED"
    RESOLVED = "RESOLVED"


class MessageRole(StrEnum):
    USER = "USER"
    AGENT = "AGENT"
    BOT = "BOT"
    SYSTEM = "SYSTEM"


class DeliveryStatus(StrEnum):
    QUEUED = "QUEUED"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    READ = "READ"
    FAILED = "FAILED"
