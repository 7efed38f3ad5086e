"""One visitor and one agent in real browsers, with the product's own pages. All of Playwright lives in one thread."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from random import Random
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from chaos.ledger import Ledger, token_in
from chaos.people import WORDS
from chaos.plan import Fault

PATIENCE = 20_000  # milliseconds
LOOK_EVERY = 0.4  # seconds between two looks at the pages
DAY = 24 * 3600 * 1000  # milliseconds
SWITCHES = """
(() => {
  const RealDate = Date;
  let [jump, state] = [0, "visible"];
  globalThis.Date = class extends RealDate {
    constructor(...args) { args.length ? super(...args) : super(RealDate.now() + jump); }
    static now() { return RealDate.now() + jump; }
  };
  Object.defineProperty(document, "visibilityState", { get: () => state, configurable: true });
  Object.defineProperty(document, "hidden", { get: () => state === "hidden", configurable: true });
  window.chaosJump = (ms) => { jump += ms; };
  window.chaosShow = (next) => { state = next; document.dispatchEvent(new Event("visibilitychange")); };
})();
"""
WIDGET_SHOWS = """host => [...host.shadowRoot.querySelectorAll('[data-part="message"]')].map(
    node => [node.querySelector('[data-part="text"]').textContent, node.dataset.state, node.dataset.id ?? ""])"""
THREAD_SHOWS = """thread => [...thread.querySelectorAll('[data-part="message"]')].map(
    node => [node.querySelector(".bubble").textContent, node.dataset.state, node.dataset.id ?? ""])"""
LIST_SHOWS = """list => [...list.querySelectorAll('[data-part="conversation"]')]
    .sort((one, other) => one.getBoundingClientRect().top - other.getBoundingClientRect().top)
    .map(row => [row.dataset.id, row.querySelector('[data-part="preview"]').textContent])"""


@dataclass
class Writer:
    """Somebody at a keyboard: writes when it is time, also while the browser is offline, and leaves the rest to the
    page."""

    name: str
    side: str
    page: Page
    root: Locator  # what holds the page's messages
    look: str  # JavaScript: root → [[text, state, id]]
    input: Locator
    count: int
    random: Random
    written: int = 0
    next_at: float = 0.0
    shown: tuple[tuple[str, str, str], ...] = ()

    @property
    def tokens(self) -> list[str]:
        return [token_in(text) for text, _, _ in self.shown]


class Browsers:
    def __init__(
        self,
        chromium: str,
        url: str,
        company: dict[str, Any],
        ledger: Ledger,
        random: Callable[[str], Random],
        *,
        visitor: tuple[str, int],
        agent: tuple[str, int],
        pace: float,
    ):
        self.chromium, self.url, self.company, self.ledger, self.random = chromium, url, company, ledger, random
        self.visitor_name, self.visitor_count = visitor
        self.agent_name, self.agent_count = agent
        self.pace = pace
        self.conversation = ""  # the one that both look at
        self.list: list[tuple[str, str]] = []  # conversation's id, token of its preview
        self.lock = threading.Lock()
        self.faults: SimpleQueue[Fault] = SimpleQueue()
        self.later: list[tuple[float, Callable[[], object]]] = []
        self.ready, self.begun, self.ended = threading.Event(), threading.Event(), threading.Event()
        self.failure: BaseException | None = None
        self.writers: list[Writer] = []
        self.thread = threading.Thread(target=self._live, daemon=True)

    def prepare(self) -> None:
        """Return when both look at the same conversation."""
        self.thread.start()
        self.ready.wait(90)
        if self.failure:
            raise RuntimeError("the browsers could not begin") from self.failure

    def start(self) -> None:
        self.begun.set()

    def end(self) -> None:
        self.ended.set()
        self.begun.set()
        self.thread.join(30)

    @property
    def wrote_all(self) -> bool:
        return all(writer.written >= writer.count for writer in self.writers)

    def screens(self) -> tuple[list[str], list[str], list[tuple[str, str]]]:
        """Tokens in the widget, tokens in the dashboard's thread, and the dashboard's list."""
        with self.lock:
            visitor, agent = self.writers
            return visitor.tokens, agent.tokens, list(self.list)

    # ---- the browsers' own thread

    def _live(self) -> None:
        try:
            with sync_playwright() as playwright:
                options = ["--no-sandbox", "--disable-gpu"]
                browser = playwright.chromium.launch(executable_path=self.chromium, args=options)
                self.writers = [self._visitor(browser), self._agent(browser)]
                self._meet()
                self.ready.set()
                self.begun.wait()
                while not self.ended.is_set():
                    self._step()
                browser.close()
        except BaseException as error:
            self.failure = error
            self.ledger.contradict(f"the browsers ended by {error!r}"[:600])
        finally:
            self.ready.set()

    def _page(self, browser: Browser, address: str) -> Page:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE)
        page.add_init_script(SWITCHES)
        page.goto(address)
        return page

    def _visitor(self, browser: Browser) -> Writer:
        page = self._page(browser, f"{self.url}/demo?key={self.company['widgetKey']}")
        widget = page.locator("deskbell-widget")
        widget.locator('[data-part="launcher"]').click()
        field = widget.locator('[data-part="input"]')
        expect(field).to_be_visible(timeout=PATIENCE)
        random = self.random(self.visitor_name)
        return Writer(self.visitor_name, "visitor", page, widget, WIDGET_SHOWS, field, self.visitor_count, random)

    def _agent(self, browser: Browser) -> Writer:
        person = self.company["agents"][-1]
        page = self._page(browser, self.url)
        page.fill('input[name="email"]', person["email"])
        page.fill('input[name="password"]', person["password"])
        page.press('input[name="password"]', "Enter")
        expect(page.locator('[data-part="connection"]')).to_have_attribute("data-state", "live", timeout=PATIENCE)
        thread, field = page.locator('[data-part="thread"]'), page.locator('[data-part="input"]')
        random = self.random(self.agent_name)
        return Writer(self.agent_name, "team", page, thread, THREAD_SHOWS, field, self.agent_count, random)

    def _meet(self) -> None:
        visitor, agent = self.writers
        self._write(visitor)
        row = agent.page.locator('[data-part="conversation"]').filter(has_text=f"{visitor.name}.1")
        row.click()
        self.conversation = row.get_attribute("data-id") or ""
        expect(agent.root.locator('[data-part="message"]').first).to_be_visible(timeout=PATIENCE)
        for writer in self.writers:
            self._look(writer)

    def _step(self) -> None:
        with suppress(Empty):
            self._suffer(self.faults.get_nowait())
        for moment, undo in [due for due in self.later if due[0] <= time.monotonic()]:
            self.later.remove((moment, undo))
            undo()
        for writer in self.writers:
            self._look(writer)
            if writer.written < writer.count and time.monotonic() >= writer.next_at:
                self._write(writer)
        with self.lock:
            found = self.writers[1].page.locator('[data-part="conversation-list"]').evaluate(LIST_SHOWS)
            self.list = [(conversation, token_in(preview)) for conversation, preview in found]
        self.writers[0].page.wait_for_timeout(LOOK_EVERY * 1000)

    def _write(self, writer: Writer) -> None:
        writer.written += 1
        token = self.ledger.write(writer.name, writer.written, writer.side)
        writer.input.fill(f"{token} {writer.random.choice(WORDS)}")
        writer.input.press("Enter")
        writer.next_at = time.monotonic() + writer.random.uniform(0, 4 * self.pace)

    def _look(self, writer: Writer) -> None:
        found = tuple((text, state, message_id) for text, state, message_id in writer.root.evaluate(writer.look))
        with self.lock:
            writer.shown = found
        for text, state, message_id in found:
            token = token_in(text)
            if state == "sent" and token.startswith(f"{writer.name}."):
                self.ledger.acknowledge(token, message_id)

    def _suffer(self, fault: Fault) -> None:
        for writer in self.writers:
            match fault.kind:
                case "clock":
                    jump = writer.random.choice((-1, 1)) * fault.seconds * DAY * fault.share
                    writer.page.evaluate("ms => chaosJump(ms)", jump)
                case "offline":
                    writer.page.context.set_offline(True)
                    self._undo(fault, lambda writer=writer: writer.page.context.set_offline(False))  # type: ignore[misc]
                case "sleep":
                    writer.page.evaluate("chaosShow('hidden')")
                    self._undo(fault, lambda writer=writer: writer.page.evaluate("chaosShow('visible')"))  # type: ignore[misc]

    def _undo(self, fault: Fault, undo: Callable[[], object]) -> None:
        self.later.append((time.monotonic() + fault.seconds, undo))
