"""Pages of links that people are sent: joining a team, choosing a new password."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from actions.invites import accept_invite, invite_of
from actions.mails import mail_configured
from actions.resets import check_reset, finish_reset, request_reset
from blueprints.dashboard.signing import sign_in_as
from blueprints.endpoint import load
from blueprints.limits import mailed_links, used_links
from errors import Invalid
from schemas.team import AcceptInvite, FinishReset, RequestReset

account = Blueprint("account", __name__)

Page = str | BaseResponse | tuple[str, int]


@account.get("/invite")
@used_links
def invited() -> Page:
    """Raises Gone for a link that was used, revoked, or is older than a week."""
    return _invite_page(request.args.get("token", ""), {}, {})


@account.post("/invite")
@used_links
def accept() -> Page:
    form = request.form.to_dict()
    try:
        agent = accept_invite(load(AcceptInvite(), form))
    except Invalid as error:
        return _invite_page(form.get("token", ""), error.errors, form), 422
    sign_in_as(agent)
    return redirect(url_for("dashboard.inbox"))


@account.get("/forgot")
def forgot() -> Page:
    return _forgot_page()


@account.post("/forgot")
@mailed_links
def request_link() -> Page:
    """Says the same whether there is such an agent or not."""
    try:
        request_reset(load(RequestReset(), request.form.to_dict())["email"])
    except Invalid:
        return _forgot_page(error="Name your e-mail."), 422
    return _forgot_page(sent=True)


@account.get("/reset")
@used_links
def reset() -> Page:
    token = request.args.get("token", "")
    check_reset(token)
    return render_template("dashboard/reset.html", token=token, errors={})


@account.post("/reset")
@used_links
def finish() -> Page:
    form = request.form.to_dict()
    try:
        agent = finish_reset(load(FinishReset(), form))
    except Invalid as error:
        return render_template("dashboard/reset.html", token=form.get("token", ""), errors=error.errors), 422
    sign_in_as(agent)
    return redirect(url_for("dashboard.inbox"))


def _invite_page(token: str, errors: dict[str, Any], values: dict[str, str]) -> str:
    invite = invite_of(token)
    return render_template("dashboard/invite.html", token=token, invite=invite, errors=errors, values=values)


def _forgot_page(*, sent: bool = False, error: str | None = None) -> str:
    return render_template("dashboard/forgot.html", sent=sent, error=error, mailed=mail_configured())
