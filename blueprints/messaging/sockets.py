"""Namespace /agent: the company's live events, for signed-in agents and API tokens."""

from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request
from flask_login import current_user
from flask_socketio import join_room, leave_room

from actions.access import access_conversation
from actions.agents import agent_still
from actions.presence import agent_acts, agent_came, agent_left
from actions.reading import read_by_team
from actions.sessions import note_seen
from actions.tokens import token_of
from actions.typing import agent_types, look_at, look_away
from blueprints.events import auth_text, on_connect, on_disconnect, on_event, refuse_unknown_events
from emit import AGENT_NAMESPACE, agent_room, company_room, conversation_room, session_room, token_room
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
    secret = auth_text(auth, "token")
    agent, door = _by_token(secret) if secret else _by_cookie()
    join_room(company_room(agent.company_id))
    join_room(agent_room(agent.id))
    join_room(door)
    agent_came(agent, request.sid, door)  # type: ignore[attr-defined]
    return {"agent_id": agent.id}


def _by_token(secret: str) -> tuple[Agent, str]:
    token = token_of(secret)
    if token is None:
        raise Unauthorized("The API token is not valid.")
    return token.agent, token_room(token.id)


def _by_cookie() -> tuple[Agent, str]:
    """The signed-in agent, if our own page asks: a cookie alone would let any site listen in."""
    if not current_user.is_authenticated:
        raise Unauthorized("Sign in, or send an API token.")
    if not _same_origin():
        raise Forbidden("Only Deskbell's own pages may connect with a session.")
    note_seen(current_user)
    return current_user.agent, session_room(current_user.id)


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
