"""A client that stops reading is disconnected at a bound, also if it goes on answering pings; the others hear all."""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
import requests
import websocket

from tests.live.client import Client
from tests.live.server import Company, Server

MESSAGES = 200
DEAF = 200  # sockets
LONG = "word " * 790  # four events of it fill the bound soon


def deaf_agent(server: Server, company: Company) -> websocket.WebSocket:
    """An agent's socket that never reads, with the smallest of buffers."""
    deaf = websocket.create_connection(
        f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket",
        sockopt=((socket.SOL_SOCKET, socket.SO_RCVBUF, 4096),),
    )
    deaf.send("40/agent," + json.dumps({"token": company["apiToken"]}))
    return deaf


def flood(server: Server, company: Company) -> None:
    """Fill the company's inbox with long messages, from several visitors side by side."""

    def write(_visitor: int) -> None:
        with requests.Session() as http:
            started = http.post(f"{server.url}/api/widget/init", json={"widgetKey": company["widgetKey"]}, timeout=20)
            headers = {"Authorization": f"Bearer {started.json()['visitorToken']}"}
            for number in range(MESSAGES // 5):
                body = {"text": LONG, "clientId": str(number)}
                answer = http.post(f"{server.url}/api/widget/messages", json=body, headers=headers, timeout=20)
                assert answer.status_code == 201

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(write, range(5)))


@pytest.mark.parametrize("answers_pings", [False, True])
def test_who_stops_reading_is_disconnected(server: Server, answers_pings: bool) -> None:
    company = server.company()
    deaf = [deaf_agent(server, company) for _ in range(DEAF)]
    listener = Client(server, "/agent", {"token": company["apiToken"]}, ["websocket"])
    before = memory(server)
    with ThreadPoolExecutor(1) as pool:
        flooding = pool.submit(flood, server, company)
        while answers_pings and not flooding.done():
            for client in deaf:
                _pong(client)
            time.sleep(0.1)
        flooding.result()
    assert [client for client in deaf if not _is_cut(client)] == []
    assert len(listener.wait_for(MESSAGES * 3)) >= MESSAGES * 3
    assert memory(server) - before < 64 * 1024 * 1024
    listener.sio.disconnect()
    for client in deaf:
        client.shutdown()


def memory(server: Server) -> int:
    """Bytes of the server process that are in memory."""
    pages = int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1])
    return pages * 4096


def _pong(client: websocket.WebSocket) -> None:
    with suppress(OSError, websocket.WebSocketException):
        client.send("3")


def _is_cut(client: websocket.WebSocket) -> bool:
    """Whether the connection ends as soon as what had been sent before is read."""
    client.settimeout(5)
    try:
        while client.recv() not in ("", "2"):
            pass
    except (websocket.WebSocketTimeoutException, TimeoutError):
        return False
    except (OSError, websocket.WebSocketException):
        return True
    return False
