"""Companies: making one with its widget channel, and handing the first one to its owner."""

import hashlib
import hmac
from typing import Any

from flask import current_app
from sqlalchemy import select

from actions.agents import add_agent, any_agent, hash_password
from actions.channels import add_widget
from actions.tokens import add_api_token
from errors import Forbidden
from extensions import db
from models import Agent, Channel, Company
from models.enums import AgentRole, Platform
from store import Transaction, write

FIRST_NAME = "My company"


def create_company(name: str, email: str, password: str) -> dict[str, Any]:
    """A company, its owner, a widget channel and an API token of the owner."""
    password_hash = hash_password(password)
    with write() as tx:
        company, channel, secret = _add_company(tx, name)
        owner_name = email.partition("@")[0]
        owner = add_agent(tx, company, name=owner_name, email=email, password_hash=password_hash, role=AgentRole.OWNER)
        return {
            "companyId": company.id,
            "agentId": owner.id,
            "channelId": channel.id,
            "widgetKey": channel.external_id,
            "identitySecret": secret,
            "apiToken": add_api_token(tx, owner, "command line")[1],
        }


def ensure_company() -> None:
    """A company with a widget channel, if there is none: so that the demo site works at once."""
    with write() as tx:
        if tx.session.scalar(select(Company.id).limit(1)) is None:
            _add_company(tx, FIRST_NAME)


def setup_token() -> str | None:
    """The secret of the one-time set-up link; None once there is an agent.

    It follows from SECRET_KEY, so that it survives a restart and is kept nowhere.
    """
    if any_agent():
        return None
    key = current_app.config["SECRET_KEY"].encode()
    company = db.session.scalars(select(Company.id).order_by(Company.id).limit(1)).first() or ""
    return hmac.new(key, b"setup:" + company.encode(), hashlib.sha256).hexdigest()[:40]


def check_setup_token(token: str) -> None:
    """Raise Forbidden unless this is the set-up link's token and nobody has used it."""
    expected = setup_token()
    if expected is None or not hmac.compare_digest(expected.encode(), token.encode("utf-8", "replace")):
        raise Forbidden("This set-up link is not valid, or it was used already.")


def set_up(data: dict[str, Any]) -> Agent:
    """Make the first owner and name the company. `data`: token, company, name, email, password."""
    password_hash = hash_password(data["password"])
    check_setup_token(data["token"])
    with write() as tx:
        company = tx.session.scalars(select(Company).order_by(Company.id).with_for_update()).first()
        if company is None or tx.session.scalar(select(Agent.id).limit(1)):
            raise Forbidden("This set-up link is not valid, or it was used already.")
        company.name = data["company"]
        _name_widget(tx, company)
        return add_agent(
            tx,
            company,
            name=data["name"],
            email=data["email"],
            password_hash=password_hash,
            role=AgentRole.OWNER,
        )


def demo_widget_key() -> str | None:
    """The oldest widget's key: what the demo site shows."""
    query = select(Channel.external_id).where(Channel.platform == Platform.WIDGET).order_by(Channel.id).limit(1)
    return db.session.scalars(query).first()


def _add_company(tx: Transaction, name: str) -> tuple[Company, Channel, str]:
    company = Company(name=name)
    tx.session.add(company)
    tx.session.flush()
    channel, secret = add_widget(tx, company.id, name)
    return company, channel, secret


def _name_widget(tx: Transaction, company: Company) -> None:
    channel = tx.session.scalars(select(Channel).where(Channel.company_id == company.id)).first()
    if channel is not None:
        channel.name = company.name
