"""The widget on a shop of another origin, whose Content-Security-Policy allows Deskbell and nothing else."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, expect

from tests.live.screens import PATIENCE, VisitorScreen
from tests.live.server import Company, Server

EVERY_ORIGIN = {"Access-Control-Allow-Origin": "*", "Content-Type": "application/problem+json"}
HOSTILE_CSS = "* { all: unset !important } div, button { display: none !important }"


class Shop(ThreadingHTTPServer):
    """A page of another origin with the widget's tag on it, twice. Nothing inline is allowed on it."""

    def __init__(self, deskbell: str, widget_key: str):
        super().__init__(("127.0.0.1", 0), Page)
        self.url = f"http://localhost:{self.server_address[1]}"
        tag = f'<script async src="{deskbell}/widget.js" data-key="{widget_key}"></script>'
        self.html = f'<!doctype html><title>Shop</title><link rel="stylesheet" href="/shop.css"><h1>Shop</h1>{tag}{tag}'
        websocket = deskbell.replace("http", "ws", 1)
        self.policy = (
            f"default-src 'none'; style-src 'self'; script-src {deskbell}; connect-src {deskbell} {websocket}; "
            "require-trusted-types-for 'script'; trusted-types 'none'"
        )


class Page(BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        is_css = self.path == "/shop.css"
        body = (HOSTILE_CSS if is_css else self.server.html).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/css" if is_css else "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", self.server.policy)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def company(server: Server) -> Company:
    return server.company()


@pytest.fixture
def shop(server: Server, company: Company) -> Iterator[Shop]:
    with Shop(server.url, company["widgetKey"]) as shop:
        threading.Thread(target=shop.serve_forever, daemon=True).start()
        yield shop
        shop.shutdown()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor's browser. Whatever its pages complain of fails the test."""
    context = browser.new_context()
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("console", lambda line: complaints.append(line.text) if "Security Policy" in line.text else None)
    yield context
    context.close()
    assert complaints == []


def answer(server: Server, company: Company, text: str) -> None:
    """An agent's reply to the newest conversation."""
    headers = {"Authorization": f"Bearer {company['apiToken']}"}
    row = requests.get(f"{server.url}/api/conversations", headers=headers, timeout=10).json()["conversations"][0]
    body = {"conversationId": row["id"], "text": text, "clientId": text}
    assert requests.post(f"{server.url}/api/messages/send", json=body, headers=headers, timeout=10).status_code == 201


def stored(server: Server, company: Company) -> list[str]:
    """The texts of the newest conversation."""
    headers = {"Authorization": f"Bearer {company['apiToken']}"}
    row = requests.get(f"{server.url}/api/conversations", headers=headers, timeout=10).json()["conversations"][0]
    page = requests.get(f"{server.url}/api/conversations/{row['id']}/messages", headers=headers, timeout=10).json()
    return [message["text"] for message in page["messages"]]


def test_a_strict_foreign_page_has_one_working_widget(
    context: BrowserContext, shop: Shop, server: Server, company: Company
) -> None:
    visitor = VisitorScreen(context.new_page(), shop.url)
    expect(visitor.widget).to_have_count(1)
    visitor.open().write("Hello from elsewhere")
    answer(server, company, "Welcome")
    visitor.sees("Welcome")
    assert context.cookies() == []


def test_nothing_but_the_loader_is_asked_for_before_it_is_opened(
    context: BrowserContext, shop: Shop, server: Server
) -> None:
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.startswith(server.url) else None)
    visitor = VisitorScreen(page, shop.url)
    expect(visitor.part("launcher")).to_be_visible(timeout=PATIENCE)
    page.wait_for_timeout(1500)
    assert set(asked) == {f"{server.url}/widget.js"}


def test_the_conversation_is_kept_over_a_reload_and_in_other_tabs(
    context: BrowserContext, shop: Shop, server: Server, company: Company
) -> None:
    first = VisitorScreen(context.new_page(), shop.url)
    first.open().write("Before the reload")
    second = VisitorScreen(context.new_page(), shop.url)
    second.open().sees("Before the reload")
    second.write("From the other tab")
    first.sees("From the other tab")
    first.page.reload()
    first.open().sees("From the other tab")
    assert stored(server, company) == ["Before the reload", "From the other tab"]


def test_an_answer_to_a_closed_widget_shows_on_its_badge(
    context: BrowserContext, shop: Shop, server: Server, company: Company
) -> None:
    visitor = VisitorScreen(context.new_page(), shop.url)
    visitor.open().write("I will be back")
    visitor.part("close").click()
    answer(server, company, "One")
    answer(server, company, "Two")
    expect(visitor.part("badge")).to_have_text("2", timeout=PATIENCE)
    visitor.open().sees("Two")
    visitor.part("close").click()
    expect(visitor.part("badge")).to_be_hidden(timeout=PATIENCE)


def test_what_cannot_be_sent_says_so_and_is_sent_once_on_retry(
    context: BrowserContext, shop: Shop, server: Server, company: Company
) -> None:
    visitor = VisitorScreen(context.new_page(), shop.url)
    visitor.open().write("This one arrives")
    address = "**/api/widget/messages"
    visitor.page.route(address, lambda route: route.fulfill(status=409, headers=EVERY_ORIGIN, body="{}"))
    visitor.part("input").fill("This one does not")
    visitor.part("input").press("Enter")
    failed = visitor.message("This one does not")
    expect(failed).to_have_attribute("data-state", "failed", timeout=PATIENCE)
    visitor.page.unroute(address)
    failed.locator('[data-part="retry"]').click()
    expect(failed).to_have_attribute("data-state", "sent", timeout=PATIENCE)
    assert stored(server, company) == ["This one arrives", "This one does not"]


def test_shift_enter_breaks_the_line_and_markup_stays_text(
    context: BrowserContext, shop: Shop, server: Server, company: Company
) -> None:
    visitor = VisitorScreen(context.new_page(), shop.url).open()
    visitor.part("input").press_sequentially("<b>One</b>")
    visitor.part("input").press("Shift+Enter")
    visitor.part("input").press_sequentially("Two")
    visitor.part("input").press("Enter")
    expect(visitor.message("Two")).to_have_attribute("data-state", "sent", timeout=PATIENCE)
    visitor.sees("<b>One</b>")
    assert stored(server, company) == ["<b>One</b>\nTwo"]
