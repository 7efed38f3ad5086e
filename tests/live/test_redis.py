"""Two processes and a Redis between them: what one stores, the sockets of the other hear, once."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.live.client import Client
from tests.live.conftest import need
from tests.live.server import Server
from tests.live.test_start import start_and_fail


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A redis-server of the test's own, without persistence."""
    program = need("redis-server")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    wait_for_port(port)
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait(10)


def wait_for_port(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "redis-server did not start"
            time.sleep(0.05)


def test_events_reach_the_sockets_of_every_process(redis_url: str, start_server: Callable[..., Server]) -> None:
    one, two = (start_server(REDIS_URL=redis_url) for _ in range(2))
    company = one.company()
    here, there = (Client(server, "/agent", {"token": company["apiToken"]}, ["websocket"]) for server in (one, two))
    time.sleep(1)  # a process listens to Redis from its first client on
    body = {"widgetKey": company["widgetKey"], "message": "To everybody", "clientId": "1"}
    assert requests.post(f"{one.url}/api/widget/init", json=body, timeout=10).status_code == 201
    expected = ["conversation:new", "message:new", "conversation:view-update", "conversation:updated"]
    for client in (here, there):
        client.wait_for(5)  # and `presence`: the team is told who writes
        assert [name for name, _ in client.heard if name != "presence"] == expected
    for client in (here, there):
        client.sio.disconnect()


def test_a_redis_that_is_not_there_stops_nobody_from_writing(start_server: Callable[..., Server]) -> None:
    server = start_server(REDIS_URL="redis://127.0.0.1:1/0")
    key = server.company()["widgetKey"]
    body = {"widgetKey": key, "message": "Still stored", "clientId": "1"}
    assert requests.post(f"{server.url}/api/widget/init", json=body, timeout=10).status_code == 201


def test_a_wrong_address_is_refused(tmp_path: Path) -> None:
    assert "REDIS_URL" in start_and_fail(tmp_path, REDIS_URL="localhost:6379")
