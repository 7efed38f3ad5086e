"""The HTTP server against hostile clients, with its limits made short: a real socket, a trivial application."""

import errno
import socket
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import eventlet
import pytest
from eventlet import wsgi

import serving
from serving import listener as listening
from serving import protocol
from serving.listener import PatientListener
from serving.protocol import Protocol

Connect = Callable[[], socket.socket]


def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    body = environ["wsgi.input"].read() if environ["PATH_INFO"] == "/read" else b""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"got %d" % len(body)]


@pytest.fixture
def connect() -> Iterator[Connect]:
    protocol.guard_bodies()
    listener = serving.listen("127.0.0.1", 0)
    server = eventlet.spawn(
        wsgi.server, PatientListener(listener), answer, protocol=Protocol, log_output=False, debug=False
    )
    clients: list[socket.socket] = []

    def open_connection() -> socket.socket:
        clients.append(socket.create_connection(listener.getsockname(), timeout=10))
        return clients[-1]

    yield open_connection
    for client in clients:
        client.close()
    server.kill()
    listener.close()


def ask(client: socket.socket, request: bytes) -> bytes:
    """All that the server says until it closes the connection."""
    client.sendall(request)
    return everything(client)


def everything(client: socket.socket) -> bytes:
    said = b""
    while data := client.recv(65536):
        said += data
    return said


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (b"Transfer-Encoding: xchunked\r\n", b"501"),
        (b"Transfer-Encoding: chunked, identity\r\n", b"501"),
        (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", b"501"),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", b"400"),
        (b"Transfer-Encoding : chunked\r\n", b"400"),
        (b"Content-Length: 4\r\nContent-Length: 5\r\n", b"400"),
        (b"Content-Length: +4\r\n", b"400"),
        (b"Content-Length: 0_4\r\n", b"400"),
        (b"Content-Length: -4\r\n", b"400"),
        (b"No colon here\r\n", b"400"),
        (b"X: " + b"a" * 10_000 + b"\r\n", b"431"),
        (b"".join(b"X-%d: %s\r\n" % (number, b"a" * 5000) for number in range(20)), b"431"),
    ],
)
def test_a_request_whose_end_is_not_clear_is_refused_and_the_connection_closed(
    connect: Connect, headers: bytes, status: bytes
) -> None:
    smuggled = b"GET /read HTTP/1.1\r\nHost: x\r\n\r\n"
    said = ask(connect(), b"POST /read HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n" + smuggled)
    assert said.startswith(b"HTTP/1.1 " + status)
    assert b"application/problem+json" in said
    assert said.count(b"HTTP/1.1") == 1


def test_an_address_too_long_gets_a_problem(connect: Connect) -> None:
    said = ask(connect(), b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 414")
    assert b"application/problem+json" in said


def test_what_is_no_http_gets_a_problem(connect: Connect) -> None:
    assert b"application/problem+json" in ask(connect(), b"\x16\x03\x01 TLS?\r\n\r\n")


def test_slow_headers_are_cut_off(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEADERS_WITHIN", 0.3)
    client = connect()
    client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    assert everything(client).startswith(b"HTTP/1.1 408")


def test_a_slow_body_is_cut_off(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "BODY_WITHIN", 0.2)
    client = connect()
    client.sendall(b"POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    with pytest.raises(OSError):
        for _ in range(500):
            client.sendall(b"1\r\na\r\n")
            eventlet.sleep(0.02)
            client.settimeout(10)
    assert not everything_or_nothing(client).startswith(b"HTTP/1.1 200")


def test_an_endless_unread_body_does_not_hold_the_connection(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "DISCARD", 100_000)
    monkeypatch.setattr(protocol, "DRAIN", 100_000)
    client = connect()
    client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    piece = b"2710\r\n" + b"a" * 10_000 + b"\r\n"
    with pytest.raises(OSError):
        for _ in range(10_000):
            client.sendall(piece)


def test_a_short_unread_body_keeps_the_connection(connect: Connect) -> None:
    client = connect()
    request = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
    last = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert ask(client, request + last).count(b"200 OK") == 2


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ECONNABORTED, errno.ECONNRESET])
def test_accepting_goes_on_after_an_error(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setattr(listening, "PAUSE", 0)
    real = serving.listen("127.0.0.1", 0)
    failures = [OSError(number, "once"), OSError(number, "twice")]

    class Failing:
        def accept(self) -> Any:
            if failures:
                raise failures.pop()
            return real.accept()

    client = socket.create_connection(real.getsockname(), timeout=10)
    accepted, _ = PatientListener(Failing()).accept()  # type: ignore[arg-type]
    for connection in (accepted, client, real):
        connection.close()
    assert failures == []


def everything_or_nothing(client: socket.socket) -> bytes:
    try:
        return everything(client)
    except OSError:
        return b""
