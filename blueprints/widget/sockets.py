"""Namespace /widget: a visitor hears his own conversations, also one that begins after he connected."""

from typing import Any

from flask_socketio import join_room

from actions.access import access_own_conversation
from actions.identity import Visitor, visitor_of
from actions.reading import delivered_to_visitor, read_by_visitor
from actions.visitors import channel_of
from blueprints.events import auth_text, on_connect, on_event, refuse_unknown_events
from blueprints.guard import check_origin
from emit import WIDGET_NAMESPACE, visitor_room
from errors import Unauthorized
from schemas.events import InConversation, UpTo

Who = dict[str, str]


def init_visitor_sockets() -> None:
    on_connect(WIDGET_NAMESPACE, _admit)
    on_event(WIDGET_NAMESPACE, "conversation:join", InConversation(), _join)
    on_event(WIDGET_NAMESPACE, "conversation:leave", InConversation(), _leave)
    on_event(WIDGET_NAMESPACE, "message:delivered", UpTo(), _delivered)
    on_event(WIDGET_NAMESPACE, "message:read", UpTo(), _read)
    refuse_unknown_events(WIDGET_NAMESPACE)


def _admit(auth: Any) -> Who:
    visitor = visitor_of(auth_text(auth, "visitorToken"))
    channel = channel_of(visitor) if visitor else None
    if visitor is None or channel is None:
        raise Unauthorized("The visitor token is missing or not valid. Call init for a new one.")
    check_origin(channel)
    join_room(visitor_room(visitor.channel_id, visitor.psid))
    return {"channel_id": visitor.channel_id, "psid": visitor.psid}


def _join(who: Who, data: dict[str, Any]) -> dict[str, Any]:
    """There is nothing to add: the visitor's room hears all of his conversations."""
    conversation = access_own_conversation(Visitor(**who), data["conversation_id"])
    return {"conversationId": conversation.id, "lastSeq": conversation.message_count}


def _leave(who: Who, data: dict[str, Any]) -> dict[str, Any]:
    conversation = access_own_conversation(Visitor(**who), data["conversation_id"])
    return {"conversationId": conversation.id}


def _delivered(who: Who, data: dict[str, Any]) -> None:
    delivered_to_visitor(Visitor(**who), data["conversation_id"], data["seq"])


def _read(who: Who, data: dict[str, Any]) -> None:
    read_by_visitor(Visitor(**who), data["seq"], data["conversation_id"])
