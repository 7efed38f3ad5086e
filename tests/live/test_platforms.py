"""Facebook and Instagram with a real server, the simulator in Meta's place, and a real browser."""

import json
import signal
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, expect

from platforms.meta.signature import signature
from simulator.client import Fake
from simulator.state import ACCOUNT, PAGE
from tests.live.client import Client
from tests.live.screens import PATIENCE, AgentScreen
from tests.live.server import Company, Server

SECRET = "test-app-secret"
PEOPLE = {"facebook": (PAGE, "7654321098765432"), "instagram": (ACCOUNT, "1234567890123456")}


class Meta:
    """A Deskbell with a page and an account, both connected to a simulator that posts to it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.fake = Fake("http://127.0.0.1:9")
        self.server = self.start()
        self.company: Company = self.server.company()
        for kind, token in (("facebook", "page-token"), ("instagram", "ig-token")):
            options = ("--company", self.company["companyId"], "--external-id", PEOPLE[kind][0], "--name", kind.title())
            made = self.server.command("add-channel", kind, *options, "--access-token", token, "--json")
            assert json.loads(made.splitlines()[-1])["channelId"]

    def start(self) -> Server:
        api = f"{self.fake.url}/v26.0"
        server = Server(self.folder, GRAPH_API_URL=api, INSTAGRAM_GRAPH_API_URL=api, META_APP_SECRET=SECRET)
        self.fake("webhook", url=server.url)
        return server

    def say(self, kind: str, text: str, **more: Any) -> None:
        account, person = PEOPLE[kind]
        message = {"mid": f"m_{text}", "text": text, **more}
        self.fake("say", account=account, person=person, items=[{"message": message}])

    def get(self, path: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.company['apiToken']}"}
        return requests.get(self.server.url + path, headers=headers, timeout=10).json()

    def post(self, path: str, body: dict[str, Any]) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.company['apiToken']}"}
        return requests.post(self.server.url + path, json=body, headers=headers, timeout=10)

    def messages(self) -> list[dict[str, Any]]:
        found = self.get("/api/conversations")["conversations"]
        return [
            message for one in found for message in self.get(f"/api/conversations/{one['id']}/messages")["messages"]
        ]


@pytest.fixture
def meta(tmp_path: Path) -> Iterator[Meta]:
    here = Meta(tmp_path)
    yield here
    here.fake.stop()
    here.server.stop()


def wait_until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = monotonic() + seconds
    while not holds():
        assert monotonic() < deadline
        sleep(0.1)


def test_three_platforms_in_one_dashboard(meta: Meta, browser: Browser) -> None:
    agent = AgentScreen(browser, meta.server.url, meta.company["email"], meta.company["password"])
    for kind in PEOPLE:
        meta.say(kind, f"Hello from {kind}")
        agent.lists(f"Hello from {kind}")
    for kind in PEOPLE:
        agent.open(f"Hello from {kind}")
        agent.sees(f"Hello from {kind}")
        expect(agent.part("window")).to_contain_text("You can answer for 23 h")
        agent.reply(f"Hello {kind}!")
        ticks = agent.part("thread").locator('[data-part="ticks"]').last
        expect(ticks).to_have_attribute("data-status", "READ", timeout=PATIENCE)
    assert agent.was_never_reloaded()
    assert sorted(one["message"]["text"] for one in meta.fake.sent()) == ["Hello facebook!", "Hello instagram!"]
    assert len(meta.messages()) == 4


def test_a_failed_answer_says_why_and_is_sent_again(meta: Meta, browser: Browser) -> None:
    meta.say("facebook", "Is it loud?")
    agent = AgentScreen(browser, meta.server.url, meta.company["email"], meta.company["password"])
    agent.open("Is it loud?")
    refusal = {"error": {"message": "(#100) no", "code": 100, "error_subcode": 2018300}}
    meta.fake("script", path="/messages", times=1, status=400, body=refusal)
    agent.reply("Very")
    thread = agent.part("thread")
    expect(thread).to_contain_text("Another app is answering this conversation", timeout=PATIENCE)
    thread.locator('[data-part="retry"]').click()
    expect(thread.locator('[data-part="ticks"]').last).to_have_attribute("data-status", "READ", timeout=PATIENCE)
    assert [one["message"]["text"] for one in meta.fake.sent()] == ["Very"]


def test_a_dead_token_shows_everywhere_and_nothing_is_lost(meta: Meta, browser: Browser) -> None:
    meta.say("facebook", "Is it loud?")
    agent = AgentScreen(browser, meta.server.url, meta.company["email"], meta.company["password"])
    agent.open("Is it loud?")
    meta.fake("kill_token", id=PAGE)
    agent.reply("Very")
    expect(agent.part("held")).to_contain_text("connect this channel anew", timeout=PATIENCE)
    agent.page.reload()
    expect(agent.part("trouble")).to_contain_text("Facebook", timeout=PATIENCE)
    agent.part("trouble").get_by_text("Look into it").click()
    expect(agent.part("health")).to_contain_text("Has to be connected anew")
    meta.fake("revive", id=PAGE, token="renewed")
    agent.page.fill('input[name="accessToken"]', "renewed")
    agent.page.get_by_role("button", name="Connect", exact=True).click()
    expect(agent.part("health")).to_have_attribute("data-state", "CONNECTED", timeout=PATIENCE)
    wait_until(lambda: [one["message"]["text"] for one in meta.fake.sent()] == ["Very"])


def test_a_channel_is_connected_by_hand_and_tried(meta: Meta, browser: Browser) -> None:
    meta.fake("account", id="5550001", kind="page", name="Second Shop", token="second-token")
    agent = AgentScreen(browser, meta.server.url, meta.company["email"], meta.company["password"])
    agent.page.goto(f"{meta.server.url}/settings/channels")
    agent.page.fill('input[name="externalId"]', "5550001")
    agent.page.fill('input[name="accessToken"]', "wrong")
    agent.page.locator('[data-part="connect"] [data-part="save"]').click()
    expect(agent.page.locator("#n-accessToken")).to_contain_text("no longer valid", timeout=PATIENCE)
    agent.page.fill('input[name="accessToken"]', "second-token")
    agent.page.locator('[data-part="connect"] [data-part="save"]').click()
    expect(agent.page.get_by_role("heading", name="Second Shop")).to_be_visible(timeout=PATIENCE)
    agent.page.get_by_role("button", name="Send a test event").click()
    expect(agent.part("health")).not_to_contain_text("None yet", timeout=PATIENCE)
    agent.page.goto(f"{meta.server.url}/settings/events")
    expect(agent.page.get_by_text("deskbell_test")).to_have_count(1)


def test_the_same_post_twenty_times_in_parallel(meta: Meta) -> None:
    event = {"sender": {"id": "77"}, "recipient": {"id": PAGE}, "timestamp": 1795420800000}
    item = {**event, "message": {"mid": "m_once", "text": "Once"}}
    body = json.dumps({"object": "page", "entry": [{"id": PAGE, "time": 1795420800000, "messaging": [item]}]}).encode()
    headers = {"X-Hub-Signature-256": signature(body, SECRET), "Content-Type": "application/json"}
    url = f"{meta.server.url}/api/webhooks/facebook"
    listener = Client(meta.server, "/agent", {"token": meta.company["apiToken"]}, ["websocket"])
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: requests.post(url, body, headers=headers, timeout=20), range(20)))
    assert [answer.status_code for answer in answers] == [200] * 20
    listener.wait_for(4)
    events = [name for name, _ in listener.heard]
    assert events.count("message:new") == 1
    assert [message["text"] for message in meta.messages()] == ["Once"]
    listener.sio.disconnect()


def test_the_answer_does_not_wait_for_a_platform_that_hangs(meta: Meta) -> None:
    """Profiles, pictures and files are asked for from a server that never answers; events are taken all the same."""
    meta.fake("script", path="/", times=100, behaviour="slow", seconds=30)
    attachment = {"type": "image", "payload": {"url": f"{meta.fake.url}/cdn/drip"}}
    for number in range(10):
        meta.say("facebook", f"Number {number}", attachments=[attachment])
    wait_until(lambda: len(meta.messages()) == 10, 10.0)
    began = monotonic()
    assert requests.get(f"{meta.server.url}/healthz", timeout=5).ok
    assert monotonic() - began < 2


@pytest.mark.timeout(240)
def test_kill_while_events_and_answers_flow(meta: Meta) -> None:
    """Whatever was answered 200 is there once, and no answer of ours reaches the customer twice."""
    meta.say("facebook", "Begin")
    wait_until(lambda: len(meta.messages()) == 1)
    conversation = meta.messages()[0]["conversationId"]
    for number in range(12):
        meta.say("facebook", f"Question {number}")
        body = {"conversationId": conversation, "text": f"Answer {number}", "clientId": f"c{number}"}
        assert meta.post("/api/messages/send", body).status_code == 201
    meta.server.stop(signal.SIGKILL)
    with closing(sqlite3.connect(meta.folder / "deskbell.db")) as database, database:
        database.execute("UPDATE outbox SET claimed_until = '2000-01-01 00:00:00.000000'")  # not to wait for 120 s
    meta.server = meta.start()
    wait_until(lambda: len(meta.messages()) == 25, 60.0)
    wait_until(lambda: all(one["status"] != "QUEUED" for one in meta.messages() if one["role"] == "AGENT"), 150.0)
    sent = [one["message"]["text"] for one in meta.fake.sent()]
    assert len(sent) == len(set(sent))
    texts = [message["text"] for message in meta.messages()]
    assert len(texts) == len(set(texts)) == 25


def test_meta_is_answered_when_it_asks_for_the_address(meta: Meta) -> None:
    channels = meta.get("/api/channels")["channels"]
    connection = next(one["connection"] for one in channels if one["platform"] == "FACEBOOK")
    asked = {"callback_url": connection["callbackUrl"], "verify_token": connection["verifyToken"]}
    url = f"{meta.fake.url}/v26.0/1517776481860111/subscriptions"
    assert requests.post(url, data=asked, timeout=10).json() == {"success": True}
    assert requests.post(url, data={**asked, "verify_token": "wrong"}, timeout=10).status_code == 400


def test_no_log_holds_a_token(meta: Meta) -> None:
    meta.say("facebook", "Hello")
    wait_until(lambda: len(meta.messages()) == 1)
    meta.fake("kill_token", id=PAGE)
    conversation = meta.messages()[0]["conversationId"]
    meta.post("/api/messages/send", {"conversationId": conversation, "text": "Hi", "clientId": "1"})
    wait_until(lambda: any(message["error"] for message in meta.messages()))
    log = (meta.folder / "log").read_text()
    for secret in ("page-token", "ig-token", SECRET):
        assert secret not in log
        assert secret not in json.dumps(meta.get("/api/channels"))
    database = (meta.folder / "deskbell.db").read_bytes() + (meta.folder / "deskbell.db-wal").read_bytes()
    assert b"page-token" not in database
