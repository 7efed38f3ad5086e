"""API tokens: each acts as the agent who made it. Only now can one be read: the database keeps a hash."""

from typing import Any

from sqlalchemy import delete, select

from actions.links import digest, new_token
from emit import token_room
from errors import NotFound
from extensions import db
from models import Agent, ApiToken
from schemas.base import plain_id
from schemas.team import TokenAnswer, TokenList
from store import Transaction, write

PREFIX = "dbt_"  # so that a leaked one can be recognised


def token_of(secret: str) -> ApiToken | None:
    """The row of a token that a client shows; None once it was revoked."""
    row = db.session.scalar(select(ApiToken).where(ApiToken.token_hash == digest(secret)))
    return row if row is not None and row.agent.removed_at is None else None


def add_api_token(tx: Transaction, agent: Agent, name: str) -> tuple[ApiToken, str]:
    """A new token of the agent, and its secret."""
    secret = PREFIX + new_token()
    token = ApiToken(agent=agent, name=name, token_hash=digest(secret), hint=secret[-4:])
    tx.session.add(token)
    tx.session.flush()
    return token, secret


def list_tokens(agent: Agent) -> dict[str, Any]:
    """The company's tokens, newest first."""
    query = select(ApiToken).join(Agent).where(Agent.company_id == agent.company_id).order_by(ApiToken.id.desc())
    return TokenList().dump({"tokens": db.session.scalars(query)})


def create_token(agent: Agent, name: str) -> dict[str, Any]:
    with write() as tx:
        token, secret = add_api_token(tx, tx.session.get_one(Agent, agent.id), name)
        return TokenAnswer().dump({"token": token, "secret": secret})


def revoke_token(agent: Agent, token_id: str) -> dict[str, Any]:
    """Whoever uses it is refused from now on, and his sockets are closed."""
    with write() as tx:
        query = select(ApiToken).join(Agent).where(ApiToken.id == plain_id(token_id))
        token = tx.session.scalar(query.where(Agent.company_id == agent.company_id))
        if token is None:
            raise NotFound()
        tx.session.delete(token)
        tx.disconnect(token_room(token.id))
    return {}


def revoke_tokens_of(tx: Transaction, agent: Agent) -> None:
    tx.session.execute(delete(ApiToken).where(ApiToken.agent_id == agent.id))
