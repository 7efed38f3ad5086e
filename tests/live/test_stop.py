"""Stopping: running requests are answered, nothing is stored that was not answered, clients may come back."""

import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from uuid import uuid4

import pytest
import requests
import socketio

from tests.live.server import Server

StartServer = Callable[..., Server]


class Poster(threading.Thread):
    """Posts as fast as it is answered, and remembers which of its messages were acknowledged."""

    def __init__(self, server: Server, widget_key: str):
        super().__init__(daemon=True)
        self.url = server.url
        body = {"widgetKey": widget_key}
        token = requests.post(f"{self.url}/api/widget/init", json=body, timeout=10).json()["visitorToken"]
        self.headers = {"Authorization": f"Bearer {token}"}
        self.acknowledged: list[str] = []
        self.unknown: list[str] = []  # the connection broke before an answer

    def run(self) -> None:
        with requests.Session() as session:
            while not self.unknown:
                client_id = str(uuid4())
                body = {"text": "Still there?", "clientId": client_id}
                try:
                    answer = session.post(
                        f"{self.url}/api/widget/messages", json=body, headers=self.headers, timeout=20
                    )
                    assert answer.status_code == 201
                    self.acknowledged.append(client_id)
                except requests.RequestException:
                    self.unknown.append(client_id)


def wait_for_answers(posters: list[Poster], count: int) -> None:
    deadline = time.monotonic() + 30
    while sum(len(poster.acknowledged) for poster in posters) < count:
        assert time.monotonic() < deadline, "the server does not answer"
        time.sleep(0.01)


def stored(server: Server) -> set[str]:
    database = sqlite3.connect(server.folder / "deskbell.db")
    try:
        return {row[0] for row in database.execute("SELECT client_id FROM message")}
    finally:
        database.close()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_everything_that_was_begun_is_answered(start_server: StartServer, sent: signal.Signals) -> None:
    server = start_server()
    key = server.company()["widgetKey"]
    posters = [Poster(server, key) for _ in range(6)]
    for poster in posters:
        poster.start()
    wait_for_answers(posters, 30)
    assert server.stop(sent) == 0
    for poster in posters:
        poster.join(20)
    acknowledged = {client_id for poster in posters for client_id in poster.acknowledged}
    unknown = {client_id for poster in posters for client_id in poster.unknown}
    assert stored(server) == acknowledged  # nothing lost, and nothing stored that was not answered
    assert not stored(server) & unknown


def test_what_was_acknowledged_survives_a_kill(start_server: StartServer) -> None:
    server = start_server()
    key = server.company()["widgetKey"]
    poster = Poster(server, key)
    poster.start()
    wait_for_answers([poster], 10)
    server.stop(signal.SIGKILL)
    poster.join(20)
    again = start_server()
    requests.get(f"{again.url}/readyz", timeout=10).raise_for_status()
    assert set(poster.acknowledged) <= stored(server)


def test_open_sockets_do_not_delay_the_stop(start_server: StartServer) -> None:
    server = start_server()
    key = server.company()["widgetKey"]
    body = {"widgetKey": key}
    token = requests.post(f"{server.url}/api/widget/init", json=body, timeout=10).json()["visitorToken"]
    clients = [socketio.Client(reconnection=False) for _ in range(2)]
    for client, transport in zip(clients, ("websocket", "polling"), strict=True):
        client.connect(server.url, namespaces=["/widget"], auth={"visitorToken": token}, transports=[transport])
    begun = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - begun < 8  # less than the grace that running requests get
    for client in clients:
        client.wait()


def test_the_port_is_free_again(start_server: StartServer) -> None:
    first = start_server()
    port = first.port
    assert first.stop() == 0
    second = start_server(PORT=str(port))
    assert second.port == port
