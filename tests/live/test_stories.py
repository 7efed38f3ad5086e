"""The five stories, end to end: a real server, real Chromium, a context of its own for each person."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.live.proxy import ProxyWithoutWebSocket
from tests.live.screens import PATIENCE, AgentScreen, VisitorScreen
from tests.live.server import Company, Server


@pytest.fixture
def company(server: Server) -> Company:
    return server.company()


@pytest.fixture(params=["WebSocket", "polling"])
def url(request: pytest.FixtureRequest, server: Server) -> Iterator[str]:
    """The server as people reach it: directly, and through a proxy that blocks WebSocket."""
    if request.param == "WebSocket":
        yield server.url
        return
    with ProxyWithoutWebSocket("127.0.0.1", server.port) as proxy:
        yield proxy.url
        assert proxy.refused > 0


@pytest.fixture
def agent(browser: Browser, url: str, company: Company) -> Iterator[AgentScreen]:
    screen = AgentScreen(browser, url, company["email"], company["password"])
    yield screen
    screen.page.context.close()


@pytest.fixture
def visitor(browser: Browser, url: str, company: Company) -> Iterator[VisitorScreen]:
    screen = VisitorScreen.on_the_demo_site(browser, url, company["widgetKey"])
    yield screen
    screen.page.context.close()


def test_a_new_conversation_appears_without_reload(agent: AgentScreen, visitor: VisitorScreen) -> None:
    expect(agent.rows).to_have_count(0)
    visitor.open().write("Do you ship to Norway?")
    agent.lists("Do you ship to Norway?")
    assert agent.was_never_reloaded()


def test_a_second_message_appears_in_the_open_conversation(agent: AgentScreen, visitor: VisitorScreen) -> None:
    visitor.open().write("First line")
    agent.open("First line")
    visitor.write("Second line")
    agent.sees("Second line")
    assert agent.was_never_reloaded()


def test_two_dashboards_update_and_a_strangers_does_not(
    browser: Browser, url: str, server: Server, company: Company, agent: AgentScreen, visitor: VisitorScreen
) -> None:
    mate = server.create_agent(company["companyId"], "AGENT")
    other = server.company()
    second = AgentScreen(browser, url, mate["email"], mate["password"])
    stranger = AgentScreen(browser, url, other["email"], other["password"])
    visitor.open().write("Hello, all of you")
    agent.lists("Hello, all of you")
    second.lists("Hello, all of you")
    # What the stranger must not see would have come before what he does see.
    own_visitor = VisitorScreen.on_the_demo_site(browser, url, other["widgetKey"])
    own_visitor.open().write("Hello, Elsewhere")
    stranger.lists("Hello, Elsewhere")
    expect(stranger.rows).to_have_count(1)
    expect(agent.rows).to_have_count(1)
    for screen in (second, stranger, own_visitor):
        screen.page.context.close()


def test_the_answer_appears_in_the_widget(agent: AgentScreen, visitor: VisitorScreen) -> None:
    visitor.open().write("Is anybody there?")
    agent.open("Is anybody there?")
    agent.reply("Yes: how can I help?")
    visitor.sees("Yes: how can I help?")


def test_the_conversation_moves_to_the_top_with_preview_and_unread_count(
    browser: Browser, url: str, company: Company, agent: AgentScreen, visitor: VisitorScreen
) -> None:
    visitor.open().write("I was first")
    later = VisitorScreen.on_the_demo_site(browser, url, company["widgetKey"])
    later.open().write("I came later")
    expect(agent.rows.first).to_contain_text("I came later", timeout=PATIENCE)
    visitor.write("But I have news")
    top = agent.rows.first
    expect(top.locator('[data-part="preview"]')).to_contain_text("But I have news", timeout=PATIENCE)
    expect(top.locator('[data-part="unread"]')).to_have_text("2", timeout=PATIENCE)
    assert agent.was_never_reloaded()
    later.page.context.close()
