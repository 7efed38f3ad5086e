"""A small TCP proxy in front of a server, that answers WebSocket upgrades with 403 as some proxies do."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any

REFUSAL = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class ProxyWithoutWebSocket:
    """`with ProxyWithoutWebSocket("127.0.0.1", port) as proxy:` then use `proxy.url`. Counts what it refused."""

    def __init__(self, host: str, port: int):
        self.target = (host, port)
        self.refused = 0
        self.open: set[socket.socket] = set()
        self.threads: list[threading.Thread] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def __enter__(self) -> "ProxyWithoutWebSocket":
        self._spawn(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self.listener.close()
        for open_socket in list(self.open):
            _shut(open_socket)
        for thread in self.threads:
            thread.join(10)

    def _spawn(self, target: Callable[..., None], *args: Any) -> threading.Thread:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self.threads.append(thread)
        thread.start()
        return thread

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return  # closed
            self._spawn(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with client:
            self.open.add(client)
            head = _read_head(client)
            if b"upgrade: websocket" in head.lower():
                self.refused += 1
                client.sendall(REFUSAL)
            elif head:
                self._relay(client, head)
            self.open.discard(client)

    def _relay(self, client: socket.socket, head: bytes) -> None:
        with socket.create_connection(self.target) as upstream:
            self.open.add(upstream)
            upstream.sendall(head)
            answers = self._spawn(_pump, upstream, client)
            _pump(client, upstream)
            answers.join()
            self.open.discard(upstream)


def _read_head(client: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        chunk = _receive(client)
        if not chunk:
            break
        head += chunk
    return head


def _pump(source: socket.socket, target: socket.socket) -> None:
    while chunk := _receive(source):
        try:
            target.sendall(chunk)
        except OSError:
            break
    _shut(source)
    _shut(target)


def _receive(source: socket.socket) -> bytes:
    try:
        return source.recv(65536)
    except OSError:
        return b""


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
