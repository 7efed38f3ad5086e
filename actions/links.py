"""One-time links: a random token that only the mail or the screen shows, kept as its SHA-256."""

import hashlib
import secrets

from flask import current_app


def new_token() -> str:
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def link(path: str, token: str) -> str:
    """An address for people, by PUBLIC_URL alone: what a request claims to be its host is not believed."""
    return f"{current_app.config['PUBLIC_URL']}{path}?token={token}"
