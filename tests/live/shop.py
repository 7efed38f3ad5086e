"""A shop of another origin, whose Content-Security-Policy allows Deskbell and nothing else."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOSTILE_CSS = "* { all: unset !important } div, button { display: none !important }"
SETTINGS = {
    "widgetKey": "preview",
    "name": "Bells & Sons",
    "online": True,
    "colors": {"accent": "#8a3d1e"},
    "texts": {"title": "Ask the foundry", "greeting": "Hello!", "offline": "", "placeholder": "Write…"},
    "position": "right",
    "theme": "light",
    "preChatFields": [],
    "team": [{"name": "Ada", "avatarUrl": None}, {"name": "Ben", "avatarUrl": None}],
}


class Shop(ThreadingHTTPServer):
    """Any path is a page with the widget's tag on it, twice; /preview is a page of a settings' preview,
    /rtl reads from right to left. Nothing inline is allowed on any."""

    def __init__(self, deskbell: str, widget_key: str):
        super().__init__(("127.0.0.1", 0), Page)
        self.url = f"http://localhost:{self.server_address[1]}"
        tag = f'<script async src="{deskbell}/widget.js" data-key="{widget_key}"></script>'
        head = '<!doctype html><title>Shop</title><link rel="stylesheet" href="/shop.css"><h1>Shop</h1>'
        self.page = f"{head}{tag}{tag}"
        self.rtl = f'<!doctype html><html lang="ar" dir="rtl"><title>Shop</title><h1>Shop</h1>{tag}'
        settings = f'<script type="application/json" id="deskbell-preview">{json.dumps(SETTINGS)}</script>'
        self.preview = f'{head}{settings}<script async src="{deskbell}/widget.js" data-preview></script>'
        websocket = deskbell.replace("http", "ws", 1)
        self.policy = (
            f"default-src 'none'; style-src 'self'; img-src {deskbell}; script-src {deskbell}; "
            f"connect-src {deskbell} {websocket}; require-trusted-types-for 'script'; trusted-types 'none'"
        )

    def body(self, path: str) -> str:
        return {"/shop.css": HOSTILE_CSS, "/preview": self.preview, "/rtl": self.rtl}.get(path, self.page)


class Page(BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        body = self.server.body(self.path).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/css" if self.path == "/shop.css" else "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", self.server.policy)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def open_shop(deskbell: str, widget_key: str) -> Iterator[Shop]:
    with Shop(deskbell, widget_key) as shop:
        threading.Thread(target=shop.serve_forever, daemon=True).start()
        yield shop
        shop.shutdown()
