"""HTTP/1.1 as eventlet speaks it, with what a hostile client must not be able to do: hold a connection with slow
headers or bodies, send for ever, or send a request that a proxy in front would end elsewhere (request smuggling)."""

import json
import re
import socket
from contextlib import suppress
from email.errors import MultipartInvariantViolationDefect, StartBoundaryNotFoundDefect
from http import HTTPStatus
from time import monotonic
from typing import Any

from eventlet import wsgi

from serving.greens import TimedOut, sleep, timeout
from serving.state import stopping

HEADERS_WITHIN = 20  # seconds from the first line of a request to its last header
BODY_WITHIN = 30  # seconds for a body, and one more for each `SLOWEST` bytes of it
SLOWEST = 4096  # bytes a second
LINE_WITHIN = 20  # seconds for the line that begins a chunk
PIECE = 64 * 1024  # bytes read at once
DISCARD = 1024 * 1024  # bytes of an unread body that are skipped to keep the connection
DRAIN = 32 * 1024 * 1024  # bytes of a refused body that are still read, so that its sender can read the answer
OF_THE_BODY = (StartBoundaryNotFoundDefect, MultipartInvariantViolationDefect)  # which the headers' parser never sees
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def guard_bodies() -> None:
    """Make eventlet use the class below for every body from now on, and our words for an address too long."""
    wsgi.Input = Body
    wsgi.RESPONSE_414 = refusal(HTTPStatus.REQUEST_URI_TOO_LONG, "The address is too long.")


def refusal(status: HTTPStatus, detail: str) -> bytes:
    """A whole answer that says what is wrong and closes the connection."""
    problem = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail, "errors": {}}
    body = json.dumps(problem).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\nAccess-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


class PacedFile:
    """What a body is read from. Too slow a sender is cut off: OSError."""

    def __init__(self, file: Any):
        self._file = file
        self._began, self._received = monotonic(), 0

    def read(self, size: int) -> bytes:
        parts = []
        while size > 0 and (data := self._paced(self._file.read1(min(size, PIECE)))):
            parts.append(data)
            size -= len(data)
        return b"".join(parts)

    def readline(self, size: int = -1) -> bytes:
        try:
            with timeout(LINE_WITHIN):
                return self._paced(self._file.readline(min(size, PIECE) if size >= 0 else PIECE))
        except TimedOut:
            raise OSError("a line comes too slowly") from None

    def _paced(self, data: bytes) -> bytes:
        self._received += len(data)
        if monotonic() - self._began > BODY_WITHIN + self._received / SLOWEST:
            raise OSError("the body comes too slowly")
        return data


class Body(wsgi.Input):  # type: ignore[misc]
    """A request's body."""

    def __init__(self, rfile: Any, *args: Any, **kwargs: Any):
        super().__init__(PacedFile(rfile), *args, **kwargs)

    def discard(self, buffer_size: int = PIECE) -> None:
        """Skip what nobody read, if it is little; otherwise the connection is closed."""
        if not self.skip(DISCARD, buffer_size):
            raise OSError("too much body was left unread")

    def skip(self, most: int, buffer_size: int = PIECE) -> bool:
        """Read up to `most` bytes away. True if that was all there is."""
        left = most
        while left > 0:
            data = self.read(min(left, buffer_size))
            if not data:
                return True
            left -= len(data)
            sleep(0)
        return False


class Protocol(wsgi.HttpProtocol):  # type: ignore[misc]
    """One connection."""

    def setup(self) -> None:
        self.conn_state[1].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().setup()

    def _read_request_line(self) -> Any:
        """Begin no request once the process stops, whatever the client has already sent."""
        try:
            with timeout(HEADERS_WITHIN + (self.server.keepalive or 0)):
                line = super()._read_request_line()
        except TimedOut:
            return ""
        return "" if stopping() else line

    def parse_request(self) -> bool:
        try:
            with timeout(HEADERS_WITHIN):
                return bool(super().parse_request()) and self._is_framed()
        except TimedOut:
            return self._refuse(HTTPStatus.REQUEST_TIMEOUT, "The headers came too slowly.")
        except (wsgi.HeaderLineTooLong, wsgi.HeadersTooLarge):
            return self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The headers are too long.")

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the standard library's parser says of a request that it cannot read."""
        self._refuse(HTTPStatus(code), message or explain or "The request cannot be read.")

    def handle_one_response(self) -> None:
        super().handle_one_response()
        if self.close_connection:
            self._drain()
        sleep(0)  # reading does not switch while data is there: a fast client would keep the others waiting

    def _is_framed(self) -> bool:
        """Whether everybody on the way agrees where this request ends."""
        defects = [defect for defect in self.headers.defects if not isinstance(defect, OF_THE_BODY)]
        if defects or not all(HEADER_NAME.fullmatch(name) for name in self.headers):
            return self._refuse(HTTPStatus.BAD_REQUEST, "A header cannot be read.")
        lengths = self.headers.get_all("content-length", [])
        encodings = [value.strip().lower() for value in self.headers.get_all("transfer-encoding", [])]
        if any(not re.fullmatch(r"[0-9]{1,15}", value.strip(), re.ASCII) for value in lengths):
            return self._refuse(HTTPStatus.BAD_REQUEST, "Content-Length is no number of bytes.")
        if len(lengths) > 1 or (lengths and encodings):
            return self._refuse(HTTPStatus.BAD_REQUEST, "The length of the body is said twice.")
        if encodings not in ([], ["chunked"]):
            return self._refuse(HTTPStatus.NOT_IMPLEMENTED, "Only Transfer-Encoding: chunked is understood.")
        return True

    def _refuse(self, status: HTTPStatus, detail: str) -> bool:
        """Answer with a problem, and close. False, for who asks whether to go on."""
        self.close_connection = 1
        self.wfile.write(refusal(status, detail))
        self.wfile.flush()
        return False

    def _drain(self) -> None:
        """Read what is left of a body before closing: closing on unread data would destroy the answer on its way."""
        body = self.environ["eventlet.input"]
        if body.should_send_hundred_continue:
            return
        with suppress(OSError, ValueError):  # the client is gone
            body.skip(DRAIN)
