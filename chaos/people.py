"""Visitors and agents as the product's own clients behave: one message after the other, each with its clientId
until it is stored; a timeline that takes everything in by id; and catching up on connecting and on a gap."""

import threading
import time
from abc import ABC, abstractmethod
from bisect import insort
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import uuid4

import requests
import socketio

from chaos.ledger import Ledger, token_in

TIMEOUT = (3.0, 6.0)  # seconds to connect, and to be answered
LONGEST_WAIT = 2.0  # seconds between two attempts
MOST_UNSENT = 6  # messages: nobody writes on and on while nothing leaves
SILENCE = 40.0  # seconds without a packet, pings included, after which a connection is dead
REPEATS = 0.03  # of the messages are sent once more although they were answered
WORDS = (
    "do you ship to Norway?",
    "one moment, please",
    "it is the bell on the left",
    "thank you 🔔",
    "naïve «quoted» text",
)

Message = dict[str, Any]


class Refused(Exception):
    """An answer that no repetition changes."""


class NotNow(Exception):
    """No answer, or one that says to try again."""


@dataclass
class Timeline:
    """The messages of one conversation as a client shows them: each once, by seq."""

    order: list[tuple[int, str]] = field(default_factory=list)
    by_id: dict[str, Message] = field(default_factory=dict)
    last_seq: int = 0  # every message up to this one is here

    def upsert(self, message: Message) -> None:
        if message["id"] not in self.by_id:
            insort(self.order, (message["seq"], message["id"]))
        self.by_id[message["id"]] = message
        for seq, _ in self.order[self.last_seq :]:
            if seq == self.last_seq + 1:
                self.last_seq = seq

    @property
    def has_gap(self) -> bool:
        return bool(self.order) and self.order[-1][0] > self.last_seq

    @property
    def tokens(self) -> list[str]:
        return [token_in(self.by_id[message_id]["text"]) for _, message_id in self.order]


class Client(socketio.Client):  # type: ignore[misc]
    """The library's client may take itself for connected for ever, when its writer hangs in a dead connection."""

    def __init__(self, **options: Any):
        super().__init__(**options)
        self.heard_at = time.monotonic()
        receive = self.eio._receive_packet

        def note_and_receive(packet: Any) -> None:
            self.heard_at = time.monotonic()
            receive(packet)

        self.eio._receive_packet = note_and_receive

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self.heard_at < SILENCE


class Person(ABC):
    """Writes `count` messages and shows what it hears. `catches_up=False` trusts the socket alone."""

    side: str
    namespace: str

    def __init__(
        self,
        name: str,
        url: str,
        random: Random,
        ledger: Ledger,
        *,
        count: int,
        pace: float,
        catches_up: bool,
        transports: list[str],
    ):
        self.name, self.url, self.random, self.ledger = name, url, random, ledger
        self.count, self.pace, self.catches_up, self.transports = count, pace, catches_up, transports
        self.timelines: dict[str, Timeline] = {}
        self.lock = threading.RLock()
        self.missing = threading.Event()  # something may have been missed
        self.ended = threading.Event()
        self.wrote_all = False
        self.connection = "never connected"
        self.unsent: deque[tuple[str, dict[str, Any]]] = deque()
        parts = [self._listen, self._write, self._send, *([self._keep_catching_up] if catches_up else [])]
        self.threads = [threading.Thread(target=self._do, args=[part], daemon=True) for part in parts]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def _do(self, part: Callable[[], None]) -> None:
        try:
            part()
        except Exception as error:
            self.ledger.contradict(f"{self.name}: {part.__name__} ended by {error!r}")
            raise

    def end(self) -> None:
        self.ended.set()
        self.missing.set()

    @property
    def shown(self) -> dict[str, list[str]]:
        """Conversation's id → tokens, as they stand on the screen."""
        with self.lock:
            return {conversation: timeline.tokens for conversation, timeline in self.timelines.items()}

    # ---- what differs

    @abstractmethod
    def auth(self) -> dict[str, str]: ...

    @abstractmethod
    def compose(self, text: str) -> tuple[str, dict[str, Any]] | None:
        """The path and the body of the next message; None while there is nobody to write to."""

    @abstractmethod
    def hear(self, event: str, payload: dict[str, Any]) -> None: ...

    @abstractmethod
    def catch_up(self, http: requests.Session) -> None: ...

    # ---- HTTP

    def call(self, http: requests.Session, method: str, path: str, **options: Any) -> dict[str, Any]:
        try:
            answer = http.request(method, self.url + path, timeout=TIMEOUT, **options)
            if answer.ok:
                return answer.json()
        except (requests.RequestException, ValueError) as error:
            raise NotNow from error
        if answer.status_code in (408, 429) or answer.status_code >= 500:
            raise NotNow
        raise Refused(f"{method} {path}: {answer.status_code} {answer.text[:200]}")

    def session(self) -> requests.Session:
        http = requests.Session()
        http.trust_env = False
        (token,) = self.auth().values()
        http.headers["Authorization"] = f"Bearer {token}"
        return http

    # ---- writing and sending

    def _write(self) -> None:
        number = 0
        while number < self.count and not self.ended.wait(self.random.uniform(0, 2 * self.pace)):
            if len(self.unsent) >= MOST_UNSENT:
                continue
            composed = self.compose(f"{self.name}.{number + 1} {self.random.choice(WORDS)}")
            if composed is None:
                continue
            path, body = composed
            number += 1
            self.ledger.write(self.name, number, self.side)
            self.unsent.append((path, {**body, "clientId": str(uuid4())}))
        self.wrote_all = True

    def _send(self) -> None:
        with self.session() as http:
            while not self.ended.is_set():
                if not self.unsent:
                    time.sleep(0.02)
                    continue
                path, body = self.unsent[0]
                self._deliver(http, path, body)
                self.unsent.popleft()

    def _deliver(self, http: requests.Session, path: str, body: dict[str, Any]) -> None:
        """The same request with the same clientId until it is answered."""
        wait = 0.1
        while not self.ended.is_set():
            try:
                stored = self.call(http, "POST", path, json=body)
            except NotNow:
                time.sleep(wait * self.random.uniform(0.75, 1.25))
                wait = min(LONGEST_WAIT, wait * 2)
                continue
            except Refused as why:
                self.ledger.contradict(f"{token_in(body['text'])} was refused: {why}")
                return
            self._acknowledged(stored, body)
            if self.random.random() < REPEATS:
                with suppress(NotNow, Refused):
                    self._acknowledged(self.call(http, "POST", path, json=body), body)
            return

    def _acknowledged(self, stored: dict[str, Any], body: dict[str, Any]) -> None:
        token = token_in(body["text"])
        if stored["message"]["text"] != body["text"]:
            self.ledger.contradict(f"{token} was answered with another text: {stored['message']['text'][:60]!r}")
        self.take(stored["message"])
        self.ledger.acknowledge(token, stored["message"]["id"])

    # ---- hearing and catching up

    def take(self, message: Message) -> None:
        with self.lock:
            timeline = self.timelines.setdefault(message["conversationId"], Timeline())
            timeline.upsert(message)
            if timeline.has_gap:
                self.missing.set()

    def fetch_after(self, http: requests.Session, path: str, conversation_id: str, **query: Any) -> None:
        more = True
        while more:
            after = self.timelines.setdefault(conversation_id, Timeline()).last_seq
            page = self.call(http, "GET", path, params={**query, "after": after})
            for message in page["messages"]:
                self.take(message)
            more = page["hasMore"]

    def _keep_catching_up(self) -> None:
        with self.session() as http:
            while not self.ended.is_set():
                self.missing.wait()
                time.sleep(0.05)  # what is on its way comes by itself
                self.missing.clear()
                try:
                    self.catch_up(http)
                except NotNow:
                    time.sleep(self.random.uniform(0.3, 0.9))
                    self.missing.set()
                except Refused as why:
                    self.ledger.contradict(f"{self.name} could not catch up: {why}")

    def _listen(self) -> None:
        """Connected, again and again."""
        while not self.ended.is_set():
            client = Client(reconnection=False, request_timeout=4, handle_sigint=False)
            client.on("*", self._heard, namespace=self.namespace)
            try:
                client.connect(
                    self.url,
                    namespaces=[self.namespace],
                    auth=self.auth(),
                    transports=self.transports,
                    wait_timeout=4,
                )
                self.connection = f"connected by {client.transport()} since {time.strftime('%X')}"
                self.missing.set()
                while client.connected and client.is_fresh and not self.ended.is_set():
                    time.sleep(0.05)
                self.connection = f"lost at {time.strftime('%X')}"
            except Exception as error:  # whatever it is: once more
                self.connection = f"refused at {time.strftime('%X')}: {error!r}"
            with suppress(Exception):
                client.eio.disconnect(abort=True)  # without waiting for its writer, which may never end
            time.sleep(self.random.uniform(0.2, 0.8))

    def _heard(self, event: str, *args: Any) -> None:
        with self.lock:
            self.hear(event, args[0])


class Visitor(Person):
    side = "visitor"
    namespace = "/widget"
    token = ""

    def begin(self, widget_key: str) -> None:
        answer = requests.post(f"{self.url}/api/widget/init", json={"widgetKey": widget_key}, timeout=10)
        answer.raise_for_status()
        self.token = answer.json()["visitorToken"]

    def auth(self) -> dict[str, str]:
        return {"visitorToken": self.token}

    def compose(self, text: str) -> tuple[str, dict[str, Any]]:
        return "/api/widget/messages", {"text": text}

    def hear(self, event: str, payload: dict[str, Any]) -> None:
        if event == "message:new":
            self.take(payload["message"])

    def catch_up(self, http: requests.Session) -> None:
        for conversation in self.call(http, "GET", "/api/widget/conversations")["conversations"]:
            self.fetch_after(http, "/api/widget/messages", conversation["id"], conversationId=conversation["id"])


class Agent(Person):
    side = "team"
    namespace = "/agent"
    api_token = ""
    rev = 0  # every change up to this one is known

    def auth(self) -> dict[str, str]:
        return {"token": self.api_token}

    def compose(self, text: str) -> tuple[str, dict[str, Any]] | None:
        with self.lock:
            known = list(self.timelines)
        if not known:
            return None
        return "/api/messages/send", {
            "text": text,
            "conversationId": self.random.choice(known),
            "private": self.random.random() < 0.05,
        }

    def hear(self, event: str, payload: dict[str, Any]) -> None:
        if event == "message:new":
            self.take(payload["message"])
        rev = payload.get("rev") or 0
        if rev == self.rev + 1:
            self.rev = rev
        elif rev > self.rev:
            self.missing.set()

    def catch_up(self, http: requests.Session) -> None:
        more = True
        while more:
            answer = self.call(http, "GET", "/api/conversations", params={"changedAfter": self.rev, "limit": 50})
            for conversation in answer["conversations"]:
                self.fetch_after(http, f"/api/conversations/{conversation['id']}/messages", conversation["id"])
            with self.lock:
                self.rev = max(self.rev, answer["rev"])
            more = answer["hasMore"]
        for conversation_id in [one for one, timeline in list(self.timelines.items()) if timeline.has_gap]:
            self.fetch_after(http, f"/api/conversations/{conversation_id}/messages", conversation_id)
