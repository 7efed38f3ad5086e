"""Forgotten passwords: a mailed link that sets a new one, once, within an hour."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from actions.agents import hash_password
from actions.links import digest, link, new_token
from actions.mails import queue_mail
from actions.sessions import end_sessions
from errors import Gone
from extensions import db
from models import Agent, PasswordReset
from models.types import now
from store import write

LIFETIME = timedelta(hours=1)
OVER = "This link is no longer valid. Ask for a new one."

MAIL = """Somebody asked for a new password for {email} in Deskbell.

Choose it here, within an hour:
{url}

If it was not you, do nothing: your password stays as it is.
"""


def request_reset(email: str) -> None:
    """Mail a link if there is such an agent. The caller says the same either way."""
    token = new_token()
    with write() as tx:
        agent = tx.session.scalar(select(Agent).where(Agent.email == email.lower(), Agent.removed_at.is_(None)))
        if agent is None:
            return
        tx.session.execute(delete(PasswordReset).where(PasswordReset.agent_id == agent.id))
        tx.session.add(PasswordReset(agent_id=agent.id, token_hash=digest(token), expires_at=now() + LIFETIME))
        words = MAIL.format(email=agent.email, url=link("/reset", token))
        queue_mail(tx, agent.company_id, agent.email, "Your new password for Deskbell", words)


def check_reset(token: str) -> None:
    """Raise Gone unless the link may still be used."""
    reset = db.session.scalar(select(PasswordReset).where(PasswordReset.token_hash == digest(token)))
    if reset is None or reset.expires_at <= now():
        raise Gone(OVER)


def finish_reset(data: dict[str, Any]) -> Agent:
    """Set the password. `data`: token, password. Every session of the agent ends."""
    password_hash = hash_password(data["password"])
    with write() as tx:
        query = select(PasswordReset).where(PasswordReset.token_hash == digest(data["token"]))
        reset = tx.session.scalar(query.with_for_update(of=PasswordReset))
        if reset is None or reset.expires_at <= now() or reset.agent.removed_at is not None:
            raise Gone(OVER)
        agent = reset.agent
        agent.password_hash = password_hash
        end_sessions(tx, agent)
        tx.session.delete(reset)
        return agent
