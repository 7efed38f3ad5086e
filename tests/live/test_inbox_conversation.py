"""The conversation's side of the dashboard, as an agent uses it: a real server and real Chromium."""

import io
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from PIL import Image
from playwright.sync_api import Browser, Locator, expect

from tests.live.screens import PATIENCE, AgentScreen
from tests.live.server import Company, Server

Json = dict[str, Any]

TOP = "node => node.getBoundingClientRect().top"


class Team:
    """What an integration of the company does, by its API token."""

    def __init__(self, server: Server, company: Company):
        self.url = server.url
        self.headers = {"Authorization": f"Bearer {company['apiToken']}"}

    def call(self, method: str, path: str, **body: Any) -> Json:
        answer = requests.request(method, self.url + path, json=body or None, headers=self.headers, timeout=20)
        assert answer.ok, answer.text
        return answer.json()

    def send(self, conversation_id: str, text: str, **more: Any) -> Json:
        body = {"conversationId": conversation_id, "text": text, "clientId": str(uuid.uuid4()), **more}
        return self.call("POST", "/api/messages/send", **body)["message"]

    def messages(self, conversation_id: str) -> list[Json]:
        return self.call("GET", f"/api/conversations/{conversation_id}/messages?limit=100")["messages"]


class Customer:
    """A visitor, by the calls of the widget. `conversation_id` is there after the first words."""

    def __init__(self, server: Server, company: Company):
        self.url = server.url
        answer = requests.post(f"{self.url}/api/widget/init", json={"widgetKey": company["widgetKey"]}, timeout=20)
        self.headers = {"Authorization": f"Bearer {answer.json()['visitorToken']}"}
        self.conversation_id = ""

    def says(self, *texts: str, **more: Any) -> None:
        for text in texts:
            body = {"text": text, "clientId": str(uuid.uuid4()), **more}
            answer = requests.post(f"{self.url}/api/widget/messages", json=body, headers=self.headers, timeout=20)
            assert answer.ok, answer.text
            self.conversation_id = answer.json()["conversation"]["id"]

    def sees(self) -> list[Json]:
        answer = requests.get(f"{self.url}/api/widget/messages?limit=100", headers=self.headers, timeout=20)
        return answer.json()["messages"]


@pytest.fixture
def company(server: Server) -> Company:
    return server.company()


@pytest.fixture
def team(server: Server, company: Company) -> Team:
    return Team(server, company)


@pytest.fixture
def customer(server: Server, company: Company) -> Customer:
    return Customer(server, company)


@pytest.fixture
def agent(browser: Browser, server: Server, company: Company) -> Iterator[AgentScreen]:
    screen = AgentScreen(browser, server.url, company["email"], company["password"])
    yield screen
    screen.page.context.close()


def bubble(agent: AgentScreen, text: str) -> Locator:
    return agent.part("thread").locator('[data-part="message"]').filter(has_text=text)


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (400, 300), "teal").save(file, "PNG")
    return file.getvalue()


# ---- writing


def test_drafts_of_a_reply_and_a_note_survive_a_reload_and_another_conversation(
    server: Server, company: Company, agent: AgentScreen, customer: Customer
) -> None:
    customer.says("I am first")
    other = Customer(server, company)
    other.says("I am second")
    agent.open("I am first")
    agent.part("input").fill("Half a reply")
    agent.part("note-switch").click()
    agent.part("input").fill("Half a note")
    agent.open("I am second")
    expect(agent.part("input")).to_have_value("")
    agent.page.reload()
    agent.open("I am first")
    expect(agent.part("input")).to_have_value("Half a reply")
    agent.part("note-switch").click()
    expect(agent.part("input")).to_have_value("Half a note")
    expect(agent.part("composer")).to_have_attribute("data-private", "true")


def test_a_note_stays_in_the_team(agent: AgentScreen, customer: Customer, team: Team) -> None:
    customer.says("Hello")
    agent.open("Hello")
    agent.part("note-switch").click()
    agent.reply("Only for us")
    expect(bubble(agent, "Only for us")).to_have_attribute("data-private", "true")
    expect(bubble(agent, "Only for us")).to_have_attribute("data-state", "sent", timeout=PATIENCE)
    assert team.messages(customer.conversation_id)[-1]["private"] is True
    assert [message["text"] for message in customer.sees()] == ["Hello"]


def test_emoji_by_panel_and_by_name(agent: AgentScreen, customer: Customer) -> None:
    customer.says("Hello")
    agent.open("Hello")
    agent.part("emoji-button").click()
    agent.page.keyboard.type("rocket")
    agent.page.keyboard.press("Enter")
    expect(agent.part("input")).to_be_focused()
    agent.page.keyboard.type(" :tad")
    expect(agent.part("emoji-completion")).to_contain_text("🎉")
    agent.page.keyboard.press("Enter")
    expect(agent.part("input")).to_have_value("🚀 🎉")
    agent.page.keyboard.press("Enter")
    expect(bubble(agent, "🚀 🎉")).to_have_attribute("data-jumbo", "true", timeout=PATIENCE)
    expect(agent.part("input")).to_be_focused()


def test_what_was_not_sent_waits_through_a_reload(agent: AgentScreen, customer: Customer) -> None:
    customer.says("Hello")
    agent.open("Hello")
    agent.page.route("**/api/messages/send", lambda route: route.fulfill(status=409, json={"detail": "Not now."}))
    agent.part("input").fill("Do not lose me")
    agent.part("input").press("Enter")
    expect(bubble(agent, "Do not lose me")).to_contain_text("Not sent: Not now.", timeout=PATIENCE)
    agent.page.reload()
    expect(bubble(agent, "Do not lose me")).to_have_attribute("data-state", "failed", timeout=PATIENCE)
    agent.page.unroute("**/api/messages/send")
    bubble(agent, "Do not lose me").locator('[data-part="retry"]').click()
    expect(bubble(agent, "Do not lose me")).to_have_attribute("data-state", "sent", timeout=PATIENCE)
    assert [message["text"] for message in customer.sees()] == ["Hello", "Do not lose me"]


# ---- files


def test_files_by_picker_drop_and_paste_reach_the_visitor(agent: AgentScreen, customer: Customer) -> None:
    customer.says("Show me")
    agent.open("Show me")
    agent.part("files").set_input_files({"name": "bell.png", "mimeType": "image/png", "buffer": picture()})
    for event, node in (("drop", "drop-zone"), ("paste", "input")):
        agent.part(node).evaluate(
            """(node, event) => {
                const data = new DataTransfer();
                data.items.add(new File([`by ${event}`], `${event}.txt`, { type: "text/plain" }));
                const options = { bubbles: true, cancelable: true };
                node.dispatchEvent(event === "drop"
                    ? new DragEvent(event, { ...options, dataTransfer: data })
                    : new ClipboardEvent(event, { ...options, clipboardData: data }));
            }""",
            event,
        )
    expect(agent.part("chip")).to_have_count(3)
    agent.part("send").click()
    expect(agent.part("chip")).to_have_count(0)
    expect(agent.part("thread").locator('[data-part="picture"] img')).to_be_visible(timeout=PATIENCE)
    expect(agent.part("thread").locator('a[data-part="file"]')).to_have_count(2)
    (sent,) = [message for message in customer.sees() if message["role"] == "AGENT"]
    assert [file["name"] for file in sent["attachments"]] == ["bell.png", "drop.txt", "paste.txt"]
    assert requests.get(sent["attachments"][1]["url"], timeout=20).text == "by drop"


def test_files_of_a_draft_wait_in_their_conversation(
    server: Server, company: Company, agent: AgentScreen, customer: Customer
) -> None:
    customer.says("Show me")
    Customer(server, company).says("Somebody else")
    agent.open("Show me")
    agent.part("files").set_input_files({"name": "bell.txt", "mimeType": "text/plain", "buffer": b"ding"})
    expect(agent.part("chip")).to_have_attribute("data-state", "done", timeout=PATIENCE)
    agent.open("Somebody else")
    expect(agent.part("chip")).to_have_count(0)
    agent.open("Show me")
    expect(agent.part("chip")).to_contain_text("bell.txt")


def test_a_refused_file_says_why_and_can_be_taken_out(agent: AgentScreen, customer: Customer) -> None:
    customer.says("Show me")
    agent.open("Show me")
    agent.part("input").fill("Here it is")
    agent.part("files").set_input_files({"name": "bell.exe", "mimeType": "text/plain", "buffer": b"MZ\x90\x00" * 64})
    expect(agent.part("chip")).to_contain_text("cannot be sent", timeout=PATIENCE)
    expect(agent.part("send")).to_be_disabled()
    agent.page.get_by_label("Remove bell.exe").click()
    expect(agent.part("input")).to_be_focused()
    agent.part("send").click()
    expect(bubble(agent, "Here it is")).to_have_attribute("data-state", "sent", timeout=PATIENCE)


def test_pictures_open_large(agent: AgentScreen, customer: Customer) -> None:
    customer.says("Show me")
    agent.open("Show me")
    for name in ("first.png", "second.png"):
        agent.part("files").set_input_files({"name": name, "mimeType": "image/png", "buffer": picture()})
    agent.part("send").click()
    expect(agent.part("message").last).to_have_attribute("data-state", "sent", timeout=PATIENCE)
    expect(agent.part("picture")).to_have_count(2)
    agent.part("picture").first.click()
    expect(agent.part("lightbox")).to_contain_text("first.png")
    agent.page.keyboard.press("ArrowRight")
    expect(agent.part("lightbox")).to_contain_text("second.png")
    agent.page.keyboard.press("Escape")
    expect(agent.part("lightbox")).to_have_count(0)
    expect(agent.part("picture").first).to_be_focused()


# ---- reading


@pytest.fixture
def long(customer: Customer, team: Team) -> Customer:
    """A customer whose conversation has 130 lines, all read."""
    for number in range(1, 131):
        if number % 10:
            customer.says(f"Line {number}.")
        else:
            team.send(customer.conversation_id, f"Line {number}.")
    return customer


def test_older_pages_come_without_a_jump(agent: AgentScreen, long: Customer) -> None:
    agent.open("Line 130.")
    expect(bubble(agent, "Line 130.")).to_be_in_viewport(timeout=PATIENCE)
    expect(bubble(agent, "Line 81.")).to_have_count(1)
    line = bubble(agent, "Line 90.").element_handle()
    agent.part("scroller").evaluate("node => (node.scrollTop = 300)")
    before = line.evaluate(TOP)
    expect(bubble(agent, "Line 40.")).to_have_count(1, timeout=PATIENCE)
    assert abs(line.evaluate(TOP) - before) <= 1


def test_a_jump_to_an_old_message_leads_back_to_the_live_end(agent: AgentScreen, long: Customer, team: Team) -> None:
    first = team.messages(long.conversation_id)[0]
    old = team.call("GET", f"/api/conversations/{long.conversation_id}/messages?before=10")["messages"][4]
    quoting = team.send(long.conversation_id, "As you said", replyTo=old["id"])
    assert first["seq"] > old["seq"]
    agent.open(quoting["text"])
    bubble(agent, "As you said").locator('[data-part="quote"]').click()
    found = agent.part("thread").locator(f'[data-part="message"][data-seq="{old["seq"]}"]')
    expect(found).to_have_attribute("data-found", "true", timeout=PATIENCE)
    expect(found).to_be_in_viewport()
    long.says("News at the end")
    expect(agent.part("newest")).to_contain_text("1 new message", timeout=PATIENCE)
    expect(bubble(agent, "News at the end")).to_have_count(0)
    agent.part("newest").click()
    expect(bubble(agent, "News at the end")).to_be_in_viewport(timeout=PATIENCE)
    long.says("Live again")
    expect(bubble(agent, "Live again")).to_be_in_viewport(timeout=PATIENCE)


def test_scrolling_down_from_an_old_message_reaches_the_live_end(
    agent: AgentScreen, long: Customer, team: Team
) -> None:
    old = team.call("GET", f"/api/conversations/{long.conversation_id}/messages?before=10")["messages"][0]
    team.send(long.conversation_id, "As you said", replyTo=old["id"])
    agent.open("As you said")
    bubble(agent, "As you said").locator('[data-part="quote"]').click()
    expect(bubble(agent, "As you said")).to_have_count(0, timeout=PATIENCE)
    for line in ("Line 24.", "Line 74.", "Line 120.", "As you said"):
        expect(bubble(agent, line)).to_have_count(1, timeout=PATIENCE)
        bubble(agent, line).scroll_into_view_if_needed()
    long.says("Live again")
    expect(bubble(agent, "Live again")).to_be_in_viewport(timeout=PATIENCE)


def test_a_conversation_opens_at_its_first_unread_message(agent: AgentScreen, long: Customer) -> None:
    long.says(*(f"Unread {number}." for number in range(1, 41)))
    agent.open("Unread 40.")
    expect(agent.part("divider")).to_be_in_viewport(timeout=PATIENCE)
    expect(bubble(agent, "Unread 1.")).to_be_in_viewport()
    expect(agent.part("newest")).to_contain_text("40 new messages")
    agent.part("newest").click()
    expect(bubble(agent, "Unread 40.")).to_be_in_viewport()
    expect(agent.row("Unread 40.").locator('[data-part="unread"]')).to_be_hidden(timeout=PATIENCE)


# ---- acting on a message


def test_a_reply_quotes_a_message(agent: AgentScreen, customer: Customer) -> None:
    customer.says("Which size?", "And which colour?")
    agent.open("And which colour?")
    bubble(agent, "Which size?").hover()
    agent.page.get_by_label("Reply to this message").click()
    expect(agent.part("quoting")).to_contain_text("Which size?")
    agent.reply("Twelve inches")
    expect(bubble(agent, "Twelve inches").locator('[data-part="quote"]')).to_contain_text("Which size?")
    expect(bubble(agent, "Twelve inches")).to_have_attribute("data-state", "sent", timeout=PATIENCE)
    assert customer.sees()[-1]["replyTo"]["text"] == "Which size?"


def test_an_own_message_is_removed_for_everybody(agent: AgentScreen, customer: Customer) -> None:
    customer.says("Hello")
    agent.open("Hello")
    agent.reply("The wrong window")
    expect(bubble(agent, "The wrong window")).to_have_attribute("data-state", "sent", timeout=PATIENCE)
    bubble(agent, "The wrong window").hover()
    agent.page.get_by_label("Remove this message").click()
    agent.part("confirm").click()
    expect(bubble(agent, "This message was removed.")).to_be_visible(timeout=PATIENCE)
    assert customer.sees()[-1]["text"] == ""
    bubble(agent, "Hello").hover()
    expect(agent.page.get_by_label("Remove this message")).to_be_hidden()


def test_messages_are_walked_by_the_keyboard(agent: AgentScreen, customer: Customer) -> None:
    customer.says("First of them", "Last of them")
    agent.open("Last of them")
    bubble(agent, "Last of them").focus()
    agent.page.keyboard.press("ArrowUp")
    expect(bubble(agent, "First of them")).to_be_focused()
    agent.page.keyboard.press("Tab")
    expect(agent.page.get_by_label("Copy the text")).to_be_focused()
    agent.page.keyboard.press("Tab")
    agent.page.keyboard.press("Enter")
    expect(agent.part("input")).to_be_focused()
    expect(agent.part("quoting")).to_contain_text("First of them")


# ---- acting on the conversation


def test_resolve_snooze_and_assign_keep_the_focus(agent: AgentScreen, customer: Customer, company: Company) -> None:
    customer.says("Hello")
    agent.open("Hello")
    agent.part("resolve").click()
    expect(agent.part("resolve")).to_contain_text("Reopen", timeout=PATIENCE)
    expect(agent.part("resolve")).to_be_focused()
    snooze = agent.part("snooze-menu").locator("summary")
    snooze.press("Enter")
    agent.page.keyboard.press("ArrowDown")
    agent.page.keyboard.press("Enter")
    expect(agent.part("status")).to_contain_text("Snoozed", timeout=PATIENCE)
    expect(snooze).to_be_focused()
    assign = agent.part("assign-menu").locator("summary")
    assign.press("Enter")
    agent.page.keyboard.press("ArrowDown")
    agent.page.keyboard.press("Enter")
    expect(agent.part("assignee")).to_have_text("You", timeout=PATIENCE)
    expect(assign).to_be_focused()
