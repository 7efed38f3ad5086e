"""The server: eventlet's WSGI server with limits, and a stop that answers what it began.

On SIGTERM or SIGINT the listener closes, running requests get up to `GRACE` seconds to be answered, and the process
ends with exit code 0 in the same moment in which the last answer is written: no request is begun that is not answered.
WebSockets, long polls and idle connections are simply closed; clients reconnect by themselves.
"""

import os
import resource
import signal
import socket
from collections.abc import Callable, Iterable
from typing import Any

import eventlet
from eventlet import wsgi

from serving.backpressure import guard_memory
from serving.greens import sleep
from serving.listener import PatientListener
from serving.protocol import Protocol, guard_bodies
from serving.state import answered, began, running, stop, stopping
from serving.websocket import guard_websockets

BACKLOG = 1024
GRACE = 10.0  # seconds for running requests after a signal
IDLE = 75  # seconds a kept-alive connection may say nothing
STALL = 60  # seconds one read or write may take
LONG_LIVED = "/socket.io"  # not waited for

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError if the port is in use: unlike eventlet's own, it is never shared."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def serve(app: WsgiApp, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until a signal comes; then stop gracefully and end the process. Does not return.

    `ready` is called once requests are answered and signals are heard.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _ask_to_stop)
    guard_websockets()
    guard_bodies()
    guard_memory()
    eventlet.spawn(_run, app, listener)
    ready()
    while not stopping():
        sleep(0.1)
    listener.close()
    waited = 0.0
    while running() and waited < GRACE:
        sleep(0.02)
        waited += 0.02
    os._exit(0)  # at once: nothing may run between the last look and the end


def _run(app: WsgiApp, listener: socket.socket) -> None:
    try:
        wsgi.server(
            PatientListener(listener),
            _counted(app),
            protocol=Protocol,
            max_size=_most_connections(),
            keepalive=IDLE,
            socket_timeout=STALL,
            log_output=False,
            debug=False,
        )
    except OSError:
        if not stopping():  # the closed listener says so
            raise


def _ask_to_stop(_number: int, _frame: Any) -> None:
    if stopping():
        os._exit(1)  # asked twice
    stop()


def _most_connections() -> int:
    """As many as the system gives file descriptors, less some for files."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return max(64, min(hard, 1_000_000) - 100)


def _counted(app: WsgiApp) -> WsgiApp:
    """Count running requests until their answer is written, and put right what eventlet hands on.
    WebSocket compression is refused: it costs three times the memory of a connection."""

    def run(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
            environ["wsgi.input_terminated"] = True  # eventlet ends the body where its chunks end
        if environ["PATH_INFO"].startswith(LONG_LIVED):
            return app(environ, start_response)
        began()
        environ["eventlet.posthooks"].append((_answered, (), {}))
        return app(environ, start_response)

    return run


def _answered(_environ: dict[str, Any]) -> None:
    answered()
