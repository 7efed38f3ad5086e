"""Namespace /agent: the company's live events, for signed-in agents and API tokens."""

from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request
from flask_login import current_user
from flask_socketio import join_room, leave_room

from actions.access import access_conversation
from actions.agents import agent_of_token, agent_still
from actions.presence import agent_acts, agent_came, agent_left
from actions.reading import read_by_team
from actions.typing import agent_types, look_at, look_away
from blueprints.events import auth_text, on_connect, on_disconnect, on_event, refuse_unknown_events
from emit import AGENT_NAMESPACE, company_room, conversation_room
from errors import Forbidden, Unauthorized
from models import Agent
from schemas.events import InConversation, Typing, UpTo

Who = dict[str, str]


def init_agent_sockets() -> None:
    on_connect(AGENT_NAMESPACE, _admit)
    on_disconnect(AGENT_NAMESPACE, agent_left)
    on_event(AGENT_NAMESPACE, "conversation:join", InConversation(), _join)
    on_event(AGENT_NAMESPACE, "conversation:leave", InConversation(), _leave)
    on_event(AGENT_NAMESPACE, "message:delivered", UpTo(), _delivered)
    on_event(AGENT_NAMESPACE, "message:read", UpTo(), _read)
    on_event(AGENT_NAMESPACE, "typing", Typing(), _types)
    refuse_unknown_events(AGENT_NAMESPACE)


def _admit(auth: Any) -> Who:
    token = auth_text(auth, "token")
    agent = agent_of_token(token) if token else _agent_of_cookie()
    if agent is None:
        raise Unauthorized("Sign in, or send an API token.")
    join_room(company_room(agent.company_id))
    agent_came(agent, request.sid)  # type: ignore[attr-defined]
    return {"agent_id": agent.id}


def _agent_of_cookie() -> Agent | None:
    """The signed-in agent, if our own page asks: a cookie alone would let any site listen in."""
    if not current_user.is_authenticated:
        return None
    if not _same_origin():
        raise Forbidden("Only Deskbell's own pages may connect with a session.")
    return current_user.agent  # type: ignore[no-any-return]


def _same_origin() -> bool:
    origin = request.headers.get("Origin")
    if origin is None:
        return request.headers.get("Sec-Fetch-Site") == "same-origin"
    ours = {request.host, urlsplit(current_app.config["PUBLIC_URL"]).netloc}
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and parts.netloc in ours


def _agent(who: Who) -> Agent:
    agent = agent_still(who["agent_id"])
    if agent is None:
        raise Unauthorized("This agent was removed.")
    agent_acts(agent)
    return agent


def _join(who: Who, data: dict[str, Any]) -> dict[str, Any]:
    agent = _agent(who)
    conversation = access_conversation(agent, data["conversation_id"])
    join_room(conversation_room(conversation.id))
    look_at(agent, who["sid"], conversation.id)
    return {"conversationId": conversation.id, "lastSeq": conversation.last_seq}


def _leave(who: Who, data: dict[str, Any]) -> dict[str, Any]:
    agent = _agent(who)
    conversation = access_conversation(agent, data["conversation_id"])
    leave_room(conversation_room(conversation.id))
    look_away(agent, who["sid"], conversation.id)
    return {"conversationId": conversation.id}


def _types(who: Who, data: dict[str, Any]) -> None:
    agent_types(_agent(who), who["sid"], data)


def _delivered(who: Who, data: dict[str, Any]) -> None:
    """A customer's message has no state between SENT and READ: the team having received it changes nothing."""
    access_conversation(_agent(who), data["conversation_id"])


def _read(who: Who, data: dict[str, Any]) -> None:
    read_by_team(_agent(who), data["conversation_id"], data["seq"])
