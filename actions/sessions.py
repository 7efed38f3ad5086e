"""Sessions: an agent signed in with one browser. Ending one takes its row away, and the cookie is worth nothing."""

from sqlalchemy import delete, select

from extensions import db
from models import Agent, AgentSession
from store import Transaction, write


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
    return db.session.scalar(select(AgentSession).where(AgentSession.id == session_id))


def end_session(session_id: str) -> None:
    with write() as tx:
        tx.session.execute(delete(AgentSession).where(AgentSession.id == session_id))


def end_sessions(tx: Transaction, agent: Agent, *, but: str | None = None) -> None:
    """Sign an agent out everywhere, but for one session."""
    tx.session.execute(delete(AgentSession).where(AgentSession.agent_id == agent.id, AgentSession.id != (but or "")))
