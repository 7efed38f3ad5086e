"""What only shows on the wire: real sockets of both transports, parallel requests, large bodies, foreign origins."""

import json
import re
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
import socketio
import websocket

from tests.live.client import Client
from tests.live.server import Company, Server

FIRST = ["conversation:new", "message:new", "conversation:view-update", "conversation:updated"]


@pytest.fixture
def company(server: Server) -> Company:
    return server.company()


@pytest.fixture
def connect(server: Server) -> Iterator[Callable[..., Client]]:
    clients: list[Client] = []

    def open_client(*args: Any, **kwargs: Any) -> Client:
        clients.append(Client(server, *args, **kwargs))
        return clients[-1]

    yield open_client
    for client in clients:
        client.sio.disconnect()


def visitor_token(server: Server, company: Company) -> str:
    body = {"widgetKey": company["widgetKey"]}
    return requests.post(f"{server.url}/api/widget/init", json=body, timeout=10).json()["visitorToken"]


def post(server: Server, token: str, body: dict[str, Any]) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.post(f"{server.url}/api/widget/messages", json=body, headers=headers, timeout=20)


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_both_sides_hear_over_either_transport(
    server: Server, company: Company, connect: Callable[..., Client], transport: str
) -> None:
    token = visitor_token(server, company)
    agent = connect("/agent", {"token": company["apiToken"]}, [transport])
    visitor = connect("/widget", {"visitorToken": token}, [transport])
    post(server, token, {"text": "Over the wire", "clientId": "1"})
    assert agent.wait_for(4) == FIRST
    assert visitor.wait_for(1) == ["message:new"]
    ack = agent.sio.call("nonsense", {}, namespace="/agent", timeout=10)
    assert (ack["ok"], ack["error"]["status"]) == (False, 404)


@pytest.mark.parametrize(
    ("namespace", "auth", "status"),
    [
        ("/agent", {}, 401),
        ("/agent", {"token": "dbt_wrong"}, 401),
        ("/agent", {"token": 5}, 422),
        ("/widget", {}, 401),
        ("/widget", {"visitorToken": "wrong"}, 401),
    ],
)
def test_a_refused_client_is_told_a_problem(server: Server, namespace: str, auth: dict[str, Any], status: int) -> None:
    told: list[Any] = []
    client = socketio.Client(reconnection=False)
    client.on("connect_error", told.append, namespace=namespace)
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(server.url, namespaces=[namespace], auth=auth, transports=["websocket"], wait_timeout=5)
    assert told[0]["data"]["status"] == status
    client.disconnect()


def test_a_dead_connection_is_noticed_within_45_seconds_by_either_side(server: Server) -> None:
    answer = requests.get(f"{server.url}/socket.io/?EIO=4&transport=polling", timeout=10)
    handshake = json.loads(answer.text[1:])
    assert handshake["pingInterval"] + handshake["pingTimeout"] <= 45_000


def test_the_same_client_id_twenty_times_in_parallel_is_one_message(
    server: Server, company: Company, connect: Callable[..., Client]
) -> None:
    token = visitor_token(server, company)
    agent = connect("/agent", {"token": company["apiToken"]}, ["websocket"])
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: post(server, token, {"text": "Once", "clientId": "same"}), range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.json()["message"]["id"] for answer in answers}) == 1
    post(server, token, {"text": "Twice", "clientId": "next"})
    assert agent.wait_for(7) == [*FIRST, *FIRST[1:]]


def test_parallel_messages_are_numbered_without_gaps(server: Server, company: Company) -> None:
    token = visitor_token(server, company)
    with ThreadPoolExecutor(10) as pool:
        bodies = [{"text": f"Number {n}", "clientId": str(n)} for n in range(40)]
        answers = list(pool.map(lambda body: post(server, token, body), bodies))
    assert sorted(answer.json()["message"]["seq"] for answer in answers) == list(range(1, 41))
    assert len({answer.json()["conversation"]["id"] for answer in answers}) == 1


def test_a_body_of_two_megabytes_is_answered_before_the_connection_closes(server: Server, company: Company) -> None:
    token = visitor_token(server, company)
    answer = post(server, token, {"text": "x" * 2_000_000, "clientId": "big"})
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_large_chunked_body_is_413_too(server: Server, company: Company) -> None:
    token = visitor_token(server, company)
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as wire:
        head = (
            f"POST /api/widget/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
            "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        wire.sendall(head.encode())
        chunk = b"x" * 65536
        for _ in range(16):
            wire.sendall(b"10000\r\n" + chunk + b"\r\n")
        wire.sendall(b"0\r\n\r\n")
        assert wire.recv(4096).startswith(b"HTTP/1.1 413")


def test_a_database_locked_from_outside_is_503_and_the_retry_is_stored_once(server: Server, company: Company) -> None:
    token = visitor_token(server, company)
    body = {"text": "In spite of the lock", "clientId": "locked"}
    other = sqlite3.connect(server.folder / "deskbell.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refused = post(server, token, body)
    other.execute("ROLLBACK")
    other.close()
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert [post(server, token, body).status_code for _ in range(2)] == [201, 200]


def test_many_waiting_for_a_lock_are_all_told_and_readers_are_served(server: Server, company: Company) -> None:
    tokens = [visitor_token(server, company) for _ in range(30)]
    headers = {"Authorization": f"Bearer {company['apiToken']}"}
    other = sqlite3.connect(server.folder / "deskbell.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(120) as pool:
        sent = [pool.submit(post, server, tokens[n % 30], {"text": "Hi", "clientId": str(n)}) for n in range(120)]
        read = pool.submit(requests.get, f"{server.url}/api/conversations", headers=headers, timeout=4)
        assert read.result().status_code == 200
        assert {answer.result().status_code for answer in sent} == {503}
    other.execute("ROLLBACK")
    other.close()
    assert post(server, tokens[0], {"text": "Hi", "clientId": "0"}).status_code == 201


def test_failed_sign_ins_are_limited_and_say_until_when(server: Server, company: Company) -> None:
    def sign_in(password: str) -> requests.Response:
        with requests.Session() as browser:
            page = browser.get(f"{server.url}/login", timeout=10).text
            token = page.split('name="csrf_token" value="')[1].split('"')[0]
            form = {"email": company["email"], "password": password, "csrf_token": token}
            return browser.post(f"{server.url}/login", data=form, allow_redirects=False, timeout=20)

    for _ in range(11):
        right = sign_in(company["password"])
        assert (right.status_code, "Retry-After" in right.headers) == (302, False)
    assert [sign_in("wrong").status_code for _ in range(11)] == [401] * 10 + [429]
    limited = sign_in(company["password"])
    assert limited.status_code == 429
    assert 1 <= int(limited.headers["Retry-After"]) <= 61


def test_other_namespaces_are_refused_with_a_problem(server: Server) -> None:
    for namespace in ("/", "/nope"):
        told: list[Any] = []
        client = socketio.Client(reconnection=False)
        client.on("connect_error", told.append, namespace=namespace)
        with pytest.raises(socketio.exceptions.ConnectionError):
            client.connect(server.url, namespaces=[namespace], transports=["websocket"], wait_timeout=5)
        assert told[0]["data"]["status"] == 404
        client.disconnect()


def open_socket(server: Server) -> websocket.WebSocket:
    return websocket.create_connection(f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket", timeout=10)


@pytest.mark.parametrize("flood", ["pongs", "events", "pings", "fragments", "bytes"])
def test_a_flood_loses_its_socket_and_stops_nobody(server: Server, flood: str) -> None:
    attacker = open_socket(server)
    frames = {
        "pongs": websocket.ABNF.create_frame("3", websocket.ABNF.OPCODE_TEXT),
        "events": websocket.ABNF.create_frame('42["x"]', websocket.ABNF.OPCODE_TEXT),
        "pings": websocket.ABNF.create_frame("x", websocket.ABNF.OPCODE_PING),
        "fragments": websocket.ABNF.create_frame("x" * 60_000, websocket.ABNF.OPCODE_TEXT, 0),
        "bytes": websocket.ABNF.create_frame(b"x", websocket.ABNF.OPCODE_BINARY),
    }
    answered: list[int] = []

    def probe() -> None:
        for _ in range(5):
            answered.append(requests.get(f"{server.url}/healthz", timeout=5).status_code)

    probing = threading.Thread(target=probe)
    probing.start()
    with pytest.raises((OSError, websocket.WebSocketException)):
        for _ in range(200_000):
            attacker.send_frame(frames[flood])
    probing.join()
    attacker.shutdown()
    assert answered == [200] * 5
    log = (server.folder / "log").read_text()
    assert "Traceback" not in log, log[log.index("Traceback") :][:3000]


@pytest.mark.parametrize("frame", ["", "abc", "9"])
def test_what_is_no_packet_closes_the_socket_properly(server: Server, frame: str) -> None:
    attacker = open_socket(server)
    attacker.recv()  # the greeting
    attacker.send(frame)
    opcode, data = attacker.recv_data()
    assert (opcode, int.from_bytes(data[:2])) == (websocket.ABNF.OPCODE_CLOSE, 1003)
    attacker.shutdown()


MALFORMED = [
    "42/widget,",
    "42/widget,[",
    "42/widget,[]",
    "42/widget,{}",
    '42/widget,[["x"]]',
    "4",
    "49",
    "451-/widget,[",
    "x",
]


@pytest.mark.parametrize("frame", [*MALFORMED, "42/widget,7" + "[" * 5000, "459999999999-/widget,[]"])
def test_a_malformed_frame_harms_nobody(
    server: Server, company: Company, connect: Callable[..., Client], frame: str
) -> None:
    token = visitor_token(server, company)
    victim = connect("/widget", {"visitorToken": token}, ["websocket"])
    attacker = websocket.create_connection(f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket")
    attacker.send("40/widget," + json.dumps({"visitorToken": token}))
    attacker.send(frame)
    attacker.shutdown()
    post(server, token, {"text": "Still there", "clientId": frame[:64]})
    assert victim.wait_for(1) == ["message:new"]
    log = (server.folder / "log").read_text()
    assert "Traceback" not in log, log[log.index("Traceback") :][:3000]


def test_preflights_pass_and_listed_origins_only_come_in(server: Server, company: Company) -> None:
    preflight = requests.options(
        f"{server.url}/api/widget/messages",
        headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"},
        timeout=10,
    )
    assert preflight.status_code in (200, 204)
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in preflight.headers
    assert {"Authorization", "Content-Type"} <= set(preflight.headers["Access-Control-Allow-Headers"].split(", "))


def test_the_widgets_files_are_immutable_and_its_entry_is_not(server: Server) -> None:
    loader = requests.get(f"{server.url}/widget.js", timeout=10)
    assert (loader.status_code, loader.headers["Content-Type"].split(";")[0]) == (200, "text/javascript")
    assert "__BUILD__" not in loader.text
    again = requests.get(f"{server.url}/widget.js", headers={"If-None-Match": loader.headers["ETag"]}, timeout=10)
    assert again.status_code == 304
    build = re.findall(r"\b[0-9a-f]{16}\b", loader.text)[0]
    inner = requests.get(f"{server.url}/assets/{build}/widget/main.js", timeout=10)
    assert inner.status_code == 200
    assert "immutable" in inner.headers["Cache-Control"]
    assert inner.headers["Access-Control-Allow-Origin"] == "*"


def test_polling_is_answered_without_credentials(server: Server) -> None:
    answer = requests.get(
        f"{server.url}/socket.io/?EIO=4&transport=polling", headers={"Origin": "https://shop.example"}, timeout=10
    )
    assert answer.status_code == 200
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert json.loads(answer.text[1:])["upgrades"] == ["websocket"]


def test_a_file_goes_up_over_a_real_connection(server: Server, company: Company) -> None:
    headers = {"Authorization": f"Bearer {company['apiToken']}"}
    files = {"file": ("bell.txt", b"ding")}
    answer = requests.post(f"{server.url}/api/attachments", files=files, headers=headers, timeout=20)
    assert answer.status_code == 201, answer.text
    assert answer.json()["attachment"]["name"] == "bell.txt"
