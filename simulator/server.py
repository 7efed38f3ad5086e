"""The server: the Graph API under /v26.0, pictures under /cdn, and what tests and the demo ask of it under /__control.

Behaviours of scripted answers: html_502, empty_200, no_message_id, drop (takes it, then cuts the connection),
reset (cuts it before taking anything), slow (answers after `seconds`).
Sender actions are never scripted.
"""

import json
import re
import struct
import time
import zlib
from email import message_from_bytes
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from simulator.control import control
from simulator.graph import Call, answer
from simulator.state import GraphError, Script, State
from simulator.webhook import Webhook

VERSION = re.compile(r"^/v\d+\.\d+(?=/)")
PIECE = b"\0" * 65536


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, webhook_url: str, secret: str):
        super().__init__(("127.0.0.1", port), Handler)
        self.state, self.webhook = State(secret), Webhook(webhook_url, secret)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients hang up; that is no news."""


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_DELETE = do_GET  # noqa: N815 -- the library's names

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if parts.path.startswith("/__control/"):
            self._json(200, control(self.server, parts.path[11:], json.loads(raw or b"{}")))
        elif parts.path.startswith("/cdn/"):
            self._media(parts.path[5:])
        elif parts.path.endswith("/dialog/oauth"):
            self._dialog(query)
        else:
            self._graph(VERSION.sub("", parts.path), query, raw)

    def _graph(self, path: str, query: dict[str, str], raw: bytes) -> None:
        body, state = self._fields(raw), self.server.state
        token = self.headers.get("Authorization", "").removeprefix("Bearer ") or query.get("access_token", "")
        token = token or str(body.get("access_token", ""))
        with state.lock:
            state.requests.append(
                {"method": self.command, "path": path, "query": query, "headers": dict(self.headers), "body": body}
            )
        call = Call(state, self.server.webhook, self.server.url, self.command, path, query, body, token)
        script = None if "sender_action" in body else state.script_for(path)
        if script is None:
            self._answer(call)
        else:
            self._scripted(script, call)

    def _answer(self, call: Call) -> None:
        try:
            self._json(200, answer(call))
        except GraphError as error:
            self._json(error.status, error.body)

    def _scripted(self, script: Script, call: Call) -> None:
        match script.behaviour:
            case "html_502":
                self._send(502, b"<html><body>Bad Gateway</body></html>", "text/html")
            case "empty_200":
                self._send(200, b"", "application/json")
            case "no_message_id":
                self._json(200, {key: value for key, value in answer(call).items() if key != "message_id"})
            case "drop":
                answer(call)
                self._cut()
            case "reset":
                self._cut()
            case "slow":
                time.sleep(script.seconds)
                self._answer(call)
            case _:
                self._json(script.status, script.body, script.headers)

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _fields(self, raw: bytes) -> dict[str, Any]:
        kind = self.headers.get_content_type()
        try:
            if kind == "multipart/form-data":
                return self._parts(raw)
            if kind == "application/x-www-form-urlencoded":
                return dict(parse_qsl(raw.decode()))
            found = json.loads(raw or b"{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def _parts(self, raw: bytes) -> dict[str, Any]:
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        fields: dict[str, Any] = {}
        for part in message_from_bytes(head + raw, policy=HTTP).iter_parts():
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True) or b""
            fields[str(name)] = len(content) if part.get_filename() else content.decode()
        return fields

    def _dialog(self, query: dict[str, str]) -> None:
        error = self.server.state.options.get("dialog_error")
        back = {"error": error} if error else {"code": "good-code"}
        self.send_response(302)
        address = f"{query['redirect_uri']}?{urlencode({**back, 'state': query.get('state', '')})}"
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _media(self, name: str) -> None:
        match name:
            case "gone":
                self._send(404, b"URL signature expired", "text/plain")
            case "inward":
                self.send_response(302)
                self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
                self.send_header("Content-Length", "0")
                self.end_headers()
            case "page.html":
                self._send(200, b"<script>alert(1)</script>", "image/png")
            case "endless":
                self._pour(0.0)
            case "drip":
                self._pour(0.2, b"x")
            case _:
                self._send(200, picture(name), "image/png")

    def _pour(self, pause: float, piece: bytes = PIECE) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "video/mp4")
        self.end_headers()
        self.close_connection = True
        for _ in range(16 * 1024):  # a gigabyte
            self.wfile.write(piece)
            time.sleep(pause)

    def _json(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(body).encode(), "application/json", headers)

    def _send(self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def picture(name: str, side: int = 240) -> bytes:
    """A PNG of a soft colour that belongs to the name."""
    seed = zlib.crc32(name.encode())
    red, green, blue = (120 + (seed >> shift) % 110 for shift in (0, 8, 16))
    rows = b"".join(
        b"\0" + bytes(value for _ in range(side) for value in (red, green, max(0, blue - line // 4)))
        for line in range(side)
    )
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
