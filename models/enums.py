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


class PartStatus(StrEnum):
    """Of one request's worth of a message. SENDING: asked, not answered. UNKNOWN: nobody knows; an echo may tell."""

    QUEUED = "QUEUED"
    SENDING = "SENDING"
    UNKNOWN = "UNKNOWN"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    READ = "READ"
    FAILED = "FAILED"


class EventState(StrEnum):
    NEW = "NEW"
    DONE = "DONE"
    IGNORED = "IGNORED"
    FAILED = "FAILED"


class ChannelState(StrEnum):
    """RESTRICTED: by the platform, for a while. In both of the last nothing leaves; messages keep coming in."""

    CONNECTED = "CONNECTED"
    DISCONNECTED = "DISCONNECTED"
    RESTRICTED = "RESTRICTED"
    NEEDS_REAUTH = "NEEDS_REAUTH"
