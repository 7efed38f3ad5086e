"""Whom Deskbell speaks for on a platform: a channel's account with its token, and the app's secrets."""

from flask import current_app

from actions.identity import decrypt
from models import Channel
from models.enums import Platform
from platforms.base import Account

OF_A_PAGE = "EAA"  # how tokens of Facebook's begin


def account_of(channel: Channel, token: str | None = None) -> Account:
    """`token`: one that is not stored yet."""
    known = decrypt(channel.secret) if channel.secret else ""
    return make_account(channel.platform, channel.external_id, token or known)


def make_account(platform: str, external_id: str, token: str) -> Account:
    """An Instagram account is spoken for by a token of its own, at Instagram, or by that of its Facebook page."""
    config = current_app.config
    if platform == Platform.INSTAGRAM and not token.startswith(OF_A_PAGE):
        secrets = config["INSTAGRAM_APP_SECRETS"] or config["META_APP_SECRETS"]
        return Account(external_id, token, config["INSTAGRAM_GRAPH_API_URL"], external_id, tuple(secrets))
    path = "me" if platform == Platform.INSTAGRAM else external_id
    return Account(external_id, token, config["GRAPH_API_URL"], path, tuple(config["META_APP_SECRETS"]))
