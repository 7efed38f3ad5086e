"""The list's side of the inbox in a real browser: first paint, views, search, keyboard, many rows, being told."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.live.crowd import add_crowd
from tests.live.screens import PATIENCE, AgentScreen
from tests.live.server import Company, Server

RECORDING_NOTICES = """
window.notices = [];
window.Notification = class extends EventTarget {
  static permission = "granted";
  static requestPermission = async () => "granted";
  constructor(title, options) { super(); window.notices.push({title, ...options}); window.lastNotice = this; }
  close() {}
};
"""
BLOCKED_NOTICES = """
window.Notification = class {
  static permission = "default";
  static requestPermission = async () => (window.Notification.permission = "denied");
};
"""
UNSEEN = "Object.defineProperty(document, 'hasFocus', {value: () => false})"


class People:
    """Visitors and the team, by the API."""

    def __init__(self, server: Server, company: Company):
        self.server = server
        self.company = company

    def write(self, text: str, name: str = "Ann Lee", token: str | None = None) -> dict[str, Any]:
        """A visitor's message: {conversation, token}."""
        key = {"widgetKey": self.company["widgetKey"]}
        token = (
            token or requests.post(f"{self.server.url}/api/widget/init", json=key, timeout=10).json()["visitorToken"]
        )
        body = {"text": text, "name": name, "clientId": str(uuid4())}
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.post(f"{self.server.url}/api/widget/messages", json=body, headers=headers, timeout=10).json()
        return {"id": answer["conversation"]["id"], "token": token}

    def change(self, conversation_id: str, **fields: Any) -> None:
        headers = {"Authorization": f"Bearer {self.company['apiToken']}"}
        url = f"{self.server.url}/api/conversations/{conversation_id}"
        requests.patch(url, json=fields, headers=headers, timeout=10).raise_for_status()


@pytest.fixture
def people(server: Server, company: Company) -> People:
    return People(server, company)


@pytest.fixture
def agent(browser: Browser, server: Server, company: Company) -> Iterator[AgentScreen]:
    screen = AgentScreen(browser, server.url, company["email"], company["password"])
    yield screen
    screen.page.context.close()


def again(agent: AgentScreen, path: str = "/") -> AgentScreen:
    """The page anew, connected."""
    agent.page.goto(re.sub(r"(https?://[^/]+).*", r"\1", agent.page.url) + path)
    expect(agent.part("connection")).to_have_attribute("data-state", "live", timeout=PATIENCE)
    return agent


# The first paint


def test_the_list_is_there_before_any_script_and_stays_as_it_was(agent: AgentScreen, people: People) -> None:
    for name, text in (("Ann Lee", "First"), ("محمد", "مرحبا"), ("x" * 200, "  spaced \n out  ")):
        people.write(text, name)
    bare = agent.page.context.new_page()
    bare.route("**/*.js", lambda route: route.abort())
    bare.goto(agent.page.url)
    rows = bare.locator('[data-part="conversation"]')
    expect(rows).to_have_count(3)
    served = rows.evaluate_all("rows => rows.map(row => [row.innerText, row.getBoundingClientRect().top])")
    again(agent)
    shown = agent.rows.evaluate_all("rows => rows.map(row => [row.innerText, row.getBoundingClientRect().top])")
    without_times = [[text.replace("\nnow", "").replace("now\n", ""), top] for text, top in shown]
    assert [[text.replace("\n\n", "\n"), top] for text, top in served] == without_times
    assert (
        agent.page.evaluate("performance.getEntriesByType('resource').filter(r => /api.conversations$/.test(r.name))")
        == []
    )


def test_nothing_jumps_when_live_data_arrives(agent: AgentScreen, people: People) -> None:
    for number in range(3):
        people.write(f"Message {number}")
    again(agent)
    shifts = """() => new Promise(done => {
        const sum = list => done(list.getEntries().reduce((sum, entry) => sum + entry.value, 0));
        new PerformanceObserver(sum).observe({type: "layout-shift", buffered: true});
        setTimeout(() => done(0), 500);
    })"""
    assert agent.page.evaluate(shifts) < 0.01


# Views, counts, status


def test_views_count_and_remember(agent: AgentScreen, people: People, company: Company) -> None:
    mine, other = people.write("For me")["id"], people.write("For anybody")["id"]
    people.change(mine, assigneeId=company["agentId"])
    for name, count in (("mine", "1"), ("unassigned", "1"), ("all", "2")):
        expect(agent.part(f"count-{name}")).to_have_text(count, timeout=PATIENCE)
    agent.page.locator("[data-view=mine]").click()
    expect(agent.rows).to_have_count(1)
    agent.lists("For me")
    again(agent)
    expect(agent.page.locator("[data-view=mine]")).to_have_attribute("aria-pressed", "true")
    expect(agent.rows).to_have_count(1)
    people.change(other, assigneeId=company["agentId"])
    agent.lists("For anybody")
    people.change(mine, status="RESOLVED")
    expect(agent.row("For me")).to_have_count(0)
    agent.page.locator(".tabs [data-status=resolved]").click()
    agent.lists("For me")
    expect(agent.part("count-mine")).to_have_text("1", timeout=PATIENCE)


def test_a_new_message_takes_its_conversation_to_the_top(agent: AgentScreen, people: People) -> None:
    first = people.write("Early bird")
    people.write("Later")
    expect(agent.rows.first).to_contain_text("Later", timeout=PATIENCE)
    people.write("Here again", token=first["token"])
    expect(agent.rows.first).to_contain_text("Here again", timeout=PATIENCE)
    expect(agent.rows.first.locator("[data-part=unread]")).to_have_text("2")


def test_a_failing_list_says_so_and_is_tried_again(agent: AgentScreen, people: People) -> None:
    people.write("Still there")
    agent.page.route("**/api/conversations?**", lambda route: route.abort())
    agent.page.locator("[data-view=unassigned]").click()
    expect(agent.part("list-note")).to_contain_text("could not be loaded", timeout=PATIENCE)
    agent.page.unroute("**/api/conversations?**")
    agent.part("list-note").get_by_role("button").click()
    agent.lists("Still there")


# Search


def test_a_hit_is_marked_and_opens_at_its_message(agent: AgentScreen, people: People) -> None:
    visitor = people.write("The brass bell <b>cracked</b>")
    for number in range(60):
        people.write(f"And then {number}", token=visitor["token"])
    again(agent).page.keyboard.press("/")
    agent.page.keyboard.type("cracked br")
    hit = agent.row("cracked")
    expect(hit.locator("mark")).to_have_text(["br", "cracked"])
    hit.click()
    found = agent.part("thread").locator('[data-part="message"]').filter(has_text="cracked")
    expect(found).to_be_in_viewport(timeout=PATIENCE)
    agent.part("search-clear").click()
    expect(agent.part("search")).to_be_focused()
    expect(agent.rows.locator("mark")).to_have_count(0)


def test_a_search_without_hits_says_so(agent: AgentScreen, people: People) -> None:
    people.write("Something")
    agent.part("search").fill("(*&\"' nothing")
    expect(agent.part("list-note")).to_have_text("Nothing found.", timeout=PATIENCE)


# The keyboard


def test_the_inbox_without_a_mouse(agent: AgentScreen, people: People) -> None:
    for text in ("Third", "Second", "First"):
        people.write(text)
    again(agent)
    page = agent.page
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    expect(agent.row("Second").locator("a")).to_be_focused()
    page.keyboard.press("Enter")
    expect(agent.part("input")).to_be_focused()
    page.keyboard.type("jk?/")
    expect(agent.part("input")).to_have_value("jk?/")
    page.keyboard.press("Escape")
    expect(agent.row("Second").locator("a")).to_be_focused()
    page.keyboard.press("n")
    expect(agent.part("composer")).to_have_attribute("data-private", "true")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(agent.part("composer")).to_have_attribute("data-private", "false")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(agent.part("assign-menu")).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Next conversation")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_focus_goes_to_a_neighbour_when_its_row_goes(agent: AgentScreen, people: People) -> None:
    for text in ("Third", "Second", "First"):
        people.write(text)
    again(agent)
    agent.page.keyboard.press("j")
    agent.page.keyboard.press("j")
    expect(agent.row("Second").locator("a")).to_be_focused()
    agent.page.keyboard.press("e")
    expect(agent.row("Second")).to_have_count(0)
    expect(agent.row("Third").locator("a")).to_be_focused()
    agent.page.keyboard.press("e")
    expect(agent.row("First").locator("a")).to_be_focused()


# Many


def test_thousands_are_scrolled_through_with_few_rows_in_the_page(
    server: Server, agent: AgentScreen, company: Company, people: People
) -> None:
    add_crowd(server.folder / "deskbell.db", company, 2000)
    again(agent)
    scroller = agent.part("list-scroller")
    for _ in range(200):
        scroller.evaluate("list => list.scrollTop = list.scrollHeight")
        agent.page.wait_for_timeout(50)
        assert agent.rows.count() <= 60
        if agent.row("Question 1999").count():
            break
    expect(agent.row("Question 1999")).to_be_in_viewport(timeout=PATIENCE)
    before = agent.row("Question 1990").bounding_box()
    people.write("Somebody new")
    expect(agent.part("count-all")).to_have_text("999+", timeout=PATIENCE)
    agent.page.wait_for_timeout(300)
    assert agent.row("Question 1990").bounding_box() == before  # what one reads stays where it is
    scroller.evaluate("list => list.scrollTop = 0")
    expect(agent.row("Somebody new")).to_be_in_viewport(timeout=PATIENCE)
    expect(agent.rows.first).to_have_attribute("aria-setsize", "2001")


# Being told


def turn_on_notices(page: Page) -> None:
    page.locator("[data-part=bell]").click()
    page.locator("[data-part=notice-switch]").check()
    page.keyboard.press("Escape")


def test_the_title_and_the_icon_count_what_waits(agent: AgentScreen, people: People) -> None:
    expect(agent.page).to_have_title("Deskbell")
    people.write("One")
    expect(agent.page).to_have_title("(1) Deskbell", timeout=PATIENCE)
    expect(agent.page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("^blob:"), timeout=PATIENCE)
    agent.open("One")
    expect(agent.page).to_have_title("Deskbell", timeout=PATIENCE)
    expect(agent.page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("icon.svg$"))


def test_a_notice_names_the_customer_and_opens_his_conversation(agent: AgentScreen, people: People) -> None:
    agent.page.add_init_script(RECORDING_NOTICES)
    agent.page.add_init_script(UNSEEN)
    again(agent)
    turn_on_notices(agent.page)
    conversation = people.write("Is anybody there?", "Zoë <b>")
    agent.lists("Is anybody there?")
    agent.page.wait_for_function("window.notices.length === 1")
    notice = agent.page.evaluate("window.notices[0]")
    assert (notice["title"], notice["body"], notice["tag"]) == ("Zoë <b>", "Is anybody there?", conversation["id"])
    agent.page.evaluate("window.lastNotice.dispatchEvent(new Event('click'))")
    expect(agent.page).to_have_url(re.compile(conversation["id"]))
    agent.reply("Yes!")
    assert agent.page.evaluate("window.notices.length") == 1  # what the team writes does not ring


def test_only_one_tab_tells_and_not_what_is_looked_at(agent: AgentScreen, people: People) -> None:
    conversation = people.write("Begin")
    agent.page.add_init_script(RECORDING_NOTICES)
    again(agent)
    turn_on_notices(agent.page)
    other = agent.page.context.new_page()
    other.add_init_script(RECORDING_NOTICES)
    other.add_init_script(UNSEEN)
    other.goto(agent.page.url)
    expect(other.locator("[data-part=connection]")).to_have_attribute("data-state", "live", timeout=PATIENCE)
    agent.page.bring_to_front()
    agent.open("Begin")
    people.write("While looked at", token=conversation["token"])
    agent.sees("While looked at")
    people.write("Elsewhere", "Ben")
    agent.lists("Elsewhere")
    expect(other.locator('[data-part="conversation"]').filter(has_text="Elsewhere")).to_be_visible(timeout=PATIENCE)
    agent.page.wait_for_function("window.notices.length > 0")
    told = [page.evaluate("window.notices.map(({title}) => title)") for page in (agent.page, other)]
    assert sorted(told) == [[], ["Ben"]]


def test_an_honest_line_where_the_browser_blocks_notices(agent: AgentScreen) -> None:
    agent.page.add_init_script(BLOCKED_NOTICES)
    again(agent)
    agent.part("bell").click()
    agent.part("notice-switch").click()
    expect(agent.part("bell-note")).to_contain_text("This browser blocks notices")
    expect(agent.part("notice-switch")).not_to_be_checked()
    expect(agent.part("bell")).to_have_attribute("data-problem", "true")
