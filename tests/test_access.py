"""Who may: nobody, strangers, sessions, API tokens; signing in and out; the set-up link; pages and their headers."""

import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete

from actions.agents import reset_password
from actions.companies import ensure_company, setup_token
from blueprints.guard import PUBLIC
from models import Agent, Company
from store import write
from tests.cast import PASSWORD, Cast, Socket
from tests.test_bad_input import count_rows

BODY = {"text": "Hi", "clientId": "c", "seq": 1, "status": "RESOLVED"}


def api_routes(app: Flask, prefix: str | tuple[str, ...]) -> list[tuple[str, str]]:
    """(method, path) of every route behind a door."""
    return [
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        if rule.endpoint.startswith(prefix) and rule.endpoint not in PUBLIC and rule.rule.startswith("/api/")
    ]


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD, **more: str) -> Any:
    form = {"email": email, "password": password, "csrf_token": csrf_of(client.get("/login").text), **more}
    return client.post("/login", data=form)


def csrf_of(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.fixture
def browser(cast: Cast) -> FlaskClient:
    """A browser in which the owner is signed in."""
    client = cast.anyone()
    assert sign_in(client, cast.owner.email).status_code == 302
    return client


# Doors


def test_the_public_routes_are_these(capsys: pytest.CaptureFixture[str]) -> None:
    print("\n".join(sorted(PUBLIC)))  # noqa: T201
    assert capsys.readouterr().out.split() == [
        "account.accept",
        "account.finish",
        "account.forgot",
        "account.invited",
        "account.request_link",
        "account.reset",
        "dashboard.assets",
        "dashboard.demo",
        "dashboard.demo_bell",
        "dashboard.demo_care",
        "dashboard.docs",
        "dashboard.finish_setup",
        "dashboard.login",
        "dashboard.setup",
        "dashboard.sign_in",
        "messaging.openapi",
        "ops.healthz",
        "ops.metrics",
        "ops.readyz",
        "uploads.avatar",
        "uploads.file",
        "webhooks.receive",
        "webhooks.shake_hands",
        "widget.config",
        "widget.init",
        "widget.loader",
    ]


def test_every_public_route_exists(app: Flask) -> None:
    assert set(app.view_functions) >= PUBLIC


def test_nobody_gets_401_and_changes_nothing(cast: Cast, app: Flask) -> None:
    conversation_id = cast.visitor().write()
    before = count_rows()
    for prefix in ("messaging.", "people.", "settings.", "uploads.", "outbox.", "widget."):
        for method, path in api_routes(app, prefix):
            path = path.replace("<conversation_id>", conversation_id).replace("<message_id>", "x")
            answer = cast.anyone().open(path, method=method, json=BODY)
            assert (answer.status_code, answer.content_type) == (401, "application/problem+json"), path
    assert count_rows() == before


def test_a_stranger_gets_404_and_changes_nothing(cast: Cast, app: Flask) -> None:
    conversation_id = cast.visitor().write()
    message_id = cast.owner.messages(conversation_id)[0]["id"]
    before = count_rows()
    tried = 0
    for method, path in api_routes(app, "messaging."):
        if "<" not in path:
            continue
        path = path.replace("<conversation_id>", conversation_id).replace("<message_id>", message_id)
        assert cast.outsider(method, path, BODY if method != "GET" else None).status_code == 404, path
        tried += 1
    assert tried >= 5
    assert cast.outsider.reply(conversation_id).status_code == 404
    assert cast.outsider.conversations() == []
    assert count_rows() == before


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer dbt_wrong", "Basic eDp5", "dbt_x", "Bearer \x80", ""])
def test_an_api_token_that_is_none(cast: Cast, header: str) -> None:
    assert cast.anyone().get("/api/me", headers={"Authorization": header}).status_code == 401


def test_me_and_agents(cast: Cast) -> None:
    me = cast.mate.get("/api/me").json
    assert (me["id"], me["name"], me["email"], me["role"]) == (cast.mate.agent_id, "Mate", cast.mate.email, "AGENT")
    assert me["company"] == {"id": cast.company["companyId"], "name": "Bells & Sons"}
    assert me["csrfToken"]
    agents = cast.owner.get("/api/agents").json["agents"]
    assert {agent["id"] for agent in agents} == {cast.owner.agent_id, cast.mate.agent_id}
    assert set(agents[0]) == {"id", "name", "email", "role", "avatarUrl", "availability", "online"}


# Signing in


def test_signed_out_pages_lead_to_the_sign_in_page_and_back(cast: Cast) -> None:
    client = cast.anyone()
    assert client.get("/").location == "/login"
    answer = client.get("/conversations/abc")
    assert (answer.status_code, answer.location) == (302, "/login?next=/conversations/abc")
    assert sign_in(client, cast.owner.email, next="/conversations/abc").location == "/conversations/abc"
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "", "/\n/e"]
)
def test_signing_in_leads_to_no_other_site(cast: Cast, target: str) -> None:
    assert sign_in(cast.anyone(), cast.owner.email, next=target).location == "/"


@pytest.mark.parametrize(
    ("email", "password"), [("owner", "wrong"), ("nobody@bells.example", PASSWORD), ("", ""), ("x" * 999, "x" * 999)]
)
def test_a_wrong_sign_in_is_one_answer(cast: Cast, email: str, password: str) -> None:
    email = cast.owner.email if email == "owner" else email
    client = cast.anyone()
    answer = sign_in(client, email, password)
    assert answer.status_code == 401
    assert "The e-mail or the password is not right." in answer.text
    assert client.get("/api/me").status_code == 401


def test_the_e_mail_is_not_case_sensitive(cast: Cast) -> None:
    assert sign_in(cast.anyone(), cast.owner.email.upper()).status_code == 302


def test_a_session_needs_a_csrf_token_for_every_change(cast: Cast, browser: FlaskClient, app: Flask) -> None:
    conversation_id = cast.visitor().write()
    before = count_rows()
    for method, path in api_routes(app, ("messaging.", "people.", "outbox.")):
        if method == "GET":
            continue
        path = path.replace("<conversation_id>", conversation_id).replace("<message_id>", "x")
        for headers in ({}, {"X-CSRFToken": "wrong"}):
            answer = browser.open(path, method=method, json=BODY, headers=headers)
            assert (answer.status_code, answer.json["status"]) == (403, 403), path
    assert browser.post("/logout").status_code == 403
    assert count_rows() == before
    token = browser.get("/api/me").json["csrfToken"]
    answer = browser.patch(
        f"/api/conversations/{conversation_id}", json={"status": "RESOLVED"}, headers={"X-CSRFToken": token}
    )
    assert answer.status_code == 200


def test_signing_in_and_setting_up_need_one_too(cast: Cast) -> None:
    form = {"email": cast.owner.email, "password": PASSWORD, "token": "x"}
    assert cast.anyone().post("/login", data=form).status_code == 403
    assert cast.anyone().post("/setup", data=form).status_code == 403


def test_signing_out_ends_the_session(browser: FlaskClient) -> None:
    token = browser.get("/api/me").json["csrfToken"]
    assert browser.post("/logout", data={"csrf_token": token}).location == "/login"
    assert browser.get("/api/me").status_code == 401


def test_a_new_password_ends_every_session(cast: Cast, browser: FlaskClient) -> None:
    reset_password(cast.owner.email, "another long one")
    assert browser.get("/api/me").status_code == 401
    assert sign_in(cast.anyone(), cast.owner.email).status_code == 401
    assert sign_in(cast.anyone(), cast.owner.email, "another long one").status_code == 302


def test_the_cookie_is_for_the_server_only(cast: Cast) -> None:
    cookie = sign_in(cast.anyone(), cast.owner.email).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie  # the tests' PUBLIC_URL is http


# Sockets


@pytest.mark.parametrize(
    ("headers", "connected"),
    [
        ({}, False),
        ({"Origin": "http://localhost"}, True),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://localhost.evil.example"}, False),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}, False),
    ],
)
def test_a_cookie_opens_the_agents_socket_from_our_own_pages_only(
    cast: Cast, browser: FlaskClient, headers: dict[str, str], connected: bool
) -> None:
    socket = Socket(cast.app, "/agent", None, flask_test_client=browser, headers=headers)
    assert socket.connected is connected


@pytest.mark.parametrize(
    "auth", [None, {}, {"token": ""}, {"token": "wrong"}, {"token": None}, {"token": ["x"]}, {"token": 0}]
)
def test_the_agents_socket_refuses_what_is_no_token(cast: Cast, auth: Any) -> None:
    assert not Socket(cast.app, "/agent", auth).connected


@pytest.mark.parametrize("auth", [None, {}, {"visitorToken": "wrong"}, {"visitorToken": True}, {"visitorToken": {}}])
def test_the_visitors_socket_refuses_what_is_no_token(cast: Cast, auth: Any) -> None:
    assert not Socket(cast.app, "/widget", auth).connected


def test_a_socket_joins_only_what_is_its_own(cast: Cast) -> None:
    ann, bob = cast.visitor(), cast.visitor()
    conversation_id = ann.write()
    bob.write()
    for socket in (cast.outsider.socket(), bob.socket()):
        for event in ("conversation:join", "message:read", "message:delivered"):
            ack = socket.send(event, {"conversationId": conversation_id, "seq": 1})
            assert (ack["ok"], ack["error"]["status"]) == (False, 404)
    for socket, last_seq in ((cast.mate.socket(), 1), (ann.socket(), 1)):
        ack = socket.send("conversation:join", {"conversationId": conversation_id})
        assert ack == {"ok": True, "conversationId": conversation_id, "lastSeq": last_seq}
        left = socket.send("conversation:leave", {"conversationId": conversation_id})
        assert left == {"ok": True, "conversationId": conversation_id}


# The set-up link


@pytest.fixture
def unowned(app: Flask) -> Iterator[FlaskClient]:
    """A Deskbell that nobody owns yet."""
    with app.app_context():
        ensure_company()
        yield app.test_client()


def test_the_setup_link_makes_the_first_owner_once(unowned: FlaskClient) -> None:
    token = setup_token()
    page = unowned.get(f"/setup?token={token}").text
    form = {
        "csrf_token": csrf_of(page),
        "token": token,
        "company": "Bells",
        "name": "Ann",
        "email": "ann@bells.example",
    }
    assert unowned.post("/setup", data={**form, "password": "short"}).status_code == 422
    assert unowned.post("/setup", data={**form, "password": "long enough", "email": "nobody"}).status_code == 422
    assert unowned.post("/setup", data={**form, "password": "long enough", "token": "x"}).status_code == 403
    assert unowned.post("/setup", data={**form, "password": "long enough"}).location == "/"
    me = unowned.get("/api/me").json
    assert (me["name"], me["role"], me["company"]["name"]) == ("Ann", "OWNER", "Bells")
    assert setup_token() is None
    assert unowned.get(f"/setup?token={token}").status_code == 403
    assert unowned.post("/setup", data={**form, "password": "long enough"}).status_code == 403


@pytest.mark.parametrize("token", ["", "wrong", "%00", "é"])
def test_a_wrong_setup_link(unowned: FlaskClient, token: str) -> None:
    assert unowned.get(f"/setup?token={token}").status_code == 403


def test_without_agents_nobody_can_sign_in(unowned: FlaskClient) -> None:
    assert sign_in(unowned, "ann@bells.example", "").status_code == 401


def test_a_company_is_made_only_if_there_is_none(unowned: FlaskClient) -> None:
    before = count_rows()
    ensure_company()
    assert count_rows() == before
    with write() as tx:
        tx.session.execute(delete(Agent))
        tx.session.execute(delete(Company))
    ensure_company()
    assert count_rows() == before


# Pages


@pytest.mark.parametrize("path", ["/", "/login", "/demo", "/demo/shop/porch", "/demo/care", "/api/docs", "/nothing"])
def test_pages_run_nothing_inline_and_cannot_be_framed(browser: FlaskClient, path: str) -> None:
    page = browser.get(path, headers={"Accept": "text/html"})
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert ("'unsafe-inline'" in policy) is (path == "/api/docs")
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Cache-Control"] == "no-store"
    for tag in re.findall(r"<script[^>]*>", page.text):
        assert "src=" in tag or 'type="application/json"' in tag
    assert not re.search(r"<[^>]+ (style|on\w+)=", page.text)


def test_an_unknown_page_is_a_page_for_people_and_a_problem_for_programs(cast: Cast) -> None:
    page = cast.anyone().get("/nothing", headers={"Accept": "text/html"})
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert cast.anyone().get("/nothing").content_type == "application/problem+json"


def test_an_unexpected_error_tells_a_reference_and_nothing_else(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any) -> None:
        raise RuntimeError("SELECT secret FROM channel")

    cast.app.testing = False
    monkeypatch.setattr(sys.modules["blueprints.messaging.routes"], "describe_me", broken)
    answer = cast.owner.get("/api/me")
    cast.app.testing = True
    assert answer.status_code == 500
    assert answer.json["reference"] == answer.headers["X-Request-Id"]
    assert "secret" not in answer.text


def test_health(cast: Cast) -> None:
    assert cast.anyone().get("/healthz").json == {"status": "alive"}
    ready = cast.anyone().get("/readyz")
    assert (ready.status_code, ready.json["status"]) == (200, "ready")
