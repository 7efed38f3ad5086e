"""A client that stops reading is disconnected at a bound, whatever it still sends: what waits for it must not grow.

It comes back by itself and asks for what it missed.
"""

import socket
from contextlib import suppress
from typing import Any

import engineio.socket
import structlog
from engineio.packet import Packet

from serving.greens import spawn

log = structlog.get_logger(__name__)

MOST_PACKETS = 1000  # that may wait for one client
MOST_BYTES = 1024 * 1024
IN_KERNEL = 64 * 1024  # bytes that the system may keep for it beside (Linux doubles it); by itself it takes 4 MB


def guard_memory() -> None:
    """Make Engine.IO use the class below for every client from now on."""
    engineio.socket.Socket = BoundedSocket  # type: ignore[misc]


class BoundedSocket(engineio.socket.Socket):  # type: ignore[misc]
    """One client. `waiting`: bytes that are queued for it."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.waiting = 0
        self._websocket: Any = None

    def send(self, pkt: Packet) -> None:
        self.waiting += _size(pkt)
        if self.waiting <= MOST_BYTES and self.queue.qsize() < MOST_PACKETS:
            super().send(pkt)
        elif not self.closing and not self.closed:
            log.warning("slow_reader_disconnected", packets=self.queue.qsize(), bytes=self.waiting)
            spawn(self._cut)

    def poll(self) -> list[Packet]:
        packets: list[Packet] = super().poll()
        self.waiting -= sum(map(_size, packets))
        return packets

    def _websocket_handler(self, ws: Any) -> Any:
        self._websocket = ws
        ws.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, IN_KERNEL)
        return super()._websocket_handler(ws)

    def _cut(self) -> None:
        self.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_ERROR)
        if self._websocket is not None:  # its writer waits for the client to read
            with suppress(OSError):
                self._websocket.socket.shutdown(socket.SHUT_RDWR)


def _size(pkt: Packet) -> int:
    return len(pkt.data) if isinstance(pkt.data, (str, bytes)) else 0
