"""Files in the visitor's widget: a real server, a strict foreign page, real Chromium."""

import base64
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Route, expect

from tests.live.screens import PATIENCE, VisitorScreen
from tests.live.server import Company, Server
from tests.live.shop import Shop

Json = dict[str, Any]

UPLOADS = "**/api/widget/attachments"
EVERY_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Retry-After",
    "Content-Type": "application/problem+json",
}
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
# Sends an event with a file in it to a part of the widget, as a hand or a clipboard would.
HAND_OVER = """(node, { events, name, type, base64 }) => {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name, { type }));
  const options = { bubbles: true, composed: true, cancelable: true };
  for (const event of events) {
    const made = event === "paste"
      ? new ClipboardEvent(event, { ...options, clipboardData: dataTransfer })
      : new DragEvent(event, { ...options, dataTransfer });
    node.dispatchEvent(made);
  }
}"""


def picture(size: tuple[int, int] = (400, 300)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, "PNG")
    return file.getvalue()


def png(name: str = "bell.png", content: bytes | None = None) -> Json:
    return {"name": name, "mimeType": "image/png", "buffer": picture() if content is None else content}


def pdf(name: str = "offer.pdf") -> Json:
    return {"name": name, "mimeType": "application/pdf", "buffer": PDF}


def handed(*events: str, name: str = "bell.png") -> Json:
    content = base64.b64encode(picture()).decode()
    return {"events": list(events), "name": name, "type": "image/png", "base64": content}


class Team:
    """What an agent of the company does, by its API token."""

    def __init__(self, server: Server, company: Company):
        self.url = server.url
        self.headers = {"Authorization": f"Bearer {company['apiToken']}"}

    def call(self, method: str, path: str, **more: Any) -> Json:
        answer = requests.request(method, self.url + path, headers=self.headers, timeout=20, **more)
        assert answer.ok, answer.text
        return answer.json()

    def conversation(self) -> Json:
        return self.call("GET", "/api/conversations")["conversations"][0]

    def messages(self) -> list[Json]:
        return self.call("GET", f"/api/conversations/{self.conversation()['id']}/messages")["messages"]

    def files(self) -> list[list[str]]:
        return [[file["name"] for file in message["attachments"]] for message in self.messages()]

    def send(self, text: str, *files: tuple[str, bytes]) -> Json:
        ids = [self.call("POST", "/api/attachments", files={"file": file})["attachment"]["id"] for file in files]
        body = {"conversationId": self.conversation()["id"], "text": text, "clientId": text, "attachmentIds": ids}
        return self.call("POST", "/api/messages/send", json=body)["message"]


@pytest.fixture
def team(server: Server, company: Company) -> Team:
    return Team(server, company)


@pytest.fixture
def visitor(context: BrowserContext, shop: Shop) -> VisitorScreen:
    return VisitorScreen(context.new_page(), shop.url).open()


def pick(visitor: VisitorScreen, *files: Json) -> None:
    with visitor.page.expect_file_chooser() as chooser:
        visitor.part("attach").click()
    chooser.value.set_files(list(files))


def chip(visitor: VisitorScreen, name: str) -> Locator:
    return visitor.part("chip").filter(has_text=name)


def is_uploaded(visitor: VisitorScreen, name: str) -> None:
    expect(chip(visitor, name)).to_have_attribute("data-state", "done", timeout=PATIENCE)


def sent(visitor: VisitorScreen) -> Locator:
    """The newest message, once it is stored."""
    message = visitor.part("message").last
    expect(message).to_have_attribute("data-state", "sent", timeout=PATIENCE)
    return message


# ---- ways in


def test_picked_files_go_with_a_text_and_show_in_the_thread(visitor: VisitorScreen, team: Team, server: Server) -> None:
    pick(visitor, png(), pdf())
    is_uploaded(visitor, "bell.png")
    is_uploaded(visitor, "offer.pdf")
    expect(chip(visitor, "bell.png").locator("canvas")).to_be_visible()
    visitor.part("input").fill("Like these")
    visitor.part("send").click()
    message = sent(visitor)
    expect(visitor.part("chip")).to_have_count(0)
    image = message.locator("img")
    expect(image).to_have_js_property("naturalWidth", 400, timeout=PATIENCE)
    box = image.bounding_box()
    assert box
    assert (box["width"], box["height"]) == (260, 195)
    card = message.locator('[data-part="file"]')
    expect(card).to_contain_text("offer.pdf")
    assert (card.get_attribute("href") or "").startswith(f"{server.url}/files/")
    assert card.get_attribute("rel") == "noopener noreferrer"
    assert team.files() == [["bell.png", "offer.pdf"]]


def test_a_file_alone_is_a_message(visitor: VisitorScreen, team: Team) -> None:
    expect(visitor.part("send")).to_be_disabled()
    pick(visitor, png())
    is_uploaded(visitor, "bell.png")
    visitor.part("input").press("Enter")
    expect(sent(visitor).locator("img")).to_be_visible()
    expect(sent(visitor).locator('[data-part="text"]')).to_be_hidden()
    assert [message["text"] for message in team.messages()] == [""]
    assert team.files() == [["bell.png"]]


def test_dropped_on_the_panel(visitor: VisitorScreen, team: Team) -> None:
    zone = visitor.part("drop")
    visitor.part("thread").evaluate(HAND_OVER, handed("dragenter", "dragover"))
    expect(zone).to_be_visible()
    visitor.part("thread").evaluate(HAND_OVER, handed("dragleave"))
    expect(zone).to_be_hidden()
    visitor.part("thread").evaluate(HAND_OVER, handed("dragenter", "drop", name="dropped.png"))
    expect(zone).to_be_hidden()
    is_uploaded(visitor, "dropped.png")
    visitor.part("send").click()
    sent(visitor)
    assert team.files() == [["dropped.png"]]


def test_pasted(visitor: VisitorScreen, team: Team) -> None:
    visitor.part("input").evaluate(HAND_OVER, handed("paste", name="screenshot.png"))
    is_uploaded(visitor, "screenshot.png")
    visitor.part("send").click()
    sent(visitor)
    assert team.files() == [["screenshot.png"]]


# ---- what goes wrong


def test_a_file_that_lies_is_refused_with_words_and_can_be_removed(visitor: VisitorScreen, team: Team) -> None:
    pick(visitor, png("photo.png", b"MZ\x90\0" + bytes(range(256))))
    refused = chip(visitor, "photo.png")
    expect(refused).to_have_attribute("data-state", "failed", timeout=PATIENCE)
    expect(refused).to_contain_text("photo.png is of a kind that cannot be sent.")
    expect(refused.locator('[data-part="chip-retry"]')).to_be_hidden()
    visitor.part("input").fill("Without it")
    expect(visitor.part("send")).to_be_disabled()
    visitor.part("input").press("Enter")
    expect(visitor.part("composer-note")).to_contain_text("Remove the file that was not uploaded")
    refused.locator('[data-part="chip-remove"]').click()
    expect(visitor.part("input")).to_be_focused()
    visitor.part("send").click()
    sent(visitor)
    assert team.files() == [[]]


def test_what_is_too_large_is_told_the_limit_and_not_uploaded(visitor: VisitorScreen, tmp_path: Path) -> None:
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    large = tmp_path / "large.pdf"
    with large.open("wb") as file:
        file.truncate(20 * 1024 * 1024 + 1)
    with visitor.page.expect_file_chooser() as chooser:
        visitor.part("attach").click()
    chooser.value.set_files(large)
    expect(chip(visitor, "large.pdf")).to_contain_text("The file is too large: 20 MB at the most.", timeout=PATIENCE)
    assert [url for url in asked if url.endswith("/attachments")] == []


def test_a_refused_upload_is_tried_again_by_its_button(visitor: VisitorScreen, team: Team) -> None:
    busy = {"detail": "Too much at once."}
    visitor.page.route(
        UPLOADS, lambda route: route.fulfill(status=429, headers={**EVERY_ORIGIN, "Retry-After": "600"}, json=busy)
    )
    pick(visitor, png())
    failed = chip(visitor, "bell.png")
    expect(failed).to_contain_text("Too much at once.", timeout=PATIENCE)
    visitor.page.unroute(UPLOADS)
    failed.locator('[data-part="chip-retry"]').click()
    is_uploaded(visitor, "bell.png")
    visitor.part("send").click()
    sent(visitor)
    assert team.files() == [["bell.png"]]


def test_an_upload_that_breaks_off_is_repeated_by_itself(visitor: VisitorScreen) -> None:
    attempts: list[Route] = []

    def break_once(route: Route) -> None:
        attempts.append(route)
        if len(attempts) == 1:
            route.abort("connectionreset")
        else:
            route.continue_()

    visitor.page.route(UPLOADS, break_once)
    pick(visitor, png())
    is_uploaded(visitor, "bell.png")
    assert len(attempts) == 2


def test_without_a_connection_it_waits_and_says_so(context: BrowserContext, visitor: VisitorScreen, team: Team) -> None:
    visitor.write("Hello")
    context.set_offline(True)
    pick(visitor, png())
    waiting = chip(visitor, "bell.png")
    expect(waiting).to_have_attribute("data-state", "waiting", timeout=PATIENCE)
    expect(waiting).to_contain_text("No connection: it waits for one.")
    context.set_offline(False)
    is_uploaded(visitor, "bell.png")
    visitor.part("send").click()
    sent(visitor)
    assert team.files() == [[], ["bell.png"]]


def test_an_upload_is_cancelled_while_it_runs(visitor: VisitorScreen, team: Team) -> None:
    held: list[Route] = []
    visitor.page.route(UPLOADS, lambda route: held.append(route))
    with visitor.page.expect_event("request", lambda request: request.url.endswith("/attachments")):
        pick(visitor, png())
    running = chip(visitor, "bell.png")
    expect(running).to_have_attribute("data-state", "uploading", timeout=PATIENCE)
    with visitor.page.expect_event("requestfailed", lambda request: request.url.endswith("/attachments")):
        running.locator('[data-part="chip-remove"]').click()
    expect(visitor.part("chip")).to_have_count(0)
    visitor.write("Never mind")
    assert team.files() == [[]]


def test_a_message_waits_for_its_files_unless_they_are_removed_or_it_is_changed(
    visitor: VisitorScreen, team: Team
) -> None:
    held: list[Route] = []
    visitor.page.route(UPLOADS, lambda route: held.append(route))
    note = visitor.part("composer-note")
    pick(visitor, png("first.png"))
    visitor.part("input").fill("Not like this")
    visitor.part("send").click()
    expect(note).to_have_text("It is sent as soon as the files are uploaded. Keep this page open.")
    chip(visitor, "first.png").locator('[data-part="chip-remove"]').click()
    expect(note).to_have_text("")
    expect(visitor.part("input")).to_have_value("Not like this")
    with visitor.page.expect_request(UPLOADS):
        pick(visitor, png("second.png"))
    visitor.part("input").fill("Like this")
    visitor.part("input").press("Enter")
    expect(note).to_have_text("It is sent as soon as the files are uploaded. Keep this page open.")
    held[-1].continue_()
    expect(sent(visitor)).to_contain_text("Like this")
    expect(visitor.part("input")).to_have_value("")
    assert [message["text"] for message in team.messages()] == ["Like this"]
    assert team.files() == [["second.png"]]


def test_a_message_takes_ten_files(visitor: VisitorScreen) -> None:
    pick(visitor, *[pdf(f"{number}.pdf") for number in range(11)])
    expect(visitor.part("chip")).to_have_count(10)
    expect(visitor.part("composer-note")).to_have_text("A message takes at most 10 files.")


def test_files_that_the_server_has_forgotten_are_uploaded_again(visitor: VisitorScreen, team: Team) -> None:
    address = "**/api/widget/messages"
    errors = {"attachmentIds": ["Not an upload of yours, or sent already."]}
    refusal = {"detail": "Some fields are not valid.", "errors": errors}
    pick(visitor, png())
    is_uploaded(visitor, "bell.png")
    visitor.page.route(address, lambda route: route.fulfill(status=422, headers=EVERY_ORIGIN, json=refusal))
    visitor.part("send").click()
    failed = visitor.part("message").last
    expect(failed).to_contain_text("The files have to be uploaded again.", timeout=PATIENCE)
    visitor.page.unroute(address)
    with visitor.page.expect_request(UPLOADS):
        failed.locator('[data-part="retry"]').click()
    sent(visitor)
    assert team.files() == [["bell.png"]]


# ---- what the team sends


def test_the_agents_picture_opens_in_a_tab_of_its_own(
    context: BrowserContext, visitor: VisitorScreen, team: Team
) -> None:
    visitor.write("Show me")
    team.send("Here", ("wide.png", picture((1200, 300))), ("offer.pdf", PDF))
    visitor.sees("Here")
    image = visitor.part("picture").locator("img")
    expect(image).to_have_js_property("naturalWidth", 640, timeout=PATIENCE)
    box = image.bounding_box()
    assert box
    assert (box["width"], box["height"]) == (260, 65)
    with context.expect_page() as opened:
        visitor.part("picture").locator("a").click()
    tab = opened.value
    expect(tab.locator("img")).to_have_js_property("naturalWidth", 1200, timeout=PATIENCE)
    assert tab.evaluate("window.opener") is None
    card = visitor.part("file")
    assert card.get_attribute("target") == "_blank"
    got = requests.get(card.get_attribute("href") or "", timeout=20)
    assert got.content == PDF
    assert got.headers["Content-Disposition"] == "attachment; filename=offer.pdf"


def test_a_picture_that_cannot_be_shown_can_be_had(visitor: VisitorScreen, team: Team) -> None:
    visitor.write("Show me")
    visitor.page.route("**/files/**", lambda route: route.abort())
    team.send("Here", ("wide.png", picture()))
    card = visitor.part("picture").locator('[data-part="file"]')
    expect(card).to_contain_text("wide.png", timeout=PATIENCE)
    assert "/files/" in (card.get_attribute("href") or "")


def test_an_address_that_is_too_old_is_asked_for_anew(visitor: VisitorScreen, team: Team) -> None:
    visitor.write("Show me")
    team.send("Here", ("offer.pdf", PDF))
    expect(visitor.part("file")).to_be_visible(timeout=PATIENCE)
    visitor.page.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=3))
    with visitor.page.expect_request("**/api/widget/init"):
        visitor.part("file").click()
    expect(visitor.part("file")).to_have_count(1)
    assert len(visitor.page.context.pages) == 1


def test_a_removed_message_says_so_and_its_files_are_gone(visitor: VisitorScreen, team: Team) -> None:
    visitor.write("Show me")
    message = team.send("The wrong one", ("wrong.png", picture()))
    expect(visitor.part("picture")).to_be_visible(timeout=PATIENCE)
    team.call("DELETE", f"/api/messages/{message['id']}")
    visitor.sees("This message was removed.")
    expect(visitor.part("picture")).to_have_count(0)
    expect(visitor.message("The wrong one")).to_have_count(0)


def test_who_is_blocked_reads_why_and_is_not_repeated(visitor: VisitorScreen, team: Team) -> None:
    visitor.write("Hello")
    contact = team.conversation()["contactId"]
    team.call("PATCH", f"/api/contacts/{contact}", json={"blocked": True})
    sends: list[str] = []
    visitor.page.on("request", lambda request: sends.append(request.url) if request.url.endswith("/messages") else None)
    visitor.part("input").fill("Are you there?")
    visitor.part("input").press("Enter")
    refused = visitor.message("Are you there?")
    expect(refused).to_contain_text("Not sent. You cannot write to this team.", timeout=PATIENCE)
    visitor.page.wait_for_timeout(3000)  # longer than the first repetition would take
    assert len(sends) == 1
