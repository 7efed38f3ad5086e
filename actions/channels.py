"""Channels and the company: their settings, and whether a site really loads its widget."""

import secrets
from datetime import timedelta
from html import escape
from typing import Any

from flask import current_app
from sqlalchemy import select

from actions.accounts import verify_tokens
from actions.identity import decrypt, encrypt
from errors import Invalid, NotFound, Outdated
from extensions import db
from models import Agent, Channel, Company
from models.channel import WIDGET_DEFAULTS
from models.enums import ChannelState, Platform
from models.types import now
from schemas.base import camel_case, plain_id
from schemas.settings import ChannelAnswer, ChannelList, ChannelSecretAnswer, ChannelShape, CompanyAnswer
from store import Transaction, write

SEEN_EVERY = timedelta(hours=1)


def describe_company(agent: Agent) -> dict[str, Any]:
    return CompanyAnswer().dump({"company": db.session.get_one(Company, agent.company_id)})


def change_company(agent: Agent, data: dict[str, Any]) -> dict[str, Any]:
    """`data`: version, name. Outdated if somebody else was first."""
    with write() as tx:
        company = tx.session.scalars(select(Company).where(Company.id == agent.company_id).with_for_update()).one()
        if data["version"] != company.version:
            raise Outdated(CompanyAnswer().dump({"company": company})["company"])
        if data.get("name", company.name) != company.name:
            company.name = data["name"]
            company.version += 1
        return CompanyAnswer().dump({"company": company})


def list_channels(agent: Agent) -> dict[str, Any]:
    query = select(Channel).where(Channel.company_id == agent.company_id).order_by(Channel.id)
    return ChannelList().dump({"channels": [describe(channel) for channel in db.session.scalars(query)]})


def list_troubled(agent: Agent) -> list[dict[str, Any]]:
    """{id, name, reason} of the channels whose answers wait."""
    troubles = (ChannelState.NEEDS_REAUTH, ChannelState.RESTRICTED)
    query = select(Channel).where(Channel.company_id == agent.company_id, Channel.state.in_(troubles))
    return [{"id": one.id, "name": one.name, "reason": one.state_reason} for one in db.session.scalars(query)]


def describe_channel(agent: Agent, channel_id: str) -> dict[str, Any]:
    """{channel, identitySecret}"""
    return _with_secret(access_channel(agent, channel_id))


def create_channel(agent: Agent, name: str) -> dict[str, Any]:
    """A new website widget."""
    with write() as tx:
        channel = add_widget(tx, agent.company_id, name)[0]
        return ChannelAnswer().dump({"channel": describe(channel)})


def add_widget(tx: Transaction, company_id: str, name: str) -> tuple[Channel, str]:
    """A widget channel and its identity secret."""
    secret = secrets.token_hex(32)
    channel = Channel(
        company_id=company_id,
        platform=Platform.WIDGET,
        external_id=secrets.token_urlsafe(16),
        name=name,
        secret=encrypt(secret),
    )
    tx.session.add(channel)
    tx.session.flush()
    return channel, secret


def change_channel(agent: Agent, channel_id: str, data: dict[str, Any]) -> dict[str, Any]:
    """`data`: version, name, settings (whole values of the keys that change). Outdated if somebody else was first."""
    with write() as tx:
        channel = access_channel(agent, channel_id, tx)
        if data.get("settings") and not channel.is_widget:
            raise Invalid({"settings": ["Only a website widget has these."]})
        if data["version"] != channel.version:
            raise Outdated(ChannelShape().dump(describe(channel)))
        settings = {**channel.settings, **_stored(data.get("settings", {}))}
        name = data.get("name", channel.name)
        if (settings, name) != (channel.settings, channel.name):
            channel.settings, channel.name = settings, name
            channel.version += 1
        return ChannelAnswer().dump({"channel": describe(channel)})


def renew_identity_secret(agent: Agent, channel_id: str) -> dict[str, Any]:
    """What was signed with the old one is refused from now on."""
    with write() as tx:
        channel = access_channel(agent, channel_id, tx)
        if not channel.is_widget:
            raise NotFound()
        channel.secret = encrypt(secrets.token_hex(32))
        return _with_secret(channel)


def note_installation(channel: Channel, origin: str | None, *, check: bool) -> None:
    """A browser has loaded the widget on a page of this origin. Kept at most once an hour, or to check."""
    if not origin or len(origin) > 300:
        return
    is_fresh = channel.seen_at is not None and now() - channel.seen_at < SEEN_EVERY
    if is_fresh and not (check and now() - channel.seen_at > timedelta(seconds=5)):  # type: ignore[operator]
        return
    with write() as tx:
        row = tx.session.get_one(Channel, channel.id)
        row.seen_origin, row.seen_at = origin, now()


def effective_settings(channel: Channel) -> dict[str, Any]:
    """The channel's settings over their defaults, in camelCase, as they are stored."""
    merged = {**WIDGET_DEFAULTS, **{key: channel.settings[key] for key in WIDGET_DEFAULTS if key in channel.settings}}
    for key in ("colors", "texts"):
        merged[key] = {**WIDGET_DEFAULTS[key], **merged[key]}
    return merged


def access_channel(agent: Agent, channel_id: str, tx: Transaction | None = None) -> Channel:
    query = select(Channel).where(Channel.id == plain_id(channel_id), Channel.company_id == agent.company_id)
    channel = tx.session.scalar(query.with_for_update()) if tx else db.session.scalar(query)
    if channel is None:
        raise NotFound()
    return channel


def _with_secret(channel: Channel) -> dict[str, Any]:
    secret = decrypt(channel.secret) if channel.secret and channel.is_widget else None
    return ChannelSecretAnswer().dump({"channel": describe(channel), "identity_secret": secret})


def describe(channel: Channel) -> dict[str, Any]:
    is_widget = channel.platform == Platform.WIDGET
    settings = effective_settings(channel)
    return {
        "id": channel.id,
        "platform": channel.platform,
        "name": channel.name,
        "widget_key": channel.external_id if is_widget else None,
        "version": channel.version,
        "snippet": _snippet(channel.external_id) if is_widget else None,
        "settings": {
            "colors": settings["colors"],
            "texts": settings["texts"],
            "position": settings["position"],
            "theme": settings["theme"],
            "allowed_origins": settings["allowedOrigins"],
            "pre_chat_fields": settings["preChatFields"],
            "sneak_peek": settings["sneakPeek"],
        },
        "connection": None if is_widget else _connection(channel),
        "installation": channel.seen_at and {"origin": channel.seen_origin, "seen_at": channel.seen_at},
        "created_at": channel.created_at,
    }


def _connection(channel: Channel) -> dict[str, Any]:
    """A platform's health, and what has to be entered at the platform."""
    platform = channel.platform.lower()
    subscription = channel.settings.get("subscription") or {}
    return {
        "external_id": channel.external_id,
        "state": channel.state,
        "reason": channel.state_reason,
        "held_until": channel.held_until,
        "last_event_at": channel.last_event_at,
        "token_expires_at": channel.token_expires_at,
        "human_agent": channel.settings.get("humanAgent") is True,
        "subscribed": subscription.get("fields") or [],
        "problem": subscription.get("problem"),
        "callback_url": f"{current_app.config['PUBLIC_URL']}/api/webhooks/{platform}",
        "verify_token": verify_tokens(channel.platform)[0],
    }


def _snippet(widget_key: str) -> str:
    source = escape(f"{current_app.config['PUBLIC_URL']}/widget.js")
    return f'<script async src="{source}" data-key="{escape(widget_key)}"></script>'


def _stored(settings: dict[str, Any]) -> dict[str, Any]:
    """Loaded settings under the names that they are stored by."""
    return {camel_case(key): value for key, value in settings.items()}
