"""The inbox with tens of thousands of conversations: scrolls to the end, then lets messages come in.

python bench/long_list.py [50000]
"""

import sys
import tempfile
import time
from pathlib import Path
from uuid import uuid4

import requests
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.live.crowd import add_crowd
from tests.live.screens import AgentScreen
from tests.live.server import Company, Server

MESSAGES = 20
PATIENCE = 600  # seconds
SCROLL = """() => {
  const list = document.querySelector("[data-part=list-scroller]");
  window.scrolling = setInterval(() => (list.scrollTop = list.scrollHeight), 10);
}"""
WATCH = """() => {
  window.longTasks = [];
  const keep = (list) => window.longTasks.push(...list.getEntries().map((entry) => entry.duration));
  new PerformanceObserver(keep).observe({ type: "longtask" });
}"""


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        try:
            company = server.company()
            add_crowd(Path(folder) / "deskbell.db", company, count)
            chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            screen = AgentScreen(chromium, server.url, company["email"], company["password"])
            print(f"rows in the page at most: {scroll_through(screen, count)}")
            print(f"JavaScript heap: {screen.page.evaluate('performance.memory.usedJSHeapSize') / 1e6:.0f} MB")
            print(f"tasks over 50 ms while {MESSAGES} messages came: {receive(screen.page, server, company)}")
        finally:
            server.stop()


def scroll_through(screen: AgentScreen, count: int) -> int:
    most = 0
    screen.page.evaluate(SCROLL)
    deadline = time.monotonic() + PATIENCE
    while screen.rows.first.get_attribute("aria-setsize") != str(count):
        assert time.monotonic() < deadline, "the end was not reached"
        most = max(most, screen.rows.count())
    screen.page.evaluate("clearInterval(window.scrolling)")
    return most


def receive(page: Page, server: Server, company: Company) -> list[float]:
    page.evaluate(WATCH)
    key = {"widgetKey": company["widgetKey"]}
    token = requests.post(f"{server.url}/api/widget/init", json=key, timeout=10).json()["visitorToken"]
    for _ in range(MESSAGES):
        body = {"text": "Hello", "clientId": str(uuid4())}
        headers = {"Authorization": f"Bearer {token}"}
        requests.post(f"{server.url}/api/widget/messages", json=body, headers=headers, timeout=10).raise_for_status()
    page.wait_for_timeout(1000)
    tasks: list[float] = page.evaluate("window.longTasks")
    return tasks


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
