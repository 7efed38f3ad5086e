"""The team's own door: profile, sessions, colleagues, invites, API tokens."""

from typing import Any

from flask import Blueprint, g

from actions import invites, sessions, team, tokens
from actions.presence import list_present
from blueprints.endpoint import endpoint
from blueprints.limits import failed_password_changes, invitations
from schemas.agent import AgentAnswer, AgentList, PresenceAnswer
from schemas.base import Nothing
from schemas.team import (
    ChangePassword,
    ChangeRole,
    CreateInvite,
    CreateToken,
    InviteList,
    NewInviteAnswer,
    SessionList,
    TokenAnswer,
    TokenList,
    UpdateProfile,
)

people = Blueprint("people", __name__)

Answer = dict[str, Any] | tuple[dict[str, Any], int]


@people.patch("/api/me")
@endpoint("Change name or availability", body=UpdateProfile, answers={200: AgentAnswer})
def update_me(data: dict[str, Any]) -> Answer:
    return team.update_profile(g.agent, data)


@people.post("/api/me/password")
@failed_password_changes
@endpoint("Change the password; other sessions end", body=ChangePassword, answers={200: Nothing})
def change_password(data: dict[str, Any]) -> Answer:
    return team.change_password(g.agent, data, g.session_id)


@people.get("/api/me/sessions")
@endpoint("Where one is signed in", answers={200: SessionList})
def my_sessions() -> Answer:
    return sessions.list_sessions(g.agent, g.session_id)


@people.delete("/api/me/sessions")
@endpoint("Sign out everywhere else", answers={200: Nothing})
def end_other_sessions() -> Answer:
    return sessions.end_other_sessions(g.agent, g.session_id)


@people.delete("/api/me/sessions/<session_id>")
@endpoint("Sign out one browser", answers={200: Nothing}, problems=(404,))
def end_session(session_id: str) -> Answer:
    return sessions.end_own_session(g.agent, session_id)


@people.get("/api/agents")
@endpoint("The company's agents", answers={200: AgentList})
def agents() -> Answer:
    return team.list_agents(g.agent)


@people.get("/api/presence")
@endpoint("Who is there now: customers and colleagues", answers={200: PresenceAnswer})
def presence() -> Answer:
    return list_present(g.agent)


@people.patch("/api/agents/<agent_id>")
@endpoint("Change a role", body=ChangeRole, answers={200: AgentAnswer}, problems=(404, 409), admin=True)
def change_role(agent_id: str, data: dict[str, Any]) -> Answer:
    return team.change_role(g.agent, agent_id, data["role"])


@people.delete("/api/agents/<agent_id>")
@endpoint("Remove an agent", answers={200: Nothing}, problems=(404, 409), admin=True)
def remove_agent(agent_id: str) -> Answer:
    return team.remove_agent(g.agent, agent_id)


@people.get("/api/invites")
@endpoint("Who is invited", answers={200: InviteList}, admin=True)
def list_invites() -> Answer:
    return invites.list_invites(g.agent)


@people.post("/api/invites")
@invitations
@endpoint("Invite somebody", body=CreateInvite, answers={201: NewInviteAnswer}, problems=(409,), admin=True)
def invite(data: dict[str, Any]) -> Answer:
    return invites.create_invite(g.agent, data["email"], data["role"]), 201


@people.delete("/api/invites/<invite_id>")
@endpoint("Take an invitation back", answers={200: Nothing}, problems=(404,), admin=True)
def revoke_invite(invite_id: str) -> Answer:
    return invites.revoke_invite(g.agent, invite_id)


@people.get("/api/tokens")
@endpoint("The company's API tokens", answers={200: TokenList}, admin=True)
def list_tokens() -> Answer:
    return tokens.list_tokens(g.agent)


@people.post("/api/tokens")
@endpoint("Make an API token", body=CreateToken, answers={201: TokenAnswer}, admin=True)
def create_token(data: dict[str, Any]) -> Answer:
    return tokens.create_token(g.agent, data["name"]), 201


@people.delete("/api/tokens/<token_id>")
@endpoint("Revoke an API token", answers={200: Nothing}, problems=(404,), admin=True)
def revoke_token(token_id: str) -> Answer:
    return tokens.revoke_token(g.agent, token_id)
