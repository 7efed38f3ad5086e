"""The visitor's widget when connections, servers, pages and tabs come and go: real servers, real Chromium."""

import re
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from tests.live.client import Client
from tests.live.screens import PATIENCE, VisitorScreen
from tests.live.server import Company, Server
from tests.live.shop import Shop, open_shop

Json = dict[str, Any]

API = "**/api/widget/**"
SENDS = "**/api/widget/messages"
DENIED = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError') } })"
FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }"
STORE = (
    "Object.entries(localStorage).filter(([name]) => name.includes(':outbox:')).map(([, value]) => JSON.parse(value))"
)


class Team:
    """An agent of the company by his API token, with a socket if he wants one."""

    def __init__(self, server: Server, company: Company):
        self.server, self.company = server, company
        self.headers = {"Authorization": f"Bearer {company['apiToken']}"}
        self.client: Client | None = None

    def call(self, method: str, path: str, **more: Any) -> Json:
        answer = requests.request(method, self.server.url + path, headers=self.headers, timeout=20, **more)
        assert answer.ok, answer.text
        return answer.json()

    def conversation(self) -> Json:
        return self.call("GET", "/api/conversations")["conversations"][0]

    def messages(self) -> list[Json]:
        return self.call("GET", f"/api/conversations/{self.conversation()['id']}/messages")["messages"]

    def texts(self) -> list[str]:
        return [message["text"] for message in self.messages()]

    def answer(self, text: str) -> None:
        body = {"conversationId": self.conversation()["id"], "text": text, "clientId": text}
        self.call("POST", "/api/messages/send", json=body)

    def come(self) -> Client:
        self.client = Client(self.server, "/agent", {"token": self.company["apiToken"]}, ["websocket"])
        return self.client

    def type(self, is_typing: bool = True) -> None:
        assert self.client
        payload = {"conversationId": self.conversation()["id"], "isTyping": is_typing}
        assert self.client.sio.call("typing", payload, namespace="/agent")["ok"]

    def leave(self) -> None:
        if self.client:
            self.client.sio.disconnect()

    def heard(self, event: str) -> list[Json]:
        assert self.client
        return [payload for name, payload in self.client.heard if name == event]


@pytest.fixture
def team(server: Server, company: Company) -> Iterator[Team]:
    team = Team(server, company)
    yield team
    team.leave()


@pytest.fixture
def visitor(context: BrowserContext, shop: Shop) -> VisitorScreen:
    return VisitorScreen(context.new_page(), shop.url).open()


def put(visitor: VisitorScreen, *texts: str) -> None:
    """Sends, whatever becomes of it."""
    for text in texts:
        visitor.part("input").fill(text)
        visitor.part("input").press("Enter")


def has_state(visitor: VisitorScreen, text: str, state: str) -> None:
    expect(visitor.message(text)).to_have_attribute("data-state", state, timeout=PATIENCE)


def shown(visitor: VisitorScreen) -> list[str]:
    return visitor.part("message").locator('[data-part="text"]').all_inner_texts()


def until(holds: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.1)
    return holds()


def asked(page: Page, part: str, method: str = "GET") -> list[str]:
    """Hears from now on which addresses with this part the page asks for."""
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url) if is_such(request) else None)

    def is_such(request: Any) -> bool:
        return part in request.url and request.method == method

    return urls


# ---- what is written without a connection


def test_what_is_written_offline_survives_a_reload_and_arrives_once_in_order(
    context: BrowserContext, visitor: VisitorScreen, team: Team, shop: Shop
) -> None:
    visitor.write("Zero")
    context.set_offline(True)
    put(visitor, "One", "Two", "Three")
    for text in ("One", "Two", "Three"):
        has_state(visitor, text, "waiting")
    expect(visitor.message("Three")).to_contain_text("Not sent yet")
    expect(visitor.message("Three").locator('[data-part="retry"]')).to_be_visible()
    context.route(SENDS, lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    context.set_offline(False)
    visitor.page.goto(f"{shop.url}/another")
    has_state(visitor, "One", "waiting")
    assert shown(visitor) == ["Zero", "One", "Two", "Three"]
    assert team.texts() == ["Zero"]
    context.unroute(SENDS)
    has_state(visitor, "Three", "sent")
    assert shown(visitor) == ["Zero", "One", "Two", "Three"]
    assert team.texts() == ["Zero", "One", "Two", "Three"]
    assert visitor.page.evaluate(STORE) == []


def test_the_first_message_of_all_waits_too_even_if_the_panel_was_closed(
    context: BrowserContext, shop: Shop, team: Team
) -> None:
    context.route(API, lambda route: route.abort())
    visitor = VisitorScreen(context.new_page(), shop.url).open()
    put(visitor, "Is anybody there?")
    has_state(visitor, "Is anybody there?", "waiting")
    visitor.part("close").click()
    context.unroute(API)
    visitor.page.goto(f"{shop.url}/another")
    assert until(lambda: bool(team.call("GET", "/api/conversations")["conversations"]))
    assert team.texts() == ["Is anybody there?"]


def test_an_answer_that_got_lost_does_not_store_it_twice(
    context: BrowserContext, visitor: VisitorScreen, team: Team
) -> None:
    visitor.write("Zero")

    def swallow(route: Any) -> None:
        route.fetch()
        route.abort()

    context.route(SENDS, lambda route: swallow(route) if route.request.method == "POST" else route.continue_(), times=1)
    put(visitor, "Once")
    has_state(visitor, "Once", "sent")
    visitor.page.wait_for_timeout(2500)  # longer than the next attempt would wait
    assert team.texts() == ["Zero", "Once"]
    expect(visitor.message("Once")).to_have_count(1)
    assert visitor.page.evaluate(STORE) == []


def test_the_other_tab_shows_what_waits_and_that_it_was_sent_and_takes_it_over(
    context: BrowserContext, visitor: VisitorScreen, team: Team, shop: Shop
) -> None:
    visitor.write("Zero")
    other = VisitorScreen(context.new_page(), shop.url).open()
    other.sees("Zero")
    sends = [asked(tab.page, "/api/widget/messages", "POST") for tab in (visitor, other)]
    put(visitor, "At once")
    has_state(other, "At once", "sent")
    assert [len(urls) for urls in sends] == [1, 0]
    context.set_offline(True)
    put(visitor, "One", "Two")
    has_state(other, "Two", "waiting")
    context.set_offline(False)
    for tab in (visitor, other):
        has_state(tab, "Two", "sent")
        assert shown(tab) == ["Zero", "At once", "One", "Two"]
    context.set_offline(True)
    put(visitor, "Last words")
    has_state(other, "Last words", "waiting")
    visitor.page.close()
    context.set_offline(False)
    has_state(other, "Last words", "sent")
    assert team.texts() == ["Zero", "At once", "One", "Two", "Last words"]


def test_two_tabs_without_locks_store_it_once(
    context: BrowserContext, visitor: VisitorScreen, team: Team, shop: Shop
) -> None:
    visitor.write("Zero")
    context.add_init_script("Object.defineProperty(navigator, 'locks', { value: undefined })")
    visitor.page.reload()
    other = VisitorScreen(context.new_page(), shop.url).open()
    for tab in (visitor, other):
        tab.sees("Zero")
    context.set_offline(True)
    put(visitor, "One", "Two")
    has_state(other, "Two", "waiting")
    context.set_offline(False)
    for tab in (visitor, other):
        has_state(tab, "Two", "sent")
        assert shown(tab) == ["Zero", "One", "Two"]
    assert team.texts() == ["Zero", "One", "Two"]


@pytest.mark.parametrize("script", [DENIED, FULL])
def test_where_nothing_can_be_kept_it_waits_as_long_as_the_page_lives(
    context: BrowserContext, shop: Shop, team: Team, script: str
) -> None:
    context.add_init_script(script)
    visitor = VisitorScreen(context.new_page(), shop.url).open()
    visitor.write("Zero")
    context.set_offline(True)
    put(visitor, "One", "Two")
    expect(visitor.message("Two")).to_contain_text("Not sent yet. Keep this page open.", timeout=PATIENCE)
    context.set_offline(False)
    has_state(visitor, "Two", "sent")
    assert team.texts() == ["Zero", "One", "Two"]


def test_what_was_refused_is_there_after_a_reload_and_can_be_deleted_in_all_tabs(
    context: BrowserContext, visitor: VisitorScreen, team: Team, shop: Shop
) -> None:
    visitor.write("Hello")
    team.call("PATCH", f"/api/contacts/{team.conversation()['contactId']}", json={"blocked": True})
    put(visitor, "Are you there?")
    has_state(visitor, "Are you there?", "failed")
    other = VisitorScreen(context.new_page(), shop.url).open()
    has_state(other, "Are you there?", "failed")
    visitor.message("Are you there?").locator('[data-part="discard"]').click()
    for tab in (visitor, other):
        expect(tab.message("Are you there?")).to_have_count(0, timeout=PATIENCE)
    assert visitor.page.evaluate(STORE) == []


def test_the_server_is_killed_while_messages_are_written(
    context: BrowserContext, start_server: Callable[..., Server]
) -> None:
    first = start_server()
    company = first.company()
    team = Team(first, company)
    with open_shop(first.url, company["widgetKey"]) as shop:
        visitor = VisitorScreen(context.new_page(), shop.url).open()
        visitor.write("0")
        put(visitor, "1", "2")
        first.stop(signal.SIGKILL)
        put(visitor, "3", "4", "5")
        has_state(visitor, "5", "waiting")
        expect(visitor.part("status")).to_have_text(re.compile("Reconnecting|No connection"), timeout=PATIENCE)
        start_server(PORT=str(first.port))
        has_state(visitor, "5", "sent")
        expect(visitor.part("status")).to_have_text("", timeout=PATIENCE)
        expected = ["0", "1", "2", "3", "4", "5"]
        assert team.texts() == expected
        assert shown(visitor) == expected
        team.answer("All of it is here")
        visitor.sees("All of it is here")


# ---- what the socket misses


def test_a_page_that_slept_is_right_at_once(context: BrowserContext, visitor: VisitorScreen, team: Team) -> None:
    visitor.write("Hello")
    sockets: list[Any] = []
    visitor.page.on("websocket", lambda socket: sockets.append(socket))
    visitor.page.clock.set_system_time(datetime.now(UTC) + timedelta(hours=1))
    assert until(lambda: bool(visitor.page.wait_for_timeout(100) or sockets), 4)
    team.answer("Good morning")
    visitor.sees("Good morning")


def test_it_asks_once_when_it_is_shown_again_and_never_while_nothing_happens(
    visitor: VisitorScreen, team: Team
) -> None:
    visitor.write("Hello")
    visitor.page.wait_for_timeout(1500)
    urls = asked(visitor.page, "/api/widget/messages?after=")
    visitor.page.wait_for_timeout(4000)
    assert urls == []
    visitor.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    visitor.page.wait_for_timeout(1500)
    assert len(urls) == 1
    assert "after=1" in urls[0]
    team.answer("One")
    visitor.sees("One")
    assert len(urls) == 1


def test_a_gap_is_closed_by_asking_once(context: BrowserContext, shop: Shop, team: Team) -> None:
    page = context.new_page()

    def lose_one(route: WebSocketRoute) -> None:
        upstream = route.connect_to_server()
        upstream.on_message(lambda frame: None if "Lost on the way" in str(frame) else route.send(frame))

    page.route_web_socket(re.compile("socket.io"), lose_one)
    visitor = VisitorScreen(page, shop.url).open()
    visitor.write("Hello")
    page.wait_for_timeout(1000)
    urls = asked(page, "/api/widget/messages?after=")
    team.answer("Lost on the way")
    page.wait_for_timeout(1000)
    expect(visitor.message("Lost on the way")).to_have_count(0)
    team.answer("The next one")
    visitor.sees("Lost on the way")
    assert shown(visitor) == ["Hello", "Lost on the way", "The next one"]
    assert len(urls) == 1


# ---- delivered, read


def test_delivered_while_closed_read_when_seen(visitor: VisitorScreen, team: Team) -> None:
    visitor.write("Hello")
    expect(visitor.message("Hello")).to_contain_text("Sent")
    visitor.part("close").click()
    team.answer("Welcome")
    status: Callable[[], str] = lambda: team.messages()[-1]["status"]  # noqa: E731
    assert until(lambda: status() == "DELIVERED")
    time.sleep(1)
    assert status() == "DELIVERED"
    visitor.open().sees("Welcome")
    assert until(lambda: status() == "READ")
    expect(visitor.message("Hello")).to_contain_text("Read", timeout=PATIENCE)


def test_what_came_while_the_visitor_was_away_is_delivered_with_the_next_page(
    visitor: VisitorScreen, team: Team, shop: Shop
) -> None:
    visitor.write("Hello")
    visitor.part("close").click()
    visitor.page.goto("about:blank")
    team.answer("Welcome")
    assert team.messages()[-1]["status"] == "SENT"
    visitor.page.goto(shop.url)
    assert until(lambda: team.messages()[-1]["status"] == "DELIVERED")


# ---- typing


def test_typing_is_shown_and_ends_with_the_message_or_by_itself(visitor: VisitorScreen, team: Team) -> None:
    visitor.write("Hello")
    team.come()
    dots = visitor.part("typing")
    team.type()
    expect(dots).to_contain_text("is typing…", timeout=PATIENCE)
    team.type(False)
    expect(dots).to_be_hidden(timeout=PATIENCE)
    team.type()
    expect(dots).to_be_visible(timeout=PATIENCE)
    team.answer("There you are")
    visitor.sees("There you are")
    expect(dots).to_be_hidden(timeout=1000)
    time.sleep(1.1)
    team.type()
    expect(dots).to_be_visible(timeout=PATIENCE)
    expect(dots).to_be_visible(timeout=1000)
    expect(dots).to_be_hidden(timeout=7000)


def test_his_own_typing_is_told_seldom_and_ends(visitor: VisitorScreen, team: Team) -> None:
    visitor.write("Hello")
    team.come()
    frames: list[str] = []
    cdp = visitor.page.context.new_cdp_session(visitor.page)
    cdp.send("Network.enable")
    cdp.on("Network.webSocketFrameSent", lambda event: frames.append(event["response"]["payloadData"]))
    began = time.monotonic()
    visitor.part("input").press_sequentially("A rather long sentence, and some more", delay=100)
    visitor.part("input").fill("")
    lasted = time.monotonic() - began
    assert until(lambda: bool(team.heard("typing")) and not team.heard("typing")[-1]["isTyping"])
    told = [frame for frame in frames if '"typing"' in frame]
    assert 2 <= len(told) <= 2 + lasted // 3
    assert [frame for frame in told if "false" in frame] == told[-1:]
    assert not any("preview" in frame for frame in told)
    expect(visitor.part("watched")).to_be_hidden()


def test_unsent_text_is_seen_only_where_it_is_switched_on_and_he_is_told(
    context: BrowserContext, shop: Shop, team: Team
) -> None:
    [channel] = team.call("GET", "/api/channels")["channels"]
    body = {"version": channel["version"], "settings": {"sneakPeek": True}}
    assert team.call("PATCH", f"/api/channels/{channel['id']}", json=body)["channel"]["settings"]["sneakPeek"]
    visitor = VisitorScreen(context.new_page(), shop.url).open()
    visitor.write("Hello")
    expect(visitor.part("watched")).to_be_visible()
    expect(visitor.part("watched")).to_have_text("We can see what you type before you send it.")
    team.come()
    visitor.part("input").fill("I would like")
    assert until(lambda: bool(team.heard("typing")) and team.heard("typing")[-1].get("preview") == "I would like")
    visitor.part("input").fill("I would like a bell")
    assert until(lambda: team.heard("typing")[-1].get("preview") == "I would like a bell")
    visitor.part("input").press("Enter")
    assert until(lambda: team.heard("typing")[-1] | {"isTyping": False, "preview": ""} == team.heard("typing")[-1])


# ---- presence


def test_the_header_follows_the_team_and_nobody_there_is_no_dead_end(visitor: VisitorScreen, team: Team) -> None:
    state, outlook = visitor.part("team"), visitor.part("outlook")
    expect(state).to_contain_text("Away", timeout=PATIENCE)
    expect(outlook).to_have_text("Leave us a message and we will answer here.")
    team.come()
    expect(state).to_contain_text("Online", timeout=PATIENCE)
    expect(outlook).to_be_hidden()
    expect(visitor.part("presence")).to_have_text("We are here")
    team.leave()
    expect(state).to_contain_text("Away", timeout=25_000)
    expect(outlook).to_have_text("Leave us a message and we will answer here.")
    expect(visitor.part("presence")).to_have_text("We are away")
    visitor.write("Until tomorrow")
    assert team.texts() == ["Until tomorrow"]


def test_the_team_sees_which_page_he_looks_at(visitor: VisitorScreen, team: Team, shop: Shop) -> None:
    visitor.write("Hello")
    team.come()

    def page() -> Json:
        seen = [news["page"] for news in team.heard("presence") if "contactId" in news]
        return seen[-1] if seen else {}

    visitor.page.evaluate("history.pushState(null, '', '/bells')")
    assert until(lambda: page().get("url") == f"{shop.url}/bells")
    visitor.page.evaluate("document.title = 'Bells'")
    assert until(lambda: page() == {"url": f"{shop.url}/bells", "title": "Bells"})
    told = len(team.heard("presence"))
    visitor.page.evaluate(
        "for (let number = 0; number < 50; number += 1) history.replaceState(null, '', `/bells/${number}`)"
    )
    assert until(lambda: page().get("url") == f"{shop.url}/bells/49")
    assert len(team.heard("presence")) - told <= 2
