"""Whom Deskbell speaks for on a platform, and how the platform knows its own address here."""

import hashlib
import hmac

from flask import current_app

from actions.identity import decrypt
from models import Channel
from platforms import ADAPTERS
from platforms.base import Account


def account_of(channel: Channel, token: str | None = None) -> Account:
    """`token`: one that is not stored."""
    known = decrypt(channel.secret) if channel.secret else ""
    return make_account(channel.platform, channel.external_id, token or known)


def make_account(platform: str, external_id: str, token: str) -> Account:
    return ADAPTERS[platform].account(current_app.config, external_id, token)


def verify_tokens(platform: str) -> list[str]:
    """What the platform may say to prove that it was told this address here: as configured, else one of our own."""
    key = current_app.config["SECRET_KEY"].encode()
    own = hmac.new(key, b"verify token of webhooks", hashlib.sha256).hexdigest()[:32]
    return ADAPTERS[platform].verify_tokens(current_app.config) or [own]
