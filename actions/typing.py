"""Who is typing, and which agents look at a conversation. Told, never stored; it ends by itself."""

from time import monotonic
from typing import Any

import emit
from actions.access import access_conversation, access_own_conversation
from actions.courtesy import show_typing
from actions.identity import Visitor
from actions.live import TYPING_FOR, AgentSeat, VisitorSeat, live
from models import Agent, Conversation
from models.enums import MessageRole
from store import tell

AGAIN_AFTER = 1.0  # seconds within which the same is not told again
PREVIEW = 500  # code points of a visitor's unsent text


def agent_types(agent: Agent, sid: str, data: dict[str, Any]) -> None:
    """Tell the team and the visitor. `data`: conversation_id, is_typing."""
    conversation = access_conversation(agent, data["conversation_id"])
    seat = live().agents.get(sid)
    if seat is not None and _is_news(seat, conversation.id, data["is_typing"]):
        _tell_typing(conversation, agent.id, MessageRole.AGENT, agent.name, data["is_typing"], sid)
        tell_viewers(agent.company_id, conversation.id)
        if data["is_typing"]:
            show_typing(conversation)


def visitor_types(visitor: Visitor, sid: str, data: dict[str, Any]) -> None:
    """Tell the team, with the unsent text where the channel is switched to that."""
    conversation = access_own_conversation(visitor, data["conversation_id"])
    seat = live().visitors.get(sid)
    preview = None
    if conversation.channel.settings.get("sneakPeek"):
        preview = (data["preview"] or "")[:PREVIEW]
    if seat is not None and (_is_news(seat, conversation.id, data["is_typing"]) or preview is not None):
        contact = conversation.contact
        is_typing = data["is_typing"]
        _tell_typing(conversation, contact.id, MessageRole.USER, contact.display_name, is_typing, sid, preview)


def look_at(agent: Agent, sid: str, conversation_id: str) -> None:
    if seat := live().agents.get(sid):
        seat.looking_at.add(conversation_id)
        tell_viewers(agent.company_id, conversation_id)


def look_away(agent: Agent, sid: str, conversation_id: str) -> None:
    if seat := live().agents.get(sid):
        seat.looking_at.discard(conversation_id)
        stop_typing(seat, conversation_id)
        tell_viewers(agent.company_id, conversation_id)


def tell_viewers(company_id: str, conversation_id: str) -> None:
    """Tell the agents who look at a conversation who else does. Who is alone, and was, is told nothing."""
    viewers: dict[str, dict[str, Any]] = {}
    for seat in live().looking_at(conversation_id):
        viewer = viewers.setdefault(seat.agent_id, {"id": seat.agent_id, "name": seat.name, "isTyping": False})
        viewer["isTyping"] |= seat.is_typing(conversation_id)
    if len(viewers) < 2 and conversation_id not in live().shared:
        return
    (live().shared.add if len(viewers) > 1 else live().shared.discard)(conversation_id)
    payload = {"conversationId": conversation_id, "agents": list(viewers.values())}
    rooms = (emit.conversation_room(conversation_id),)
    event = emit.CONVERSATION_VIEWERS
    tell(emit.Announcement(event, payload, emit.AGENT_NAMESPACE, rooms, company_id, conversation_id))


def stop_typing(seat: AgentSeat | VisitorSeat, conversation_id: str) -> None:
    """Of a socket that went away, or looked away."""
    if conversation_id not in seat.typing_in:
        return
    del seat.typing_in[conversation_id]
    if isinstance(seat, AgentSeat):
        payload = _payload(conversation_id, seat.agent_id, MessageRole.AGENT, seat.name, False)
        _tell_agents(seat.company_id, conversation_id, payload)


def _is_news(seat: AgentSeat | VisitorSeat, conversation_id: str, is_typing: bool) -> bool:
    """Note it on the seat. False if it was said a moment ago."""
    until = seat.typing_in.get(conversation_id, 0.0)
    if not is_typing:
        return seat.typing_in.pop(conversation_id, None) is not None
    seat.typing_in[conversation_id] = monotonic() + TYPING_FOR
    return until < monotonic() + TYPING_FOR - AGAIN_AFTER


def _tell_typing(
    conversation: Conversation,
    author_id: str,
    role: MessageRole,
    name: str,
    is_typing: bool,
    sid: str,
    preview: str | None = None,
) -> None:
    payload = _payload(conversation.id, author_id, role, name, is_typing)
    more = {} if preview is None else {"preview": preview}
    _tell_agents(conversation.company_id, conversation.id, {**payload, **more}, sid)
    if role == MessageRole.AGENT:
        rooms = (emit.visitor_room(conversation.channel_id, conversation.identity.psid),)
        event, namespace = emit.TYPING, emit.WIDGET_NAMESPACE
        tell(emit.Announcement(event, payload, namespace, rooms, conversation.company_id, conversation.id))


def _tell_agents(company_id: str, conversation_id: str, payload: dict[str, Any], sid: str | None = None) -> None:
    rooms = (emit.company_room(company_id), emit.conversation_room(conversation_id))
    namespace = emit.AGENT_NAMESPACE
    tell(emit.Announcement(emit.TYPING, payload, namespace, rooms, company_id, conversation_id, skip=sid))


def _payload(conversation_id: str, author_id: str, role: MessageRole, name: str, is_typing: bool) -> dict[str, Any]:
    return {
        "conversationId": conversation_id,
        "authorId": author_id,
        "role": str(role),
        "name": name,
        "isTyping": is_typing,
    }
