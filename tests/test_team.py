"""The team: profiles, roles, invites, API tokens, sessions, forgotten passwords, and who is shut out when they end."""

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from actions.agents import reset_password
from actions.live import live
from actions.sessions import close_ended
from extensions import db
from models import Agent, AgentSession, Invite, OutboxItem, PasswordReset
from models.types import now
from serving import sleep
from store import write
from tests.cast import PASSWORD, AgentDoor, Cast, Socket
from tests.test_access import csrf_of, sign_in

NEW_PASSWORD = "battery staple"


def agent_row(door: AgentDoor) -> Agent:
    db.session.remove()
    return db.session.get_one(Agent, door.agent_id)


def is_closed(socket: Socket) -> bool:
    sleep(0.05)  # sockets are closed after the answer
    return not socket.connected


def make(cast: Cast, role: str) -> None:
    """Give the team mate another role."""
    assert cast.owner.patch(f"/api/agents/{cast.mate.agent_id}", {"role": role}).status_code == 200


def browser_of(cast: Cast, door: AgentDoor, password: str = PASSWORD) -> FlaskClient:
    client = cast.anyone()
    assert sign_in(client, door.email, password).status_code == 302
    return client


def call(browser: FlaskClient, method: str, path: str, json: Any = None) -> Any:
    token = browser.get("/api/me").json["csrfToken"]
    return browser.open(path, method=method, json=json, headers={"X-CSRFToken": token})


def query_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["token"][0]


def mailed_link(to: str) -> str:
    """The address in the newest mail to somebody."""
    db.session.remove()
    query = select(OutboxItem).where(OutboxItem.target == f"mail:{to}").order_by(OutboxItem.number.desc())
    found = re.search(r"http\S+", db.session.scalars(query).first().payload["text"])  # type: ignore[union-attr]
    assert found
    return found[0]


@pytest.fixture
def mail_server(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cast.app.config, "SMTP_URL", "smtp://127.0.0.1:1")


# Roles


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/api/agents/x"),
        ("DELETE", "/api/agents/x"),
        ("GET", "/api/invites"),
        ("POST", "/api/invites"),
        ("DELETE", "/api/invites/x"),
        ("GET", "/api/tokens"),
        ("POST", "/api/tokens"),
        ("DELETE", "/api/tokens/x"),
        ("GET", "/api/outbox"),
    ],
)
def test_an_agent_is_no_admin(cast: Cast, method: str, path: str) -> None:
    body = {} if method in ("POST", "PATCH") else None
    assert cast.mate(method, path, body).status_code == 403
    make(cast, "ADMIN")
    assert cast.mate(method, path, body).status_code in (200, 404, 422)


def test_only_an_owner_touches_an_owner(cast: Cast) -> None:
    make(cast, "ADMIN")
    owner = f"/api/agents/{cast.owner.agent_id}"
    assert cast.mate.patch(owner, {"role": "AGENT"}).status_code == 403
    assert cast.mate.delete(owner).status_code == 403
    assert cast.mate.patch(f"/api/agents/{cast.mate.agent_id}", {"role": "OWNER"}).status_code == 403
    assert cast.mate.post("/api/invites", {"email": "x@bells.example", "role": "OWNER"}).status_code == 403


def test_the_last_owner_stays(cast: Cast) -> None:
    owner = f"/api/agents/{cast.owner.agent_id}"
    assert cast.owner.patch(owner, {"role": "ADMIN"}).status_code == 409
    assert cast.owner.delete(owner).status_code == 409
    make(cast, "OWNER")
    assert cast.owner.patch(owner, {"role": "ADMIN"}).status_code == 200
    assert cast.owner.delete(f"/api/agents/{cast.mate.agent_id}").status_code == 403


@pytest.mark.parametrize("role", ["BOSS", "", None, 5])
def test_a_role_that_is_none(cast: Cast, role: Any) -> None:
    assert cast.owner.patch(f"/api/agents/{cast.mate.agent_id}", {"role": role}).status_code == 422


def test_colleagues_of_another_company_are_not_there(cast: Cast) -> None:
    assert cast.outsider.patch(f"/api/agents/{cast.mate.agent_id}", {"role": "ADMIN"}).status_code == 404
    assert cast.outsider.delete(f"/api/agents/{cast.mate.agent_id}").status_code == 404


# Leaving


def test_a_removed_agent_is_out_at_once(cast: Cast) -> None:
    conversation_id = cast.visitor().write()
    cast.mate.reply(conversation_id, "I was here")
    cast.owner.patch(f"/api/conversations/{conversation_id}", {"assigneeId": cast.mate.agent_id})
    browser, socket = browser_of(cast, cast.mate), cast.mate.socket()
    listener = cast.owner.socket()
    assert cast.owner.delete(f"/api/agents/{cast.mate.agent_id}").status_code == 200
    assert is_closed(socket)
    assert cast.mate.get("/api/me").status_code == 401
    assert browser.get("/api/me").status_code == 401
    assert sign_in(cast.anyone(), cast.mate.email).status_code == 401
    told = [payload for name, payload in listener.heard() if name == "conversation:updated"]
    assert [payload["assignee"] for payload in told] == [None]
    assert [agent["id"] for agent in cast.owner.get("/api/agents").json["agents"]] == [cast.owner.agent_id]
    assert cast.owner.messages(conversation_id)[1]["author"]["name"] == "Mate"
    answer = cast.owner.patch(f"/api/conversations/{conversation_id}", {"assigneeId": cast.mate.agent_id})
    assert answer.status_code == 422
    assert cast.owner.delete(f"/api/agents/{cast.mate.agent_id}").status_code == 404


def test_who_left_can_be_invited_again(cast: Cast) -> None:
    cast.owner.delete(f"/api/agents/{cast.mate.agent_id}")
    assert cast.owner.post("/api/invites", {"email": cast.mate.email, "role": "AGENT"}).status_code == 201


# Profile


def test_name_and_availability_are_ones_own(cast: Cast) -> None:
    answer = cast.mate.patch("/api/me", {"name": "  Maggie   Mate ", "availability": "AWAY", "role": "OWNER"})
    assert (answer.json["agent"]["name"], answer.json["agent"]["availability"]) == ("Maggie Mate", "AWAY")
    assert agent_row(cast.mate).role == "AGENT"
    assert cast.mate.get("/api/me").json["availability"] == "AWAY"


@pytest.mark.parametrize("body", [{"name": ""}, {"name": "x" * 201}, {"availability": "ASLEEP"}, {"name": 5}])
def test_a_profile_that_is_not_valid(cast: Cast, body: dict[str, Any]) -> None:
    assert cast.mate.patch("/api/me", body).status_code == 422


def test_away_by_choice_is_told(cast: Cast) -> None:
    listener, socket = cast.owner.socket(), cast.mate.socket()
    listener.heard_all()
    cast.mate.patch("/api/me", {"availability": "AWAY"})
    sleep(0.02)
    [(name, payload)] = listener.heard_all()
    assert (name, payload["agentId"], payload["online"]) == ("presence", cast.mate.agent_id, False)
    assert socket.connected
    online = {agent["id"]: agent["online"] for agent in cast.owner.get("/api/agents").json["agents"]}
    assert online == {cast.owner.agent_id: True, cast.mate.agent_id: False}


def test_a_new_password_ends_the_other_sessions_only(cast: Cast) -> None:
    here, there = browser_of(cast, cast.mate), browser_of(cast, cast.mate)
    body = {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}
    assert call(here, "POST", "/api/me/password", body).status_code == 200
    assert (here.get("/api/me").status_code, there.get("/api/me").status_code) == (200, 401)
    assert sign_in(cast.anyone(), cast.mate.email).status_code == 401
    assert sign_in(cast.anyone(), cast.mate.email, NEW_PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"currentPassword": "wrong", "newPassword": NEW_PASSWORD}, "currentPassword"),
        ({"currentPassword": PASSWORD, "newPassword": "short"}, "newPassword"),
        ({"newPassword": NEW_PASSWORD}, "currentPassword"),
    ],
)
def test_a_password_that_cannot_be_changed(cast: Cast, body: dict[str, str], field: str) -> None:
    answer = cast.mate.post("/api/me/password", body)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


# Sessions


def test_sessions_are_listed_and_ended(cast: Cast) -> None:
    here, there = browser_of(cast, cast.mate), browser_of(cast, cast.mate)
    sessions = here.get("/api/me/sessions").json["sessions"]
    assert sorted(session["current"] for session in sessions) == [False, True]
    assert set(sessions[0]) == {"id", "current", "browser", "address", "createdAt", "seenAt"}
    other = next(session["id"] for session in sessions if not session["current"])
    assert cast.owner.delete(f"/api/me/sessions/{other}").status_code == 404
    assert call(here, "DELETE", f"/api/me/sessions/{other}").status_code == 200
    assert (here.get("/api/me").status_code, there.get("/api/me").status_code) == (200, 401)


def test_signing_out_everywhere_else(cast: Cast) -> None:
    here, there = browser_of(cast, cast.mate), browser_of(cast, cast.mate)
    assert call(here, "DELETE", "/api/me/sessions").status_code == 200
    assert (here.get("/api/me").status_code, there.get("/api/me").status_code) == (200, 401)


def test_a_session_names_its_browser(cast: Cast) -> None:
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
    client = cast.anyone()
    client.environ_base["HTTP_USER_AGENT"] = firefox
    sign_in(client, cast.mate.email)
    assert client.get("/api/me/sessions").json["sessions"][0]["browser"] == "Firefox 132 on Linux"


def test_last_seen_moves_when_a_page_is_opened_but_not_each_time(cast: Cast) -> None:
    browser = browser_of(cast, cast.mate)

    def seen() -> datetime:
        browser.get("/")
        db.session.remove()
        return db.session.scalars(select(AgentSession.seen_at)).one()

    first = seen()
    assert seen() == first
    with write() as tx:
        tx.session.execute(update(AgentSession).values(seen_at=now() - timedelta(hours=1)))
    assert seen() > first


def test_a_cookies_socket_goes_with_its_session(cast: Cast) -> None:
    browser = browser_of(cast, cast.mate)
    headers = {"Sec-Fetch-Site": "same-origin"}
    socket = Socket(cast.app, "/agent", None, flask_test_client=browser, headers=headers)
    assert socket.connected
    call(browser, "POST", "/logout")
    assert is_closed(socket)


def test_what_another_process_ended_is_noticed(cast: Cast) -> None:
    browser, token_socket = browser_of(cast, cast.mate), cast.owner.socket()
    socket = Socket(cast.app, "/agent", None, flask_test_client=browser, headers={"Sec-Fetch-Site": "same-origin"})
    close_ended()
    assert not is_closed(socket)
    with write() as tx:  # as a command would, which knows of no socket
        tx.session.execute(AgentSession.__table__.delete())  # type: ignore[attr-defined]
    close_ended()
    assert is_closed(socket)
    assert token_socket.connected
    assert len(live().agents) == 1


# API tokens


def test_a_token_is_shown_once_and_works_until_it_is_revoked(cast: Cast) -> None:
    made = cast.owner.post("/api/tokens", {"name": "Our bot"})
    assert made.status_code == 201
    secret, token = made.json["secret"], made.json["token"]
    assert secret.endswith(token["hint"])
    door = AgentDoor(cast.app, cast.owner.agent_id, secret, cast.owner.email)
    socket = door.socket()
    assert door.get("/api/me").json["id"] == cast.owner.agent_id
    listed = cast.owner.get("/api/tokens")
    assert secret not in listed.text
    assert {row["name"] for row in listed.json["tokens"]} == {"Our bot", "command line"}
    assert cast.outsider.delete(f"/api/tokens/{token['id']}").status_code == 404
    assert cast.owner.delete(f"/api/tokens/{token['id']}").status_code == 200
    assert is_closed(socket)
    assert door.get("/api/me").status_code == 401
    assert not door.socket().connected


@pytest.mark.parametrize("name", ["", " ", "x" * 101, None, 5])
def test_a_token_needs_a_name(cast: Cast, name: Any) -> None:
    assert cast.owner.post("/api/tokens", {"name": name}).status_code == 422


# Invites


def invite(cast: Cast, email: str = "new@bells.example", role: str = "ADMIN") -> dict[str, Any]:
    answer = cast.owner.post("/api/invites", {"email": email, "role": role})
    assert answer.status_code == 201, answer.text
    return answer.json


def accept(client: FlaskClient, url: str, **more: str) -> Any:
    page = client.get(urlsplit(url).path + "?" + urlsplit(url).query)
    csrf = csrf_of(page.text) if page.status_code == 200 else csrf_of(client.get("/login").text)
    form = {"token": query_of(url), "csrf_token": csrf, "name": "Nina New", "password": NEW_PASSWORD, **more}
    return client.post("/invite", data=form)


def test_an_invited_agent_joins_once(cast: Cast) -> None:
    made = invite(cast, "New@Bells.example")
    assert (made["invite"]["email"], made["mailed"]) == ("new@bells.example", False)
    assert query_of(made["url"]) not in cast.owner.get("/api/invites").text
    client = cast.anyone()
    assert accept(client, made["url"]).location == "/"
    me = client.get("/api/me").json
    assert (me["name"], me["email"], me["role"]) == ("Nina New", "new@bells.example", "ADMIN")
    assert me["company"]["id"] == cast.company["companyId"]
    again = accept(cast.anyone(), made["url"])
    assert again.status_code == 410
    assert "no longer valid" in again.text
    assert cast.owner.get("/api/invites").json["invites"] == []


def test_an_expired_or_revoked_or_made_up_invite_says_so(cast: Cast) -> None:
    made = invite(cast)
    with write() as tx:
        tx.session.execute(update(Invite).values(expires_at=now() - timedelta(seconds=1)))
    assert accept(cast.anyone(), made["url"]).status_code == 410
    assert cast.owner.get("/api/invites").json["invites"][0]["expired"] is True
    other = invite(cast, "other@bells.example")
    assert cast.outsider.delete(f"/api/invites/{other['invite']['id']}").status_code == 404
    assert cast.owner.delete(f"/api/invites/{other['invite']['id']}").status_code == 200
    assert accept(cast.anyone(), other["url"]).status_code == 410
    assert cast.anyone().get("/invite?token=made-up").status_code == 410
    assert cast.anyone().get("/invite").status_code == 410


def test_a_second_invite_of_the_same_address_replaces_the_first(cast: Cast) -> None:
    first, second = invite(cast), invite(cast)
    assert accept(cast.anyone(), first["url"]).status_code == 410
    assert accept(cast.anyone(), second["url"]).status_code == 302


def test_a_short_password_does_not_use_the_invite_up(cast: Cast) -> None:
    made = invite(cast)
    client = cast.anyone()
    refused = accept(client, made["url"], password="short", name="<b>Nina</b>")
    assert refused.status_code == 422
    assert "Use 8 to 200 characters." in refused.text
    assert "&lt;b&gt;Nina" in refused.text
    assert accept(client, made["url"]).status_code == 302


def test_who_is_an_agent_already_is_not_invited(cast: Cast) -> None:
    for email in (cast.mate.email, cast.outsider.email):
        assert cast.owner.post("/api/invites", {"email": email, "role": "AGENT"}).status_code == 409


@pytest.mark.parametrize("body", [{}, {"email": "x", "role": "AGENT"}, {"email": "x@bells.example", "role": "KING"}])
def test_an_invite_that_is_not_valid(cast: Cast, body: dict[str, str]) -> None:
    assert cast.owner.post("/api/invites", body).status_code == 422


def test_an_invite_is_mailed_where_there_is_a_mail_server(cast: Cast, mail_server: None) -> None:
    made = invite(cast)
    assert made["mailed"] is True
    assert mailed_link("new@bells.example") == made["url"]


# Forgotten passwords


def forget(cast: Cast, email: str) -> Any:
    client = cast.anyone()
    return client.post("/forgot", data={"email": email, "csrf_token": csrf_of(client.get("/forgot").text)})


def reset(client: FlaskClient, url: str, password: str = NEW_PASSWORD) -> Any:
    page = client.get("/reset?" + urlsplit(url).query)
    csrf = csrf_of(page.text) if page.status_code == 200 else csrf_of(client.get("/login").text)
    return client.post("/reset", data={"token": query_of(url), "csrf_token": csrf, "password": password})


def test_a_mailed_link_sets_a_new_password_once(cast: Cast, mail_server: None) -> None:
    before, socket = browser_of(cast, cast.mate), cast.mate.socket()
    known, unknown = forget(cast, cast.mate.email.upper()), forget(cast, "nobody@bells.example")
    assert (known.status_code, known.text) == (200, unknown.text)
    url = mailed_link(cast.mate.email)
    assert url.startswith(cast.app.config["PUBLIC_URL"] + "/reset?token=")
    client = cast.anyone()
    assert reset(client, url, "short").status_code == 422
    assert reset(client, url).location == "/"
    assert client.get("/api/me").json["id"] == cast.mate.agent_id
    assert before.get("/api/me").status_code == 401
    assert socket.connected  # an API token is not a session
    assert sign_in(cast.anyone(), cast.mate.email, NEW_PASSWORD).status_code == 302
    assert reset(cast.anyone(), url, "a third password").status_code == 410


def test_a_newer_link_and_time_end_a_link(cast: Cast, mail_server: None) -> None:
    forget(cast, cast.mate.email)
    first = mailed_link(cast.mate.email)
    forget(cast, cast.mate.email)
    assert reset(cast.anyone(), first).status_code == 410
    second = mailed_link(cast.mate.email)
    with write() as tx:
        tx.session.execute(update(PasswordReset).values(expires_at=now() - timedelta(seconds=1)))
    assert reset(cast.anyone(), second).status_code == 410


def test_the_host_of_a_request_stands_in_no_mail(cast: Cast, mail_server: None) -> None:
    client = cast.anyone()
    csrf = csrf_of(client.get("/forgot").text)
    client.post(
        "/forgot", data={"email": cast.mate.email, "csrf_token": csrf}, headers={"X-Forwarded-Host": "evil.example"}
    )
    assert "evil" not in mailed_link(cast.mate.email)


def test_without_a_mail_server_the_page_says_what_to_do(cast: Cast) -> None:
    page = cast.anyone().get("/forgot").text
    assert "reset-password" in page


def test_the_command_signs_out_everywhere(cast: Cast) -> None:
    browser = browser_of(cast, cast.mate)
    reset_password(cast.mate.email, NEW_PASSWORD)
    assert browser.get("/api/me").status_code == 401
