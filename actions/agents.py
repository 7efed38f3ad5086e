"""Agents: signing in, passwords, making one. Passwords are hashed in a thread: one takes 0.2 s of a core."""

from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app
from sqlalchemy import exists, select

from actions.sessions import end_sessions
from actions.tokens import add_api_token
from errors import Conflict, NotFound, Unauthorized
from extensions import db
from models import Agent, Company
from models.enums import AgentRole
from schemas.agent import MeShape
from store import Transaction, offload, write


def sign_in(email: str, password: str) -> Agent:
    """The agent of this e-mail and password. Unknown e-mail and wrong password are one answer, in one time."""
    agent = db.session.scalar(select(Agent).where(Agent.email == email.lower(), Agent.removed_at.is_(None)))
    known_hash = agent.password_hash if agent else None
    db.session.remove()  # hold no connection while hashing
    if not offload(_verify, _hasher(), known_hash, password) or agent is None:
        raise Unauthorized("The e-mail or the password is not right.")
    return agent


def agent_still(agent_id: str) -> Agent | None:
    """The agent as he is now; None if he was removed."""
    agent = db.session.get(Agent, agent_id)
    return agent if agent is not None and agent.removed_at is None else None


def describe_me(agent: Agent, csrf_token: str) -> dict[str, Any]:
    return {**MeShape(exclude=["csrf_token"]).dump(agent), "csrfToken": csrf_token}


def any_agent() -> bool:
    return bool(db.session.scalar(select(exists(select(Agent.id)))))


def check_password(agent: Agent, password: str) -> bool:
    """Call it outside of `write()`: it takes a while."""
    known_hash = agent.password_hash
    db.session.remove()
    return offload(_verify, _hasher(), known_hash, password)


def hash_password(password: str) -> str:
    """Call it outside of `write()`: it takes a while."""
    return offload(_hasher().hash, password)


def add_agent(
    tx: Transaction, company: Company, *, name: str, email: str, password_hash: str, role: AgentRole
) -> Agent:
    """A new agent. Conflict if the e-mail is taken, in whatever company."""
    if tx.session.scalar(select(Agent.id).where(Agent.email == email.lower())):
        raise Conflict(f"There is already an agent with the e-mail {email}.")
    agent = Agent(company=company, name=name, email=email.lower(), password_hash=password_hash, role=role)
    agent.company_id = company.id
    tx.session.add(agent)
    tx.session.flush()
    return agent


def create_agent(
    company_id: str, email: str, password: str, role: AgentRole, name: str | None = None
) -> dict[str, Any]:
    password_hash = hash_password(password)
    with write() as tx:
        company = tx.session.get(Company, company_id)
        if company is None:
            raise NotFound("There is no company with this id.")
        name = name or email.partition("@")[0]
        agent = add_agent(tx, company, name=name, email=email, password_hash=password_hash, role=role)
        return {"agentId": agent.id, "apiToken": add_api_token(tx, agent, "command line")[1]}


def reset_password(email: str, password: str) -> None:
    """A new password; every session signed in with the old one is over."""
    password_hash = hash_password(password)
    with write() as tx:
        agent = tx.session.scalar(select(Agent).where(Agent.email == email.lower()))
        if agent is None:
            raise NotFound("There is no agent with this e-mail.")
        agent.password_hash = password_hash
        end_sessions(tx, agent)


def _verify(hasher: PasswordHasher, known_hash: str | None, password: str) -> bool:
    """An unknown agent costs a hash too: the time must not tell which e-mails exist."""
    if known_hash is None:
        hasher.hash(password)
        return False
    try:
        return hasher.verify(known_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _hasher() -> PasswordHasher:
    return PasswordHasher(**current_app.config["ARGON2"])
