"""Sessions: an agent signed in with one browser. Ending one takes its row away: its cookie is worth nothing any more,
and its sockets are closed."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from actions.browsers import describe_browser
from actions.live import live
from emit import session_room
from errors import NotFound
from extensions import db
from models import Agent, AgentSession, ApiToken
from models.types import now
from schemas.base import plain_id
from schemas.team import SessionList
from store import Transaction, disconnect, write

SEEN_EVERY = timedelta(minutes=10)  # how exactly "last seen" is known


def begin_session(agent: Agent, user_agent: str, address: str | None) -> AgentSession:
    """Remember a browser that has just proved who it is."""
    with write() as tx:
        session = AgentSession(agent_id=agent.id, user_agent=user_agent[:512] or None, address=address)
        tx.session.add(session)
        tx.session.flush()
        session_id = session.id
    return db.session.get_one(AgentSession, session_id)


def session_of(session_id: str) -> AgentSession | None:
    """Which session a cookie names; None once it was ended."""
    session = db.session.scalar(select(AgentSession).where(AgentSession.id == session_id))
    return session if session is not None and session.agent.removed_at is None else None


def note_seen(session: AgentSession) -> None:
    """Somebody has just opened a page with it."""
    if now() - session.seen_at < SEEN_EVERY:
        return
    with write() as tx:
        if (row := tx.session.get(AgentSession, session.id)) is not None:
            row.seen_at = now()


def list_sessions(agent: Agent, current_id: str | None) -> dict[str, Any]:
    """The agent's own sessions, the last one used first."""
    query = select(AgentSession).where(AgentSession.agent_id == agent.id).order_by(AgentSession.seen_at.desc())
    rows = [
        {
            "id": row.id,
            "current": row.id == current_id,
            "browser": describe_browser(row.user_agent),
            "address": row.address,
            "created_at": row.created_at,
            "seen_at": row.seen_at,
        }
        for row in db.session.scalars(query)
    ]
    return SessionList().dump({"sessions": rows})


def end_own_session(agent: Agent, session_id: str) -> dict[str, Any]:
    with write() as tx:
        mine = (AgentSession.id == plain_id(session_id), AgentSession.agent_id == agent.id)
        if tx.session.scalar(select(AgentSession.id).where(*mine)) is None:
            raise NotFound()
        tx.session.execute(delete(AgentSession).where(*mine))
        tx.disconnect(session_room(session_id))
    return {}


def end_other_sessions(agent: Agent, current_id: str | None) -> dict[str, Any]:
    with write() as tx:
        end_sessions(tx, agent, but=current_id)
    return {}


def end_sessions(tx: Transaction, agent: Agent, *, but: str | None = None) -> None:
    """Sign an agent out everywhere, but for one session."""
    query = select(AgentSession.id).where(AgentSession.agent_id == agent.id, AgentSession.id != (but or ""))
    for session_id in tx.session.scalars(query).all():
        tx.disconnect(session_room(session_id))
    tx.session.execute(delete(AgentSession).where(AgentSession.agent_id == agent.id, AgentSession.id != (but or "")))


def close_ended() -> None:
    """Close the sockets of sessions and tokens that another process, or a command, has ended."""
    for prefix, model in (("session", AgentSession), ("token", ApiToken)):
        named = {seat.door.partition(":")[2] for seat in live().agents.values() if seat.door.startswith(prefix)}
        known = set(db.session.scalars(select(model.id).where(model.id.in_(named)))) if named else named
        for gone in named - known:
            disconnect(f"{prefix}:{gone}")
