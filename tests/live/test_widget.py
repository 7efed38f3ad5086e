"""The widget on a shop of another origin, whose Content-Security-Policy allows Deskbell and nothing else."""

import requests
from playwright.sync_api import BrowserContext, expect

from tests.live.screens import PATIENCE, VisitorScreen
from tests.live.server import Company, Server
from tests.live.shop import Shop

EVERY_ORIGIN = {"Access-Control-Allow-Origin": "*", "Content-Type": "application/problem+json"}


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
