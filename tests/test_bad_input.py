"""Every way in, and everything that must not come in: the contract's answer, nothing stored, nothing told."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from extensions import db
from tests.cast import Cast, Socket

DEEP = "[" * 1000 + "]" * 1000
LONE_SURROGATE = "\ud800"


class Scene:
    """A conversation with both sides connected. `same()` fails if anything was stored or told since."""

    def __init__(self, cast: Cast):
        self.cast = cast
        self.visitor = cast.visitor()
        self.conversation_id = self.visitor.write("Before")
        self.sockets: list[Socket] = [cast.owner.socket(), self.visitor.socket()]
        self.rows = count_rows()

    def same(self) -> None:
        assert count_rows() == self.rows
        assert [socket.heard() for socket in self.sockets] == [[], []]


def count_rows() -> dict[str, int]:
    db.session.remove()
    tables = db.metadata.sorted_tables
    return {table.name: db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


@pytest.fixture
def scene(cast: Cast) -> Iterator[Scene]:
    scene = Scene(cast)
    yield scene
    scene.same()


Post = Callable[[Scene, Any], TestResponse]


def path_of(scene: Scene, route: str) -> str:
    return route.replace("<id>", scene.conversation_id)


# (method, route, a body that would be accepted, whose door)
BODIES: list[tuple[str, str, dict[str, Any], str]] = [
    ("POST", "/api/widget/init", {"widgetKey": "<key>", "message": "Hi", "clientId": "c"}, "nobody"),
    ("POST", "/api/widget/messages", {"text": "Hi", "clientId": "c"}, "visitor"),
    ("POST", "/api/widget/read", {"seq": 1}, "visitor"),
    ("POST", "/api/messages/send", {"conversationId": "<id>", "text": "Hi", "clientId": "c"}, "agent"),
    ("PATCH", "/api/conversations/<id>", {"status": "RESOLVED"}, "agent"),
    ("POST", "/api/conversations/<id>/read", {"seq": 1}, "agent"),
]


def call(scene: Scene, method: str, route: str, door: str, **kwargs: Any) -> TestResponse:
    token = {"visitor": scene.visitor.token, "agent": scene.cast.owner.token}.get(door)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers.update(kwargs.pop("headers", {}))
    return scene.cast.anyone().open(path_of(scene, route), method=method, headers=headers, **kwargs)


def body_for(scene: Scene, body: dict[str, Any]) -> dict[str, Any]:
    known = {"<id>": scene.conversation_id, "<key>": scene.cast.company["widgetKey"]}
    return {name: known.get(value, value) if isinstance(value, str) else value for name, value in body.items()}


def check_problem(answer: TestResponse, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    problem = json.loads(answer.text)
    assert set(problem) == {"type", "title", "status", "detail", "errors"}
    assert problem["status"] == status
    return problem


EVERY_BODY = pytest.mark.parametrize(("method", "route", "body", "door"), BODIES, ids=[row[1] for row in BODIES])


@EVERY_BODY
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b'{"text": "a",}',
        b'{"text": NaN}',
        b'{"seq": Infinity}',
        b'{"text": "\xff\xfe"}',
        DEEP.encode(),
        ('{"text":' * 1000 + "1" + "}" * 1000).encode(),
        b"[" * 100_000,
        b'{"seq": ' + b"9" * 5000 + b"}",
    ],
    ids=["empty", "cut", "comma", "NaN", "Infinity", "not UTF-8", "deep", "deep objects", "very deep", "huge number"],
)
def test_what_is_no_json(scene: Scene, method: str, route: str, body: dict, door: str, raw: bytes) -> None:
    answer = call(scene, method, route, door, data=raw, content_type="application/json")
    check_problem(answer, 422 if raw == DEEP.encode() and answer.status_code == 422 else 400)


@EVERY_BODY
@pytest.mark.parametrize("raw", ["[]", '"text"', "1", "null", "true"])
def test_a_body_that_is_no_object(scene: Scene, method: str, route: str, body: dict, door: str, raw: str) -> None:
    check_problem(call(scene, method, route, door, data=raw, content_type="application/json"), 422)


@EVERY_BODY
@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_another_content_type(scene: Scene, method: str, route: str, body: dict, door: str, content_type: str) -> None:
    raw = json.dumps(body_for(scene, body))
    check_problem(call(scene, method, route, door, data=raw, content_type=content_type), 415)


@EVERY_BODY
def test_two_megabytes(scene: Scene, method: str, route: str, body: dict, door: str) -> None:
    raw = json.dumps({**body_for(scene, body), "more": "x" * 2_000_000})
    check_problem(call(scene, method, route, door, data=raw, content_type="application/json"), 413)


REQUIRED = [
    (method, route, body, door, name)
    for method, route, body, door in BODIES
    for name in body
    if (route, name) not in {("/api/widget/init", "message"), ("/api/conversations/<id>", "status")}
]


@pytest.mark.parametrize(("method", "route", "body", "door", "name"), REQUIRED)
@pytest.mark.parametrize("wrong", ["missing", None, [], {}, True, 1.5, ["x"]], ids=repr)
def test_a_field_that_is_missing_or_of_a_wrong_type(
    scene: Scene, method: str, route: str, body: dict, door: str, name: str, wrong: Any
) -> None:
    sent = body_for(scene, body)
    sent.pop(name)
    if wrong != "missing":
        sent[name] = wrong
    problem = check_problem(call(scene, method, route, door, json=sent), 422)
    assert name in problem["errors"]


TEXTS = [
    (*BODIES[0], "message"),
    (*BODIES[1], "text"),
    (*BODIES[3], "text"),
]


@pytest.mark.parametrize(("method", "route", "body", "door", "name"), TEXTS, ids=[row[1] for row in TEXTS])
@pytest.mark.parametrize(
    "text",
    ["", "   \n\t ", "\x00\x07", "x" * 4001, "🔔" * 4001, LONE_SURROGATE, f"a{LONE_SURROGATE}b", 5, False, None],
    ids=[
        "empty",
        "spaces",
        "controls only",
        "4001",
        "4001 bells",
        "surrogate",
        "surrogate inside",
        "5",
        "false",
        "null",
    ],
)
def test_a_text_that_is_none(
    scene: Scene, method: str, route: str, body: dict, door: str, name: str, text: Any
) -> None:
    sent = {**body_for(scene, body), name: text}
    raw = json.dumps(sent)  # as \\uD800, the way such things arrive
    answer = call(scene, method, route, door, data=raw, content_type="application/json")
    assert name in check_problem(answer, 422)["errors"]


@pytest.mark.parametrize(("method", "route", "body", "door", "name"), TEXTS, ids=[row[1] for row in TEXTS])
@pytest.mark.parametrize("client_id", ["", "x" * 65, "line\nbreak", "nul\x00", LONE_SURROGATE, 7, None])
def test_a_client_id_that_is_none(
    scene: Scene, method: str, route: str, body: dict, door: str, name: str, client_id: Any
) -> None:
    raw = json.dumps({**body_for(scene, body), "clientId": client_id})
    answer = call(scene, method, route, door, data=raw, content_type="application/json")
    assert "clientId" in check_problem(answer, 422)["errors"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x" * 201),
        ("name", 5),
        ("name", LONE_SURROGATE),
        ("email", "nobody"),
        ("email", "a@b@c.de"),
        ("email", []),
        ("email", "x" * 250 + "@example.com"),
        ("page", "https://shop.example"),
        ("page", {"url": "x" * 2049}),
        ("page", {"title": ["x"]}),
        ("locale", "x" * 36),
        ("timezone", 1),
        ("identity", "me"),
        ("identity", {"userId": 5, "hash": "x"}),
        ("identity", {"userId": "u"}),
        ("identity", {"userId": "u", "hash": None}),
        ("identity", {"userId": "u", "hash": "x", "attributes": {"plan": {"deep": 1}}}),
        ("newConversation", "yes"),
        ("newConversation", 1),
        ("replyTo", 5),
        ("replyTo", "nothing-of-this-id"),
        ("replyTo", "\x00"),
    ],
)
def test_what_comes_along_with_a_message(scene: Scene, field: str, value: Any) -> None:
    raw = json.dumps({"text": "Hi", "clientId": "c", field: value})
    answer = call(scene, "POST", "/api/widget/messages", "visitor", data=raw, content_type="application/json")
    assert field in check_problem(answer, 422)["errors"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "CLOSED"),
        ("status", None),
        ("status", "resolved"),
        ("status", ["OPEN"]),
        ("snoozedUntil", "2099-01-01T00:00:00Z"),  # not snoozed
        ("snoozedUntil", "tomorrow"),
        ("snoozedUntil", "2099-01-01T00:00:00"),
        ("snoozedUntil", 5),
        ("assigneeId", "nobody"),
        ("assigneeId", 5),
        ("autoBot", "true"),
        ("autoBot", 1),
        ("autoBot", None),
        ("labels", "vip"),
        ("labels", [""]),
        ("labels", [5]),
        ("labels", ["x" * 51]),
        ("labels", ["x"] * 21),
        ("labels", None),
    ],
)
def test_a_change_that_is_none(scene: Scene, field: str, value: Any) -> None:
    answer = call(scene, "PATCH", "/api/conversations/<id>", "agent", json={field: value})
    assert field in check_problem(answer, 422)["errors"]


def test_a_wrong_field_stops_the_right_ones_beside_it(scene: Scene) -> None:
    change = {"status": "RESOLVED", "assigneeId": "nobody"}
    check_problem(call(scene, "PATCH", "/api/conversations/<id>", "agent", json=change), 422)
    assert scene.cast.owner.conversation(scene.conversation_id)["status"] == "OPEN"


@pytest.mark.parametrize("seq", [-1, 2**53, 10**40, 1.0, "1"])
@pytest.mark.parametrize(
    ("route", "door"), [("/api/widget/read", "visitor"), ("/api/conversations/<id>/read", "agent")]
)
def test_a_seq_that_is_none(scene: Scene, route: str, door: str, seq: Any) -> None:
    assert "seq" in check_problem(call(scene, "POST", route, door, json={"seq": seq}), 422)["errors"]


PAGES = [("/api/widget/messages", "visitor"), ("/api/conversations/<id>/messages", "agent")]
LISTS = [*PAGES, ("/api/conversations", "agent")]


@pytest.mark.parametrize(("route", "door"), LISTS)
@pytest.mark.parametrize("limit", ["", "0", "101", "-5", "x", "1.5", "9" * 30, "１"])
def test_a_limit_that_is_none(scene: Scene, route: str, door: str, limit: str) -> None:
    assert "limit" in check_problem(call(scene, "GET", f"{route}?limit={limit}", door), 422)["errors"]


@pytest.mark.parametrize(("route", "door"), PAGES)
@pytest.mark.parametrize("query", ["before=x", "after=-1", "before=5&after=1", "after=99999999999999999999"])
def test_a_page_that_is_none(scene: Scene, route: str, door: str, query: str) -> None:
    check_problem(call(scene, "GET", f"{route}?{query}", door), 422)


@pytest.mark.parametrize(
    "query",
    [
        "cursor=nonsense",
        "cursor=W10",
        "cursor=WyJ4IiwgInkiXQ",
        "cursor=" + "A" * 5000,
        "cursor=%00",
        "status=CLOSED",
        "status=OPEN,",
        "platform=ICQ",
        "changedAfter=x",
        "changedAfter=-1",
        "changedAfter=1&q=x",
        "q=" + "x" * 201,
    ],
)
def test_a_list_query_that_is_none(scene: Scene, query: str) -> None:
    problem = check_problem(call(scene, "GET", f"/api/conversations?{query}", "agent"), 422)
    assert query.split("=")[0] in problem["errors"]


@pytest.mark.parametrize(
    "query",
    ["assignee=%00", "channelId=%00", "label=%00", "q=%00", "assignee=%ff", "channelId=%ed%a0%80", "label=%ed%a0%80"],
)
def test_odd_bytes_in_a_query_find_nothing(scene: Scene, query: str) -> None:
    answer = call(scene, "GET", f"/api/conversations?{query}", "agent")
    assert answer.status_code in (200, 422), answer.text


@pytest.mark.parametrize(
    ("method", "route"),
    [
        ("GET", "/api/conversations/{}"),
        ("GET", "/api/conversations/{}/messages"),
        ("PATCH", "/api/conversations/{}"),
        ("POST", "/api/conversations/{}/read"),
        ("POST", "/api/messages/{}/retry"),
    ],
)
@pytest.mark.parametrize("unknown", ["nothing", "x" * 4000, "%00", "%ed%a0%80", "%F0%9F%94%94", "1 OR 1=1"])
def test_an_id_that_is_none(scene: Scene, method: str, route: str, unknown: str) -> None:
    body = {"json": {"seq": 1}} if method != "GET" else {}
    check_problem(call(scene, method, route.format(unknown), "agent", **body), 404)


@pytest.mark.parametrize("unknown", ["nothing", "\x00", LONE_SURROGATE, "x" * 4000])
def test_a_conversation_to_answer_that_is_none(scene: Scene, unknown: str) -> None:
    raw = json.dumps({"conversationId": unknown, "text": "Hi", "clientId": "c"})
    check_problem(call(scene, "POST", "/api/messages/send", "agent", data=raw, content_type="application/json"), 404)


@pytest.mark.parametrize("key", ["nothing", "\x00", "x" * 4000, LONE_SURROGATE])
def test_a_widget_key_that_is_none(scene: Scene, key: str) -> None:
    raw = json.dumps({"widgetKey": key, "message": "Hi", "clientId": "c"})
    answer = call(scene, "POST", "/api/widget/init", "nobody", data=raw, content_type="application/json")
    check_problem(answer, 404)


@pytest.mark.parametrize(("query", "status"), [("", 422), ("?widgetKey=", 404), ("?widgetKey=%00", 404)])
def test_a_widget_key_that_is_missing(scene: Scene, query: str, status: int) -> None:
    check_problem(call(scene, "GET", f"/api/widget/config{query}", "nobody"), status)


def test_every_route_knows_its_methods(scene: Scene, app: Flask) -> None:
    api = {rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")}
    for path in sorted(api - {"/api/docs", "/api/openapi.json"}):
        route = re.sub(r"<\w+>", "x", path)
        allowed = set(app.url_map.bind("localhost").allowed_methods(route))
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - allowed:
            answer = call(scene, method, route, "agent")
            check_problem(answer, 405)
            assert set(answer.headers["Allow"].split(", ")) == allowed


def test_a_path_that_is_none(scene: Scene) -> None:
    check_problem(call(scene, "GET", "/api/nothing", "agent"), 404)
    answer = call(scene, "GET", "/api/widget/nothing", "visitor")
    check_problem(answer, 404)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@EVERY_BODY
def test_a_visitors_door_answers_errors_to_every_origin(
    scene: Scene, method: str, route: str, body: dict, door: str
) -> None:
    answer = call(scene, method, route, door, data="{", content_type="application/json")
    is_widget = route.startswith("/api/widget/")
    assert (answer.headers.get("Access-Control-Allow-Origin") == "*") is is_widget
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_bytes_are_in_no_event(scene: Scene) -> None:
    for socket in scene.sockets:
        ack = socket.send("conversation:join", {"conversationId": b"x"})
        assert (ack["ok"], ack["error"]["status"]) == (False, 404)


EVENTS = ["conversation:join", "conversation:leave", "message:read", "message:delivered"]


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize(
    "args",
    [
        (),
        (None,),
        ("text",),
        (5,),
        ([],),
        ({},),
        ({"conversationId": None},),
        ({"conversationId": 5},),
        ({}, {}),
    ],
    ids=repr,
)
def test_an_event_with_a_wrong_payload(scene: Scene, event: str, args: tuple[Any, ...]) -> None:
    for socket in scene.sockets:
        ack = socket.send(event, *args)
        assert (ack["ok"], ack["error"]["status"]) == (False, 422), ack


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("unknown", ["nothing", "\x00", "x" * 4000])
def test_an_event_with_an_unknown_conversation(scene: Scene, event: str, unknown: str) -> None:
    for socket in scene.sockets:
        ack = socket.send(event, {"conversationId": unknown, "seq": 1})
        assert (ack["ok"], ack["error"]["status"]) == (False, 404), ack


@pytest.mark.parametrize("seq", [None, -1, "1", True, 1.5, 10**40])
@pytest.mark.parametrize("event", ["message:read", "message:delivered"])
def test_an_event_with_a_wrong_seq(scene: Scene, event: str, seq: Any) -> None:
    for socket in scene.sockets:
        ack = socket.send(event, {"conversationId": scene.conversation_id, "seq": seq})
        assert (ack["ok"], ack["error"]["status"]) == (False, 422), ack


@pytest.mark.parametrize("event", ["", "message:new", "conversation:new", "connect", "*", "__class__", "x" * 1000])
def test_an_unknown_event(scene: Scene, event: str) -> None:
    for socket in scene.sockets:
        ack = socket.send(event, {"conversationId": scene.conversation_id})
        assert (ack["ok"], ack["error"]["status"]) == (False, 404), ack


def test_a_text_at_its_limits_is_kept_as_it_is(cast: Cast) -> None:
    visitor = cast.visitor()
    visitor.write("🔔" * 4000)
    visitor.write("  tab\tand\r\nline\rend\x07\x00\x9f  ")
    assert [message["text"] for message in visitor.messages()] == ["🔔" * 4000, "tab\tand\nline\nend"]
