"""Who may knock at which door, decided before any route runs."""

from flask import g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from actions.identity import visitor_of
from actions.sessions import session_of
from actions.tokens import token_of
from actions.visitors import channel_of
from errors import Forbidden, Unauthorized
from extensions import csrf, login
from models import Channel

# Every route that asks for nobody. A test prints this list, so that it grows only on purpose.
PUBLIC = frozenset(
    {
        "dashboard.assets",
        "dashboard.demo",
        "dashboard.demo_bell",
        "dashboard.demo_care",
        "dashboard.docs",
        "dashboard.login",
        "dashboard.setup",
        "dashboard.sign_in",
        "account.accept",
        "account.finish",
        "account.forgot",
        "account.invited",
        "account.request_link",
        "account.reset",
        "dashboard.finish_setup",
        "messaging.openapi",
        "ops.healthz",
        "ops.metrics",  # asks for a token of its own
        "ops.readyz",
        "uploads.avatar",
        "uploads.file",
        "widget.config",
        "widget.init",
        "widget.loader",
        "webhooks.shake_hands",
        "webhooks.receive",
    }
)
# Signed out: to the sign-in page. All of the settings' pages, too.
PAGES = frozenset({"dashboard.inbox", "dashboard.logout"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

login.user_loader(session_of)


def guard() -> BaseResponse | None:
    """Let the request pass with `g.agent` or `g.visitor` set, or refuse it."""
    if request.endpoint is None or request.method == "OPTIONS":
        return None  # no such route: the 404 or 405 follows; preflights always pass
    if request.blueprint == "widget":
        if request.endpoint not in PUBLIC:
            g.visitor, g.channel = _visitor()
        return None
    if request.blueprint == "webhooks":
        return None  # neither session nor form: the signature is checked by the door itself
    if request.endpoint in PUBLIC:
        _check_csrf()
        return None
    return _admit_agent()


def _admit_agent() -> BaseResponse | None:
    token = bearer_token()
    if token is not None:
        row = token_of(token)
        if row is None:
            raise Unauthorized("The API token is not valid.")
        g.agent, g.session_id = row.agent, None
        return None
    if not current_user.is_authenticated:
        if request.endpoint in PAGES or request.blueprint == "setting_pages":
            return redirect(url_for("dashboard.login", next=request.path if request.path != "/" else None))
        raise Unauthorized("Sign in, or send an API token.")
    g.agent, g.session_id = current_user.agent, current_user.id
    _check_csrf()
    return None


def bearer_token() -> str | None:
    """What follows `Bearer` in Authorization; None without that header."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def check_origin(channel: Channel) -> None:
    """Raise Forbidden if the channel's allow-list has no place for the page that asks."""
    if not channel.allows_origin(request.headers.get("Origin")):
        raise Forbidden("This website is not allowed to use this widget.")


def _visitor() -> tuple[object, Channel]:
    visitor = visitor_of(bearer_token())
    channel = channel_of(visitor) if visitor else None
    if visitor is None or channel is None:
        raise Unauthorized("The visitor token is missing or not valid. Call init for a new one.")
    check_origin(channel)
    return visitor, channel


def _check_csrf() -> None:
    if request.method not in SAFE_METHODS:
        csrf.protect()
