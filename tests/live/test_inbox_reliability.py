"""The dashboard when the network or the server goes, and what it tells of who is there."""

import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import requests
import socketio
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.live.screens import PATIENCE, AgentScreen
from tests.live.server import Company, Server
from tests.live.test_proxies import free_port


class Customer:
    """A visitor by HTTP and, if he connects, by a socket."""

    def __init__(self, server: Server, company: Company, name: str = "Ann Lee"):
        self.url = server.url
        self.name = name
        key = {"widgetKey": company["widgetKey"]}
        self.token = requests.post(f"{self.url}/api/widget/init", json=key, timeout=10).json()["visitorToken"]
        self.conversation_id = ""
        self.socket = socketio.Client(reconnection=False)

    def write(self, text: str) -> None:
        body = {"text": text, "name": self.name, "clientId": str(uuid4())}
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = requests.post(f"{self.url}/api/widget/messages", json=body, headers=headers, timeout=10)
        self.conversation_id = answer.json()["message"]["conversationId"]

    def connect(self) -> None:
        auth = {"visitorToken": self.token}
        self.socket.connect(self.url, namespaces=["/widget"], auth=auth, transports=["websocket"], wait_timeout=10)

    def types(self, is_typing: bool = True, preview: str | None = None) -> None:
        payload = {"conversationId": self.conversation_id, "isTyping": is_typing, "preview": preview}
        assert self.socket.call("typing", payload, namespace="/widget", timeout=10)["ok"]


@pytest.fixture
def customer(server: Server, company: Company) -> Iterator[Customer]:
    customer = Customer(server, company)
    customer.write("Is anybody there?")
    yield customer
    if customer.socket.connected:
        customer.socket.disconnect()


@pytest.fixture
def agent(browser: Browser, server: Server, company: Company) -> Iterator[AgentScreen]:
    screen = AgentScreen(browser, server.url, company["email"], company["password"])
    yield screen
    screen.page.context.close()


def stored(server: Server, company: Company, conversation_id: str) -> list[str]:
    """The team's texts, in their order."""
    headers = {"Authorization": f"Bearer {company['apiToken']}"}
    url = f"{server.url}/api/conversations/{conversation_id}/messages?limit=100"
    messages: list[dict[str, Any]] = requests.get(url, headers=headers, timeout=10).json()["messages"]
    return [message["text"] for message in messages if message["role"] == "AGENT"]


def until(check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def send(page: Page, text: str) -> None:
    page.fill("[data-part=input]", text)
    page.press("[data-part=input]", "Enter")


# What cannot leave waits


def test_replies_of_the_time_offline_leave_by_themselves_once_and_in_order(
    agent: AgentScreen, customer: Customer, server: Server, company: Company
) -> None:
    agent.open("Is anybody there?")
    context: BrowserContext = agent.page.context
    context.set_offline(True)
    for text in ("One", "Two", "Three"):
        send(agent.page, text)
    expect(agent.part("waiting").first).to_have_text("Not sent yet", timeout=PATIENCE)
    assert stored(server, company, customer.conversation_id) == []
    context.set_offline(False)
    until(lambda: stored(server, company, customer.conversation_id) == ["One", "Two", "Three"])
    expect(agent.part("waiting")).to_have_count(0)
    expect(agent.part("thread").locator('[data-part="message"][data-role="AGENT"]')).to_have_count(3)


def test_what_waits_survives_a_reload_and_two_tabs_send_it_once(
    agent: AgentScreen, customer: Customer, server: Server, company: Company
) -> None:
    agent.open("Is anybody there?")
    page = agent.page
    page.route("**/api/messages/send", lambda route: route.abort())
    for text in ("Before", "the reload"):
        send(page, text)
    expect(agent.part("waiting").first).to_be_visible(timeout=PATIENCE)
    other = page.context.new_page()
    other.route("**/api/messages/send", lambda route: route.abort())
    other.goto(page.url)
    waiting = other.locator('[data-part="message"][data-state="pending"]')
    expect(waiting).to_have_count(2, timeout=PATIENCE)
    page.reload()
    expect(agent.part("thread").locator('[data-state="pending"]')).to_have_count(2, timeout=PATIENCE)
    page.unroute("**/api/messages/send")
    other.unroute("**/api/messages/send")
    until(lambda: stored(server, company, customer.conversation_id) == ["Before", "the reload"])
    for tab in (page, other):
        expect(tab.locator('[data-part="message"][data-state="pending"]')).to_have_count(0, timeout=PATIENCE)
        expect(tab.locator('[data-part="message"][data-role="AGENT"]')).to_have_count(2)


def test_what_is_refused_says_why_and_waits_for_a_word(agent: AgentScreen, customer: Customer) -> None:
    agent.open("Is anybody there?")
    problem = '{"title": "Conflict", "status": 409, "detail": "The window is closed."}'
    agent.page.route(
        "**/api/messages/send",
        lambda route: route.fulfill(status=409, content_type="application/problem+json", body=problem),
    )
    send(agent.page, "Refused")
    failed = agent.part("thread").locator('[data-state="failed"]')
    expect(failed).to_contain_text("The window is closed.", timeout=PATIENCE)
    agent.page.reload()
    expect(failed).to_contain_text("The window is closed.", timeout=PATIENCE)
    agent.page.unroute("**/api/messages/send")
    failed.locator("[data-part=retry]").click()
    expect(failed).to_have_count(0, timeout=PATIENCE)
    agent.sees("Refused")


def test_a_killed_server_comes_back_and_nothing_is_lost(browser: Browser, start_server: Callable[..., Server]) -> None:
    port = str(free_port())
    first = start_server(PORT=port)
    company = first.company()
    customer = Customer(first, company)
    customer.write("Before the crash")
    agent = AgentScreen(browser, first.url, company["email"], company["password"])
    agent.open("Before the crash")
    first.process.kill()
    first.process.wait(10)
    expect(agent.part("connection")).to_have_attribute("data-state", "reconnecting", timeout=PATIENCE)
    send(agent.page, "Written while it was down")
    expect(agent.part("waiting")).to_be_visible(timeout=PATIENCE)
    again = start_server(PORT=port)
    customer.write("And written before the socket was back")
    until(lambda: stored(again, company, customer.conversation_id) == ["Written while it was down"])
    agent.sees("And written before the socket was back")
    expect(agent.part("connection")).to_have_attribute("data-state", "live", timeout=PATIENCE * 2)
    expect(agent.part("thread").locator('[data-part="message"]')).to_have_count(3)
    agent.page.context.close()


def test_a_page_that_slept_is_right_when_it_wakes(agent: AgentScreen, customer: Customer) -> None:
    agent.open("Is anybody there?")
    page = agent.page
    page.evaluate(  # the connection is dead, and nobody has said so
        "() => { const now = Date.now; Date.now = () => now() + 3_600_000; window.sockets = performance.now() }"
    )
    page.context.set_offline(True)
    customer.write("While it slept")
    page.context.set_offline(False)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    agent.sees("While it slept")
    agent.lists("While it slept")
    expect(agent.part("connection")).to_have_attribute("data-state", "live", timeout=PATIENCE)


# Who is there


def test_a_customer_who_types_is_seen_until_he_stops_or_sends(agent: AgentScreen, customer: Customer) -> None:
    agent.open("Is anybody there?")
    customer.connect()
    customer.types()
    expect(agent.part("typing")).to_contain_text("Ann Lee is typing", timeout=PATIENCE)
    expect(agent.rows.first.locator("[data-part=preview]")).to_have_text("typing…")
    expect(agent.part("typing-unsent")).to_be_hidden()
    customer.types(False)
    expect(agent.part("typing")).to_be_hidden(timeout=PATIENCE)
    expect(agent.rows.first.locator("[data-part=preview]")).to_have_text("Is anybody there?")
    time.sleep(1.1)
    customer.types()
    expect(agent.part("typing")).to_be_visible(timeout=PATIENCE)
    customer.write("Sent")
    expect(agent.part("typing")).to_be_hidden(timeout=PATIENCE)
    time.sleep(1.1)
    customer.types()
    expect(agent.part("typing")).to_be_visible(timeout=PATIENCE)
    expect(agent.part("typing")).to_be_hidden(timeout=PATIENCE)  # by itself


def test_colleagues_see_each_other_and_who_writes(
    agent: AgentScreen, customer: Customer, browser: Browser, server: Server, company: Company
) -> None:
    mate = server.create_agent(company["companyId"], "AGENT")
    other = AgentScreen(browser, server.url, mate["email"], mate["password"])
    agent.open("Is anybody there?")
    expect(agent.part("viewers")).to_be_hidden()
    other.open("Is anybody there?")
    for screen in (agent, other):
        expect(screen.part("viewers")).to_be_visible(timeout=PATIENCE)
    expect(agent.part("viewers-pictures").locator(".avatar")).to_have_count(1)
    other.part("input").type("A reply")
    expect(agent.part("colleague")).to_contain_text("is writing an answer…", timeout=PATIENCE)
    expect(other.part("colleague")).to_be_empty()
    other.part("input").fill("")
    expect(agent.part("colleague")).to_be_empty(timeout=PATIENCE)
    other.part("note-switch").click()
    other.part("input").type("A note")
    agent.page.wait_for_timeout(1500)
    expect(agent.part("colleague")).to_be_empty()  # notes are nobody's answer
    other.page.context.close()
    expect(agent.part("viewers")).to_be_hidden(timeout=PATIENCE)


def test_a_customer_comes_and_goes(agent: AgentScreen, customer: Customer) -> None:
    agent.open("Is anybody there?")
    expect(agent.part("customer-online")).to_be_hidden()
    customer.connect()
    expect(agent.part("customer-online")).to_be_visible(timeout=PATIENCE)
    expect(agent.rows.first.locator("[data-part=online]")).to_be_visible()
    agent.page.reload()
    expect(agent.part("customer-online")).to_be_visible(timeout=PATIENCE)  # asked for, as it is not told again
    customer.socket.disconnect()
    expect(agent.part("customer-online")).to_be_hidden(timeout=PATIENCE * 2)


def test_what_is_read_on_one_screen_is_read_on_all(
    agent: AgentScreen, customer: Customer, browser: Browser, server: Server, company: Company
) -> None:
    other = AgentScreen(browser, server.url, company["email"], company["password"])
    for screen in (agent, other):
        expect(screen.row("Is anybody there?").locator("[data-part=unread]")).to_have_text("1", timeout=PATIENCE)
        expect(screen.page).to_have_title("(1) Deskbell", timeout=PATIENCE)
    agent.page.bring_to_front()
    agent.open("Is anybody there?")
    for screen in (agent, other):
        expect(screen.row("Is anybody there?").locator("[data-part=unread]")).to_be_hidden(timeout=PATIENCE)
        expect(screen.page).to_have_title("Deskbell", timeout=PATIENCE)
    other.page.context.close()
