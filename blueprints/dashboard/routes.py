"""Pages for people: the dashboard, signing in, setting up, the demo site, and the static files of them all."""

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, send_from_directory, session, url_for
from flask_login import current_user, logout_user
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as BaseResponse

from actions.access import access_widget
from actions.agents import describe_me
from actions.agents import sign_in as check_password
from actions.channels import list_troubled
from actions.companies import check_setup_token, demo_widget_key, set_up
from actions.sessions import end_own_session, note_seen
from actions.team import list_agents
from blueprints.assets import STATIC, asset, build_id
from blueprints.dashboard.first_paint import first_list, initials, tint
from blueprints.dashboard.shop import BELLS, bell_of
from blueprints.dashboard.signing import sign_in_as
from blueprints.endpoint import load
from blueprints.headers import policy
from blueprints.limits import failed_sign_ins, failed_sign_ins_of_address
from errors import Invalid, Unauthorized
from schemas.pages import SetUp, SignIn

dashboard = Blueprint("dashboard", __name__)
dashboard.add_app_template_global(asset)
dashboard.add_app_template_filter(initials)
dashboard.add_app_template_filter(tint)

YEAR = 365 * 24 * 3600  # seconds


@dashboard.get("/")
@dashboard.get("/conversations/<conversation_id>")
def inbox(conversation_id: str | None = None) -> str:  # noqa: ARG001
    """The dashboard. Which conversation is open is the script's business."""
    if current_user.is_authenticated:
        note_seen(current_user)
    me = describe_me(g.agent, generate_csrf())
    first = first_list(g.agent)
    boot = {"me": me, "first": first, **list_agents(g.agent)}
    troubled = list_troubled(g.agent)
    demo_url = url_for("dashboard.demo")
    return render_template("dashboard/inbox.html", me=me, boot=boot, first=first, troubled=troubled, demo_url=demo_url)


@dashboard.get("/login")
def login() -> str | BaseResponse:
    if current_user.is_authenticated:
        return redirect(_next_page(request.args.get("next")))
    return _login_page(None)


@dashboard.post("/login")
@failed_sign_ins_of_address
@failed_sign_ins
def sign_in() -> BaseResponse | tuple[str, int]:
    try:
        data = load(SignIn(), request.form.to_dict())
        agent = check_password(data["email"], data["password"])
    except (Unauthorized, Invalid):
        return _login_page("The e-mail or the password is not right."), 401
    sign_in_as(agent)
    return redirect(_next_page(request.form.get("next")))


@dashboard.post("/logout")
def logout() -> BaseResponse:
    if current_user.is_authenticated:
        end_own_session(current_user.agent, current_user.id)
    logout_user()
    session.clear()
    return redirect(url_for("dashboard.login"))


@dashboard.get("/setup")
def setup() -> str:
    """The page of the one-time link that the console shows while there is no agent."""
    token = request.args.get("token", "")
    check_setup_token(token)
    return _setup_page(token, {}, {})


@dashboard.post("/setup")
def finish_setup() -> BaseResponse | tuple[str, int]:
    form = request.form.to_dict()
    check_setup_token(form.get("token", ""))
    try:
        agent = set_up(load(SetUp(), form))
    except Invalid as error:
        return _setup_page(form["token"], error.errors, form), 422
    sign_in_as(agent)
    return redirect(url_for("dashboard.inbox"))


@dashboard.get("/demo")
def demo() -> str:
    """A small shop with the widget on it: `?key=` shows another widget than the oldest."""
    return _demo_page("demo", bells=BELLS)


@dashboard.get("/demo/shop/<slug>")
def demo_bell(slug: str) -> str:
    bell = bell_of(slug)
    at = BELLS.index(bell)
    return _demo_page("demo_bell", bell=bell, others=(*BELLS[at + 1 :], *BELLS[:at])[:3])


@dashboard.get("/demo/care")
def demo_care() -> str:
    return _demo_page("demo_care")


@dashboard.get("/api/docs")
def docs() -> Response:
    page = Response(render_template("dashboard/docs.html", spec_url=url_for("messaging.openapi")))
    page.headers["Content-Security-Policy"] = policy(style_src="'self' 'unsafe-inline'", img_src="'self' data:")
    return page


@dashboard.get("/assets/<build>/<path:name>")
def assets(build: str, name: str) -> Response:
    """A static file: for ever under the present build's name, briefly under an older one's."""
    response = send_from_directory(STATIC, name, max_age=YEAR if build == build_id() else 60)
    if build == build_id():
        response.cache_control.immutable = True
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _demo_page(name: str, **context: Any) -> str:
    key = request.args.get("key") or None
    widget_key = access_widget(key).external_id if key else demo_widget_key()
    widget_url = url_for("widget.loader")
    return render_template(f"widget/{name}.html", key=key, widget_key=widget_key, widget_url=widget_url, **context)


def _next_page(target: str | None) -> str:
    """Where to go after signing in: a path of ours, never another site."""
    ours = target and target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if ours and target else url_for("dashboard.inbox")


def _login_page(error: str | None) -> str:
    email, target = request.form.get("email", ""), request.values.get("next", "")
    return render_template("dashboard/login.html", error=error, email=email, next=target)


def _setup_page(token: str, errors: dict[str, Any], values: dict[str, str]) -> str:
    return render_template("dashboard/setup.html", token=token, errors=errors, values=values)
