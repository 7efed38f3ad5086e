"""Who a visitor is: the signed token of the widget, and the site's own signed identity."""

import hashlib
import hmac
from dataclasses import dataclass

from cryptography.fernet import Fernet, MultiFernet
from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from errors import Forbidden
from models import Channel

TOKEN_LIFETIME = 365 * 24 * 3600  # seconds; every visit gives a fresh one


@dataclass(frozen=True)
class Visitor:
    """One visitor of one channel. He may not have written yet, and then no row knows him."""

    channel_id: str
    psid: str


def visitor_token(visitor: Visitor) -> str:
    return _serializer().dumps([visitor.channel_id, visitor.psid])


def visitor_of(token: str | None) -> Visitor | None:
    """Whom the token names; None if it is missing, expired, or not one of ours."""
    if not token:
        return None
    try:
        channel_id, psid = _serializer().loads(token, max_age=TOKEN_LIFETIME)
    except (BadData, ValueError, TypeError):
        return None
    return Visitor(channel_id, psid)


def check_identity(channel: Channel, user_id: str, claimed_hash: str) -> None:
    """Raise Forbidden unless the site's server signed this user id with the channel's identity secret."""
    secret = decrypt(channel.secret) if channel.secret else ""
    expected = hmac.new(secret.encode(), user_id.encode(), hashlib.sha256).hexdigest()
    if not secret or not hmac.compare_digest(expected.encode(), claimed_hash.encode("utf-8", "replace")):
        raise Forbidden("The identity hash does not match this user id.")


def encrypt(secret: str) -> str:
    return _fernet().encrypt(secret.encode()).decode()


def decrypt(secret: str, max_age: int | None = None) -> str:
    """`max_age`: seconds since it was encrypted. Raises InvalidToken."""
    return _fernet().decrypt(secret.encode(), ttl=max_age).decode()


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in current_app.config["ENCRYPTION_KEYS"]])


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="visitor")
