"""axe-core finds no violation of WCAG 2.2 AA (nor of its best practices) on any page of the dashboard
or the demo shop, nor in the widget, light and dark, wide and on a phone."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.live.screens import PATIENCE, AgentScreen, VisitorScreen
from tests.live.server import Company, Server

AXE = (Path(__file__).parent.parent / "vendor" / "axe-core-4.14.1.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"wide": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
THEMES = ("light", "dark")
CONVERSATION = ["Hello! Do you ship to Norway?", "مرحبا، هل لديكم أجراس؟", "See https://example.com/bells", "👋🏽"]


@pytest.fixture(scope="module")
def company(server: Server) -> Company:
    """With one busy conversation and a resolved one."""
    company = server.company()
    for name in ("Ann Lee", "محمد"):
        conversation_id = _write(server, company, name)
        _call(
            server, company, "POST", "/api/messages/send", conversationId=conversation_id, text="We do!", clientId=name
        )
        note = {"conversationId": conversation_id, "text": "A regular", "private": True, "clientId": f"note {name}"}
        _call(server, company, "POST", "/api/messages/send", **note)
    _call(server, company, "PATCH", f"/api/conversations/{conversation_id}", status="RESOLVED")
    return company


@pytest.fixture(scope="module")
def agent(server: Server, browser: Browser, company: Company) -> Iterator[Page]:
    screen = AgentScreen(browser, server.url, company["email"], company["password"])
    yield screen.page
    screen.page.context.close()


@pytest.mark.parametrize("path", ["/login", "/forgot", "/nowhere"])
def test_pages_for_everybody(server: Server, browser: Browser, path: str) -> None:
    page = browser.new_context().new_page()
    page.goto(server.url + path)
    assert _violations_everywhere(page) == []
    page.context.close()


def test_the_inbox_without_and_with_an_open_conversation(server: Server, agent: Page) -> None:
    agent.goto(server.url)
    expect(agent.locator('[data-part="conversation"]').first).to_be_visible(timeout=PATIENCE)
    assert _violations_everywhere(agent) == []
    agent.locator('[data-part="conversation"]').first.click()
    expect(agent.locator('[data-part="message"]').first).to_be_visible(timeout=PATIENCE)
    assert _violations_everywhere(agent) == []


@pytest.mark.parametrize(
    "name", ["profile", "sessions", "company", "team", "channels", "tokens", "deliveries", "events"]
)
def test_the_settings(server: Server, agent: Page, name: str) -> None:
    agent.goto(f"{server.url}/settings/{name}")
    assert _violations_everywhere(agent) == []


def test_a_channels_settings(server: Server, agent: Page, company: Company) -> None:
    agent.goto(f"{server.url}/settings/channels/{company['channelId']}")
    widget = agent.frame_locator("[data-part=preview]").locator("deskbell-widget")
    expect(widget.get_by_text("Hello!")).to_be_visible(timeout=PATIENCE)
    assert _violations_everywhere(agent) == []


def test_a_platforms_channel(server: Server, agent: Page, company: Company) -> None:
    options = (
        "--company",
        company["companyId"],
        "--external-id",
        "112233",
        "--name",
        "Our page",
        "--access-token",
        "t",
    )
    made = json.loads(
        server.command("add-channel", "facebook", *options, "--access-token", "t", "--json").splitlines()[-1]
    )
    agent.goto(f"{server.url}/settings/channels/{made['channelId']}")
    expect(agent.locator('[data-part="health"]')).to_be_visible(timeout=PATIENCE)
    assert _violations_everywhere(agent) == []


@pytest.mark.parametrize("path", ["/demo", "/demo/shop/porch", "/demo/care"])
def test_the_demo_shop(server: Server, browser: Browser, company: Company, path: str) -> None:
    page = browser.new_context().new_page()
    page.goto(f"{server.url}{path}?key={company['widgetKey']}")
    expect(page.locator("deskbell-widget")).to_be_attached(timeout=PATIENCE)
    assert _violations_everywhere(page) == []
    page.context.close()


def test_the_widget_with_a_file_sent_and_others_being_written(
    server: Server, browser: Browser, company: Company
) -> None:
    visitor = VisitorScreen.on_the_demo_site(browser, server.url, company["widgetKey"]).open()
    note = {"name": "note.txt", "mimeType": "text/plain", "buffer": b"Forty words, engraved."}
    visitor.part("picker").set_input_files(note)  # type: ignore[arg-type]
    visitor.write("Please engrave this")
    expect(visitor.part("message").locator('[data-part="file"]')).to_be_visible()
    lie = {"name": "lie.png", "mimeType": "image/png", "buffer": bytes(64)}
    visitor.part("picker").set_input_files([note, lie])  # type: ignore[list-item]
    for state in ("done", "failed"):
        expect(visitor.widget.locator(f'[data-part="chip"][data-state="{state}"]')).to_be_visible(timeout=PATIENCE)
    assert _violations_everywhere(visitor.page) == []
    visitor.page.context.close()


def _violations_everywhere(page: Page) -> list[str]:
    """What axe says in either theme at either size: "dark phone color-contrast: .time"."""
    found: list[str] = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for name, size in SIZES.items():
            page.set_viewport_size(size)  # type: ignore[arg-type]
            found += [f"{theme} {name} {problem}" for problem in _violations(page)]
    return found


def _violations(page: Page) -> list[str]:
    page.evaluate("() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    page.evaluate(AXE)
    result: dict[str, Any] = page.evaluate("rules => axe.run({runOnly: {type: 'tag', values: rules}})", RULES)
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in result["violations"]
        for node in rule["nodes"]
    ]


def _write(server: Server, company: Company, name: str) -> str:
    started = requests.post(
        f"{server.url}/api/widget/init", json={"widgetKey": company["widgetKey"]}, timeout=10
    ).json()
    headers = {"Authorization": f"Bearer {started['visitorToken']}"}
    for text in CONVERSATION:
        body = {"text": text, "clientId": str(uuid4()), "name": name, "email": "someone@example.com"}
        answer = requests.post(f"{server.url}/api/widget/messages", json=body, headers=headers, timeout=10).json()
    return answer["message"]["conversationId"]


def _call(server: Server, company: Company, method: str, path: str, **body: Any) -> None:
    headers = {"Authorization": f"Bearer {company['apiToken']}"}
    requests.request(method, server.url + path, json=body, headers=headers, timeout=10).raise_for_status()
