"""Channels on platforms: connecting, their health, and what Deskbell asks of the platform for them."""

import hashlib
import hmac
import json
from typing import Any

import structlog
from flask import current_app
from sqlalchemy import select

from actions.accounts import account_of, make_account
from actions.channels import access_channel, describe
from actions.identity import decrypt, encrypt
from actions.outbox import enqueue
from actions.renewing import TOKEN
from actions.sending import release
from errors import Conflict, Invalid, NotFound, TransportError
from extensions import db
from models import Agent, Channel, Company
from models.enums import ChannelState, Platform
from platforms import ADAPTERS
from platforms.failures import SendFailed, TryLater
from platforms.http import post
from schemas.settings import ChannelAnswer
from store import Transaction, write

log = structlog.get_logger(__name__)

SUBSCRIBE = "subscribe"  # the kinds of outbox items
UNSUBSCRIBE = "unsubscribe"


def connect(agent: Agent, data: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Connect a page or account, or connect it anew with another token. ({channel}, whether it is new).

    `data`: platform, external_id, access_token, name ("" for the platform's own). Raises Invalid with what the platform
    says of the token, Conflict if another company has it.
    """
    account = make_account(data["platform"], data["external_id"], data["access_token"])
    try:
        own_name = ADAPTERS[data["platform"]].account_name(account)
    except TryLater as why:
        raise Conflict(f"{why.reason} Nothing was changed.") from None
    except SendFailed as why:
        raise Invalid({"accessToken": [why.reason]}) from None
    return add_platform(agent.company_id, {**data, "name": data["name"] or own_name})


def add_platform(company_id: str, data: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """The same without asking the platform: it is asked to send events in the background."""
    with write() as tx:
        query = select(Channel).where(Channel.platform == data["platform"], Channel.external_id == data["external_id"])
        channel = tx.session.scalar(query.with_for_update())
        if channel is not None and channel.company_id != company_id:
            raise Conflict("Another company of this Deskbell has connected this page or account.")
        is_new = channel is None
        if channel is None:
            if tx.session.get(Company, company_id) is None:
                raise NotFound("There is no company with this id.")
            channel = Channel(company_id=company_id, platform=data["platform"], external_id=data["external_id"])
            channel.settings = {}
            tx.session.add(channel)
        channel.name = data["name"] or channel.name or data["external_id"]
        channel.secret = encrypt(data["access_token"])
        channel.token_expires_at = None
        tx.session.flush()
        release(tx, channel)
        enqueue(tx, company_id, SUBSCRIBE, channel.id, {"channelId": channel.id})
        return ChannelAnswer().dump({"channel": describe(channel)}), is_new


def change_connection(agent: Agent, channel_id: str, data: dict[str, Any]) -> dict[str, Any]:
    """`data`: human_agent."""
    with write() as tx:
        channel = _access(agent, channel_id, tx)
        if "human_agent" in data:
            channel.settings = {**channel.settings, "humanAgent": data["human_agent"]}
        return ChannelAnswer().dump({"channel": describe(channel)})


def disconnect(agent: Agent, channel_id: str) -> dict[str, Any]:
    """Forget the token and stop the platform's events. The history stays."""
    with write() as tx:
        channel = _access(agent, channel_id, tx)
        if channel.state != ChannelState.DISCONNECTED:
            payload = {"channelId": channel.id, "token": channel.secret}
            enqueue(tx, channel.company_id, UNSUBSCRIBE, channel.id, payload)
        channel.secret, channel.state = None, ChannelState.DISCONNECTED
        channel.state_reason, channel.held_until = "It was disconnected here.", None
        return ChannelAnswer().dump({"channel": describe(channel)})


def send_test_event(agent: Agent, channel_id: str) -> dict[str, Any]:
    """Post an event to Deskbell's own public address as the platform would: shows that the address can be reached and
    the secret fits. Raises Conflict with what is wrong."""
    channel = _access(agent, channel_id)
    secrets = current_app.config["META_APP_SECRETS"] or current_app.config["INSTAGRAM_APP_SECRETS"]
    if not secrets:
        raise Conflict("No app secret is configured: set META_APP_SECRET.")
    kind = "page" if channel.platform == Platform.FACEBOOK else "instagram"
    event = {"deskbell_test": True, "sender": {"id": "0"}, "recipient": {"id": channel.external_id}}
    body = json.dumps({"object": kind, "entry": [{"id": channel.external_id, "messaging": [event]}]}).encode()
    signature = "sha256=" + hmac.new(secrets[0].encode(), body, hashlib.sha256).hexdigest()
    url = callback_url(channel)
    answer = describe(channel)
    db.session.remove()
    status = post(url, body, {"Content-Type": "application/json", "X-Hub-Signature-256": signature})
    if status != 200:
        raise Conflict(f"{url} {f'answered {status}' if status else 'cannot be reached from here'}.")
    return ChannelAnswer().dump({"channel": answer})


def callback_url(channel: Channel) -> str:
    return f"{current_app.config['PUBLIC_URL']}/api/webhooks/{channel.platform.lower()}"


def deliver_subscription(_: str, payload: dict[str, Any]) -> None:
    """The outbox's handler: have the platform send its events. Raises TransportError."""
    channel = db.session.get(Channel, payload["channelId"])
    if channel is None or channel.secret is None:
        return
    try:
        fields = ADAPTERS[channel.platform].subscribe(account_of(channel))
    except TryLater as why:
        raise TransportError(f"{channel.name} could not be subscribed: {why}", after=why.after) from None
    except SendFailed as why:
        _note(channel.id, {"fields": [], "problem": why.reason})
    else:
        _note(channel.id, {"fields": fields, "problem": None})


def deliver_unsubscription(_: str, payload: dict[str, Any]) -> None:
    """The outbox's handler, best effort: the platform may have ended it by itself."""
    channel = db.session.get(Channel, payload["channelId"])
    if channel is None or channel.secret is not None or not payload["token"] or _is_needed(channel):
        return
    account = account_of(channel, decrypt(payload["token"]))
    try:
        ADAPTERS[channel.platform].unsubscribe(account)
    except TryLater as why:
        raise TransportError(f"A channel could not be unsubscribed: {why}", after=why.after) from None
    except SendFailed as why:
        log.info("unsubscribe_refused", channel=payload["channelId"], code=why.code)


def _is_needed(channel: Channel) -> bool:
    """Whether an Instagram account may get its events through this page's subscription."""
    query = select(Channel).where(
        Channel.company_id == channel.company_id,
        Channel.platform == Platform.INSTAGRAM,
        Channel.secret.is_not(None),
    )
    return any(account_of(other).path == "me" for other in db.session.scalars(query))


def look_after() -> None:
    """Daily: what the platform sends may have been switched off there, new fields come with upgrades, tokens end."""
    query = select(Channel).where(Channel.platform != Platform.WIDGET, Channel.secret.is_not(None))
    for channel in db.session.scalars(query).all():
        with write() as tx:
            for kind in (SUBSCRIBE, TOKEN):
                enqueue(tx, channel.company_id, kind, channel.id, {"channelId": channel.id})


def _note(channel_id: str, subscription: dict[str, Any]) -> None:
    with write() as tx:
        channel = tx.session.get_one(Channel, channel_id)
        channel.settings = {**channel.settings, "subscription": subscription}


def _access(agent: Agent, channel_id: str, tx: Transaction | None = None) -> Channel:
    channel = access_channel(agent, channel_id, tx)
    if channel.is_widget:
        raise Conflict("This channel is a website widget.")
    return channel
