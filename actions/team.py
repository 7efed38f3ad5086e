"""The team: profiles, roles, and who leaves."""

from typing import Any

from sqlalchemy import func, select

from actions.agents import check_password, hash_password
from actions.announce import announce_change, raise_rev
from actions.presence import is_agent_online, refresh_agent
from actions.sessions import end_sessions
from actions.tokens import revoke_tokens_of
from emit import agent_room
from errors import Conflict, Forbidden, Invalid, NotFound
from extensions import db
from models import Agent, Conversation
from models.enums import AgentRole, ConversationStatus
from models.types import now
from schemas.agent import AgentAnswer, AgentList
from schemas.base import plain_id
from store import Transaction, write


def list_agents(agent: Agent) -> dict[str, Any]:
    """The company's agents with {…, online}."""
    query = select(Agent).where(Agent.company_id == agent.company_id, Agent.removed_at.is_(None))
    rows = db.session.scalars(query.order_by(Agent.name, Agent.id)).all()
    answer = AgentList().dump({"agents": rows})
    for shape in answer["agents"]:
        shape["online"] = is_agent_online(shape["id"])
    return answer


def update_profile(agent: Agent, data: dict[str, Any]) -> dict[str, Any]:
    """`data`: name, availability, as far as given."""
    with write() as tx:
        row = tx.session.get_one(Agent, agent.id)
        row.name = data.get("name", row.name)
        row.availability = data.get("availability", row.availability)
        answer = AgentAnswer().dump({"agent": row})
    db.session.expire_all()
    refresh_agent(agent.id)
    return answer


def change_password(agent: Agent, data: dict[str, Any], session_id: str | None) -> dict[str, Any]:
    """A new password, for who knows the old one. Every other session of the agent ends."""
    if not check_password(agent, data["current_password"]):
        raise Invalid({"currentPassword": ["This is not your password."]})
    password_hash = hash_password(data["new_password"])
    with write() as tx:
        row = tx.session.get_one(Agent, agent.id)
        row.password_hash = password_hash
        end_sessions(tx, row, but=session_id)
    return {}


def change_role(agent: Agent, agent_id: str, role: AgentRole) -> dict[str, Any]:
    """Only an owner makes or unmakes an owner, and one always stays."""
    with write() as tx:
        other = _access_colleague(tx, agent, agent_id)
        if AgentRole.OWNER in (role, other.role) and agent.role != AgentRole.OWNER:
            raise Forbidden("Only an owner may do this to an owner.")
        if other.role == AgentRole.OWNER != role:
            _keep_an_owner(tx, other)
        other.role = role
        return AgentAnswer().dump({"agent": other})


def remove_agent(agent: Agent, agent_id: str) -> dict[str, Any]:
    """Sessions, tokens and sockets end at once; what is not resolved is nobody's again. The name stays on messages."""
    with write() as tx:
        other = _access_colleague(tx, agent, agent_id)
        if other.role == AgentRole.OWNER:
            if agent.role != AgentRole.OWNER:
                raise Forbidden("Only an owner may remove an owner.")
            _keep_an_owner(tx, other)
        other.removed_at = now()
        other.email = f"{other.id}@removed.invalid"
        end_sessions(tx, other)
        revoke_tokens_of(tx, other)
        tx.disconnect(agent_room(other.id))
        _give_back_conversations(tx, other)
    return {}


def _give_back_conversations(tx: Transaction, agent: Agent) -> None:
    mine = (Conversation.assignee_id == agent.id, Conversation.status != ConversationStatus.RESOLVED)
    query = select(Conversation).where(*mine).order_by(Conversation.id).with_for_update(of=Conversation)
    for conversation in tx.session.scalars(query).all():
        conversation.assignee = None
        raise_rev(tx, conversation)
        announce_change(tx, conversation, ("assignee",))


def _access_colleague(tx: Transaction, agent: Agent, agent_id: str) -> Agent:
    mine = (Agent.company_id == agent.company_id, Agent.removed_at.is_(None))
    other = tx.session.scalar(select(Agent).where(Agent.id == plain_id(agent_id), *mine).with_for_update(of=Agent))
    if other is None:
        raise NotFound()
    return other


def _keep_an_owner(tx: Transaction, leaving: Agent) -> None:
    # Locks every owner, so that two who leave at once see each other.
    owners = (
        select(Agent.id)
        .where(
            Agent.company_id == leaving.company_id,
            Agent.role == AgentRole.OWNER,
            Agent.removed_at.is_(None),
        )
        .order_by(Agent.id)
        .with_for_update(of=Agent)
    )
    if len(tx.session.scalars(owners).all()) < 2:
        raise Conflict("A company needs an owner: make somebody else an owner first.")


def count_agents(company_id: str) -> int:
    query = select(func.count()).select_from(Agent).where(Agent.company_id == company_id, Agent.removed_at.is_(None))
    return db.session.scalars(query).one()
