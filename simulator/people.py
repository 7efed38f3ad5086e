"""Customers of a shop that sells desk bells: they begin within seconds, and answer what the team writes to them."""

import json
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from simulator.control import say
from simulator.state import ACCOUNT, PAGE, Person

if TYPE_CHECKING:
    from simulator.server import Server

THINKS = 2.5  # seconds between an answer of the team and the customer's next line
LOOKS_EVERY = 1.0  # seconds


@dataclass
class Customer:
    """`opening`: what he begins with, each an event's item; `answers`: to what the team says, one after the other."""

    id: str
    name: str
    account: str
    after: float  # seconds after the start
    opening: list[dict[str, Any]]
    answers: list[str] = field(default_factory=list)


def text(words: str, **more: Any) -> dict[str, Any]:
    return {"message": {"text": words, **more}}


def picture(base: str, name: str) -> dict[str, Any]:
    return {"message": {"attachments": [{"type": "image", "payload": {"url": f"{base}/cdn/{name}.png"}}]}}


def cast(base: str) -> list[Customer]:
    return [
        Customer(
            "4600000000000011",
            "Marta Nowak",
            PAGE,
            0.5,
            [text("Hello! Is the brass bell still there in the small size?")],
            ["Lovely. And how long does it take to Kraków?", "Then I take one. Thank you! 🔔"],
        ),
        Customer(
            "1780000000000021",
            "Léo Martin",
            ACCOUNT,
            2.0,
            [text("The bell in your last post 😍"), text("Which one is it?")],
            ["And is it loud?", "Perfect for our hotel desk. I'll order tonight."],
        ),
        Customer(
            "4600000000000012",
            "Tom Becker",
            PAGE,
            4.0,
            [text("One of my bells arrived with a scratch."), picture(base, "scratch")],
            ["Order 10482.", "That is kind of you, thanks!"],
        ),
        Customer(
            "1780000000000022",
            "noor.designs",
            ACCOUNT,
            6.0,
            [text("مرحبا، هل تشحنون إلى دبي؟")],
            ["شكرا جزيلا!"],
        ),
        Customer(
            "4600000000000013",
            "Grace Okafor",
            PAGE,
            8.0,
            [{"postback": {"title": "Track my order", "payload": "TRACK"}}],
            ["10491", "Great, thank you."],
        ),
    ]


def play(server: "Server") -> None:
    """Let everybody begin, and answer for as long as the process lives."""
    for customer in cast(server.url):
        server.state.people[customer.id] = Person(customer.id, customer.name)
        threading.Thread(target=_live, args=(server, customer), daemon=True).start()


def _live(server: "Server", customer: Customer) -> None:
    time.sleep(customer.after)
    for item in customer.opening:
        _say(server, customer, item)
        time.sleep(1.0)

    def heard() -> int:
        with server.state.lock:
            return sum(one["person"] == customer.id for one in server.state.sent)

    _converse(heard, lambda words: _say(server, customer, text(words)), customer.answers)


def _say(server: "Server", customer: Customer, item: dict[str, Any]) -> None:
    number = server.state.number()
    named = {kind: {"mid": f"m_{customer.id}_{number}", **inner} for kind, inner in item.items()}
    say(server, customer.account, customer.id, [named])


def _converse(heard: Callable[[], int], say_text: Callable[[str], None], answers: list[str]) -> None:
    """One answer for each time that the team has written something new."""
    known = 0
    for words in answers:
        while heard() <= known:
            time.sleep(LOOKS_EVERY)
        known = heard()
        time.sleep(THINKS)
        say_text(words)


class WidgetVisitor:
    """Somebody in the website's chat, over its HTTP door."""

    opening = "Hi! Do you engrave bells? It is for my father's workshop."
    answers = ("How many letters fit on it?", "Wonderful, I will send you the text tomorrow.")

    def __init__(self, url: str, widget_key: str):
        self.url, self.token = url, ""
        self.token = self._call("POST", "/api/widget/init", {"widgetKey": widget_key})["visitorToken"]

    def live(self) -> None:
        self._say(self.opening)
        _converse(self._heard, self._say, list(self.answers))

    def _say(self, words: str) -> None:
        page = {"url": f"{self.url}/demo", "title": "Aldine & Moss", "referrer": ""}
        body = {"text": words, "clientId": str(uuid.uuid4()), "name": "Jonas Lind", "page": page, "locale": "en-GB"}
        self._call("POST", "/api/widget/messages", body)

    def _heard(self) -> int:
        messages = self._call("GET", "/api/widget/messages")["messages"]
        return sum(message["role"] == "AGENT" for message in messages)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        headers = {
            "Content-Type": "application/json",
            **({"Authorization": f"Bearer {self.token}"} if self.token else {}),
        }
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
