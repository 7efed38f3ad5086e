"""Connecting by signing in at Meta: a person lets Deskbell speak for pages of hers, and chooses some."""

import json
from typing import Any

from cryptography.fernet import InvalidToken
from flask import current_app
from sqlalchemy import select

from actions.connections import add_platform
from actions.identity import decrypt, encrypt
from errors import Conflict, Invalid
from extensions import db
from models import Agent, Channel
from platforms.base import App
from platforms.failures import SendFailed
from platforms.meta.signing_in import dialog_url, find_pages

TICKET_FOR = 600  # seconds


def sign_in_url(state: str) -> str:
    """Where Meta asks a person which pages Deskbell may speak for. Conflict if the app is not configured."""
    app = _app()
    return dialog_url(current_app.config["GRAPH_API_URL"], app.id or "", _return_url(), state)


def signed_in(agent: Agent, code: str) -> list[dict[str, Any]]:
    """[{platform, id, name, connected, ticket}] of what the person allowed. `ticket` connects one of them within ten
    minutes; only this Deskbell can read it. Conflict with what Meta says otherwise."""
    try:
        found = find_pages(current_app.config["GRAPH_API_URL"], _app(), code, _return_url())
    except SendFailed as why:
        raise Conflict(why.reason) from None
    query = select(Channel).where(Channel.company_id == agent.company_id, Channel.secret.is_not(None))
    known = {(channel.platform, channel.external_id) for channel in db.session.scalars(query)}
    return [
        {
            "platform": one.platform,
            "id": one.id,
            "name": one.name,
            "connected": (one.platform, one.id) in known,
            "ticket": encrypt(json.dumps([agent.company_id, one.platform, one.id, one.name, one.token])),
        }
        for one in found
    ]


def connect_ticket(agent: Agent, ticket: str) -> tuple[dict[str, Any], bool]:
    """Connect what a ticket of `signed_in` names. Invalid if it is none, too old, or another company's."""
    try:
        company_id, platform, external_id, name, token = json.loads(decrypt(ticket, max_age=TICKET_FOR))
    except (ValueError, InvalidToken):
        company_id = None
    if company_id != agent.company_id:
        raise Invalid({"ticket": ["This is too old. Sign in at Meta once more."]})
    data = {"platform": platform, "external_id": external_id, "access_token": token, "name": name}
    return add_platform(agent.company_id, data)


def _app() -> App:
    config = current_app.config
    if not (config["META_APP_ID"] and config["META_APP_SECRETS"]):
        raise Conflict("Signing in at Meta needs META_APP_ID and META_APP_SECRET.")
    return App(config["META_APP_ID"], config["META_APP_SECRETS"][0])


def _return_url() -> str:
    return f"{current_app.config['PUBLIC_URL']}/settings/connect/back"
