"""Namespace /widget: a visitor hears his own conversations, also one that begins after he connected."""

from typing import Any

from flask import request
from flask_socketio import join_room

from actions.access import access_own_conversation
from actions.identity import Visitor, visitor_of
from actions.presence import visitor_came, visitor_left, visitor_turns_page
from actions.reading import delivered_to_visitor, read_by_visitor
from actions.typing import visitor_types
from actions.visitors import channel_of
from blueprints.events import auth_text, on_connect, on_disconnect, on_event, refuse_unknown_events
from blueprints.guard import check_origin
from emit import WIDGET_NAMESPACE, visitor_room, visitors_room
from errors import Unauthorized
from schemas.events import InConversation, PageShown, Typing, UpTo

Who = dict[str, str]


def init_visitor_sockets() -> None:
    on_connect(WIDGET_NAMESPACE, _admit)
    on_disconnect(WIDGET_NAMESPACE, visitor_left)
    on_event(WIDGET_NAMESPACE, "conversation:join", InConversation(), _join)
    on_event(WIDGET_NAMESPACE, "conversation:leave", InConversation(), _leave)
    on_event(WIDGET_NAMESPACE, "message:delivered", UpTo(), _delivered)
    on_event(WIDGET_NAMESPACE, "message:read", UpTo(), _read)
    on_event(WIDGET_NAMESPACE, "presence:page", PageShown(), _turns_page)
    on_event(WIDGET_NAMESPACE, "typing", Typing(), _types)
    refuse_unknown_events(WIDGET_NAMESPACE)


def _admit(auth: Any) -> Who:
    visitor = visitor_of(auth_text(auth, "visitorToken"))
    channel = channel_of(visitor) if visitor else None
    if visitor is None or channel is None:
        raise Unauthorized("The visitor token is missing or not valid. Call init for a new one.")
    check_origin(channel)
    join_room(visitor_room(visitor.channel_id, visitor.psid))
    join_room(visitors_room(channel.company_id))
    visitor_came(visitor, channel, request.sid)  # type: ignore[attr-defined]
    return {"channel_id": visitor.channel_id, "psid": visitor.psid}


def _visitor(who: Who) -> Visitor:
    return Visitor(who["channel_id"], who["psid"])


def _join(who: Who, data: dict[str, Any]) -> dict[str, Any]:
    """There is nothing to add: the visitor's room hears all of his conversations."""
    conversation = access_own_conversation(_visitor(who), data["conversation_id"])
    return {"conversationId": conversation.id, "lastSeq": conversation.message_count}


def _leave(who: Who, data: dict[str, Any]) -> dict[str, Any]:
    conversation = access_own_conversation(_visitor(who), data["conversation_id"])
    return {"conversationId": conversation.id}


def _delivered(who: Who, data: dict[str, Any]) -> None:
    delivered_to_visitor(_visitor(who), data["conversation_id"], data["seq"])


def _read(who: Who, data: dict[str, Any]) -> None:
    read_by_visitor(_visitor(who), data["seq"], data["conversation_id"])


def _types(who: Who, data: dict[str, Any]) -> None:
    visitor_types(_visitor(who), who["sid"], data)


def _turns_page(who: Who, data: dict[str, Any]) -> None:
    visitor_turns_page(_visitor(who), who["sid"], data)
