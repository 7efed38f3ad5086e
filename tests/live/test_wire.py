"""What only shows on the wire: real sockets of both transports, parallel requests, large bodies, foreign origins."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
import socketio

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
