"""What the outside is told: event names, room names, and the only calls of `socketio.emit`.

Nobody calls `send` but `store`, after a commit. An emit that fails is logged and counted; it never
fails the request. Log lines say which event went to which conversation and company, never the text.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import structlog

from extensions import socketio

log = structlog.get_logger(__name__)

AGENT_NAMESPACE = "/agent"
WIDGET_NAMESPACE = "/widget"

CONVERSATION_NEW = "conversation:new"
CONVERSATION_UPDATED = "conversation:updated"
CONVERSATION_VIEW_UPDATE = "conversation:view-update"
CONVERSATION_VIEWERS = "conversation:viewers"
MESSAGE_NEW = "message:new"
MESSAGE_UPDATED = "message:updated"
PRESENCE = "presence"
TYPING = "typing"
EVENTS = frozenset(
    {
        CONVERSATION_NEW,
        CONVERSATION_UPDATED,
        CONVERSATION_VIEW_UPDATE,
        CONVERSATION_VIEWERS,
        MESSAGE_NEW,
        MESSAGE_UPDATED,
        PRESENCE,
        TYPING,
    }
)

# How often: announcements sent, failed, timed out, dropped because too many were waiting.
counts: Counter[str] = Counter()


def company_room(company_id: str) -> str:
    return f"company:{company_id}"


def conversation_room(conversation_id: str) -> str:
    return f"conversation:{conversation_id}"


def visitor_room(channel_id: str, psid: str) -> str:
    return f"visitor:{channel_id}:{psid}"


def agent_room(agent_id: str) -> str:
    return f"agent:{agent_id}"


def session_room(session_id: str) -> str:
    return f"session:{session_id}"


def token_room(token_id: str) -> str:
    return f"token:{token_id}"


def visitors_room(company_id: str) -> str:
    """All of a company's visitors that are connected: they hear whether the team is there."""
    return f"visitors:{company_id}"


@dataclass(frozen=True)
class Announcement:
    """One event for one audience. `rooms` reach each socket once, however many of them it is in; `skip` is a socket
    that does not hear it."""

    event: str
    payload: dict[str, Any]
    namespace: str
    rooms: tuple[str, ...]
    company_id: str
    conversation_id: str
    request_id: str = ""  # of the request that caused it, for the log
    skip: str | None = None

    def __post_init__(self) -> None:
        if self.event not in EVENTS:
            raise ValueError(f"{self.event} is not an event of docs/events.md")


def send(announcement: Announcement) -> None:
    """Tell everyone in the rooms. Never raises."""
    try:
        socketio.emit(
            announcement.event,
            announcement.payload,
            namespace=announcement.namespace,
            to=list(announcement.rooms),
            skip_sid=announcement.skip,
        )
    except Exception as error:  # whatever the transport does, the message is stored and the request succeeds
        failed(announcement, type(error).__name__)
    else:
        counts["sent"] += 1
        _log("event_sent", announcement)


def disconnect(room: str) -> None:
    """Close the sockets of a room on this process: of an agent, a session, a token or a visitor shut out."""
    namespace = WIDGET_NAMESPACE if room.startswith("visitor:") else AGENT_NAMESPACE
    for sid, _ in list(socketio.server.manager.get_participants(namespace, room)):
        try:
            socketio.server.disconnect(sid, namespace=namespace)
        except Exception as error:  # it is gone already
            log.info("disconnect_failed", error=type(error).__name__)


def failed(announcement: Announcement, why: str) -> None:
    counts["failed"] += 1
    _log("event_failed", announcement, error=why)


def dropped(announcement: Announcement) -> None:
    counts["dropped"] += 1
    _log("event_dropped", announcement)


def _log(line: str, announcement: Announcement, **more: str) -> None:
    log.info(
        line,
        event_name=announcement.event,
        namespace=announcement.namespace,
        conversation=announcement.conversation_id,
        company=announcement.company_id,
        request_id=announcement.request_id,
        **more,
    )
