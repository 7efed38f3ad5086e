"""A real Socket.IO client that keeps what it hears."""

import time
from typing import Any

import socketio

from tests.live.server import Server

PATIENCE = 15  # seconds


class Client:
    """Connected to one namespace of a server. `heard` holds (event, payload) in order."""

    def __init__(self, server: Server, namespace: str, auth: dict[str, str], transports: list[str]):
        self.heard: list[tuple[str, Any]] = []
        self.sio = socketio.Client(reconnection=False)
        self.sio.on("*", lambda event, *args: self.heard.append((event, args[0])), namespace=namespace)
        self.sio.connect(server.url, namespaces=[namespace], auth=auth, transports=transports, wait_timeout=PATIENCE)

    def wait_for(self, count: int) -> list[str]:
        """The names of what it heard, once there are so many, or after a while."""
        deadline = time.monotonic() + PATIENCE
        while len(self.heard) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        return [name for name, _ in self.heard]
