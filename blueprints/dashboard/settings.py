"""The settings' pages. What they change goes through /api, by the scripts of static/dashboard/settings."""

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, session, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as BaseResponse

from actions import channels, invites, journal, outbox, sessions, signing_in, team, tokens
from actions.agents import describe_me
from actions.mails import mail_configured
from actions.visitors import public_config
from blueprints.endpoint import load
from blueprints.headers import policy
from errors import Conflict
from models.enums import AgentRole
from schemas.platforms import ListEvents

setting_pages = Blueprint("setting_pages", __name__)

STATE = "meta_state"  # of the session: which sign-in at Meta began here

Page = str | BaseResponse | tuple[str, int]


def admins_only(page: Callable[..., Page]) -> Callable[..., Page]:
    @wraps(page)
    def show(**path: str) -> Page:
        if g.agent.role == AgentRole.AGENT:
            return _page("refused", {}), 403
        return page(**path)

    return show


@setting_pages.get("/settings")
def index() -> Page:
    return redirect(url_for("setting_pages.profile"))


@setting_pages.get("/settings/profile")
def profile() -> Page:
    return _page("profile", {})


@setting_pages.get("/settings/sessions")
def my_sessions() -> Page:
    return _page("sessions", sessions.list_sessions(g.agent, g.session_id))


@setting_pages.get("/settings/company")
@admins_only
def company() -> Page:
    return _page("company", channels.describe_company(g.agent))


@setting_pages.get("/settings/team")
@admins_only
def people() -> Page:
    data = {**team.list_agents(g.agent), **invites.list_invites(g.agent)}
    return _page("team", data, mailed=mail_configured())


@setting_pages.get("/settings/channels")
@admins_only
def channel_list() -> Page:
    config = current_app.config
    has_secret = bool(config["META_APP_SECRETS"] or config["INSTAGRAM_APP_SECRETS"])
    can_sign_in = bool(config["META_APP_ID"] and config["META_APP_SECRETS"])
    return _page("channels", channels.list_channels(g.agent), has_secret=has_secret, can_sign_in=can_sign_in)


@setting_pages.get("/settings/connect")
@admins_only
def sign_in_at_meta() -> Page:
    """To Meta, which asks which pages Deskbell may speak for, and sends back."""
    session[STATE] = secrets.token_urlsafe(24)
    return redirect(signing_in.sign_in_url(session[STATE]))


@setting_pages.get("/settings/connect/back")
@admins_only
def back_from_meta() -> Page:
    expected, given = session.pop(STATE, ""), request.args.get("state", "")
    found: list[dict[str, Any]] = []
    if not expected or not secrets.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        problem = "This sign-in did not begin here, or is too old. Begin again."
    elif "code" not in request.args:
        problem = "Meta says that it was cancelled."
    else:
        found, problem = _allowed(request.args["code"])
    return _page("connect", {"found": found}, page="channels", problem=problem)


def _allowed(code: str) -> tuple[list[dict[str, Any]], str]:
    try:
        found = signing_in.signed_in(g.agent, code)
    except Conflict as why:
        return [], why.detail
    return found, "" if found else "Meta names no page that you may connect."


@setting_pages.get("/settings/channels/<channel_id>")
@admins_only
def channel(channel_id: str) -> Page:
    data = channels.describe_channel(g.agent, channel_id)
    name = "platform" if data["channel"]["connection"] else "channel"
    response = Response(_page(name, data, page="channels"))
    response.headers["Content-Security-Policy"] = policy(frame_src="'self'")
    return response


@setting_pages.get("/settings/channels/<channel_id>/preview")
@admins_only
def preview(channel_id: str) -> Page:
    """The real widget, for the frame in the channel's settings."""
    config = public_config(channels.access_channel(g.agent, channel_id))
    response = Response(render_template("dashboard/settings/preview.html", config=config))
    response.headers["Content-Security-Policy"] = policy(frame_ancestors="'self'")
    return response


@setting_pages.get("/settings/tokens")
@admins_only
def api_tokens() -> Page:
    return _page("tokens", tokens.list_tokens(g.agent))


@setting_pages.get("/settings/deliveries")
@admins_only
def deliveries() -> Page:
    return _page("deliveries", outbox.list_dead(g.agent))


@setting_pages.get("/settings/events")
@admins_only
def platform_events() -> Page:
    asked = load(ListEvents(), {name: value for name, value in request.args.to_dict().items() if value})
    return _page("events", journal.list_events(g.agent, asked["state"], asked["before"]), state=asked["state"])


def _page(name: str, data: dict[str, Any], *, page: str | None = None, **more: Any) -> str:
    me = describe_me(g.agent, generate_csrf())
    boot = {"me": me, **data}
    return render_template(f"dashboard/settings/{name}.html", me=me, boot=boot, page=page or name, **data, **more)
