"""The settings' pages in a real browser."""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
import requests
from PIL import Image
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from tests.live.screens import PATIENCE, AgentScreen
from tests.live.server import Company, Server
from tests.live.shop import Shop


class Settings:
    """One agent's settings, signed in. Whatever the pages complain of fails the test."""

    def __init__(self, browser: Browser, server: Server, who: dict[str, Any]):
        self.url = server.url
        self.screen = AgentScreen(browser, server.url, who["email"], who["password"])
        self.page: Page = self.screen.page
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def go(self, path: str) -> "Settings":
        self.page.goto(f"{self.url}/settings/{path}")
        return self

    def part(self, name: str) -> Locator:
        return self.page.locator(f'[data-part="{name}"]')

    def told(self, words: str) -> None:
        expect(self.part("toasts")).to_contain_text(words, timeout=PATIENCE)


@pytest.fixture
def enter(browser: Browser, server: Server) -> Iterator[Callable[[dict[str, Any]], Settings]]:
    entered: list[Settings] = []

    def open_settings(who: dict[str, Any]) -> Settings:
        entered.append(Settings(browser, server, who))
        return entered[-1]

    yield open_settings
    for settings in entered:
        settings.page.context.close()
        assert settings.complaints == []


@pytest.fixture
def owner(enter: Callable[[dict[str, Any]], Settings], company: Company) -> Settings:
    return enter(company)


def save(settings: Settings, form: Locator) -> None:
    form.locator("[data-part=save]").click()


def test_a_new_name_is_kept_and_a_wrong_one_is_refused_at_its_field(owner: Settings) -> None:
    form = owner.go("profile").page.locator('form[data-endpoint="/api/me"]')
    form.get_by_label("Name").fill("")
    save(owner, form)
    expect(form.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_label("Name")).to_be_focused()
    form.get_by_label("Name").fill("Zoë مريم <b>")
    save(owner, form)
    owner.told("Saved.")
    owner.page.reload()
    expect(form.get_by_label("Name")).to_have_value("Zoë مريم <b>")


def test_a_picture_is_taken_and_a_file_that_is_none_is_refused(owner: Settings) -> None:
    owner.go("profile")
    chooser = owner.part("picture-file")
    chooser.set_input_files([{"name": "me.png", "mimeType": "image/png", "buffer": b"<html>"}])
    expect(owner.part("picture-problem")).not_to_be_empty()
    picture = BytesIO()
    Image.new("RGB", (300, 200), "teal").save(picture, "PNG")
    chooser.set_input_files([{"name": "me.png", "mimeType": "image/png", "buffer": picture.getvalue()}])
    expect(owner.part("picture-shown").locator("img")).to_be_visible()
    expect(owner.part("picture-problem")).to_be_empty()
    owner.part("remove-picture").click()
    expect(owner.part("picture-shown").locator("img")).to_have_count(0)


def test_a_changed_password_is_the_one_that_counts(owner: Settings, server: Server, company: Company) -> None:
    form = owner.go("profile").page.locator('form[data-endpoint="/api/me/password"]')
    form.get_by_label("Current password").fill("not this one")
    form.get_by_label("New password").fill("a longer battery staple")
    save(owner, form)
    expect(form.get_by_label("Current password")).to_have_attribute("aria-invalid", "true")
    form.get_by_label("Current password").fill(company["password"])
    save(owner, form)
    owner.told("Your password is changed.")


def test_two_who_change_the_same_settings_lose_nothing(
    owner: Settings, enter: Callable[[dict[str, Any]], Settings], company: Company
) -> None:
    other = enter(company)
    path = f"channels/{company['channelId']}"
    headers = {"Authorization": f"Bearer {company['apiToken']}"}
    mine, theirs = owner.go(path).part("channel-form"), other.go(path).part("channel-form")
    theirs.get_by_label("Title").fill("Theirs")
    save(other, theirs)
    other.told("Saved.")
    stored = requests.get(f"{owner.url}/api/{path}", headers=headers, timeout=10).json()["channel"]
    assert (stored["settings"]["texts"]["title"], stored["version"]) == ("Theirs", 2)
    mine.get_by_label("Title").fill("Mine")
    save(owner, mine)
    expect(owner.part("conflict")).to_be_visible()
    expect(mine.get_by_label("Title")).to_have_value("Mine")
    owner.part("take-theirs").click()
    expect(mine.get_by_label("Title")).to_have_value("Theirs")
    mine.get_by_label("Title").fill("Mine after all")
    save(owner, mine)
    owner.told("Saved.")


def preview_of(settings: Settings) -> FrameLocator:
    return settings.page.frame_locator("[data-part=preview]")


def test_the_preview_is_the_widget_with_what_is_not_saved_yet(owner: Settings, company: Company) -> None:
    form = owner.go(f"channels/{company['channelId']}").part("channel-form")
    widget = preview_of(owner).locator("deskbell-widget")
    expect(widget.get_by_text("Hello! How can we help?")).to_be_visible(timeout=PATIENCE)
    form.get_by_label("Greeting").fill("Grüß Gott 👋")
    expect(widget.get_by_text("Grüß Gott 👋")).to_be_visible()
    form.get_by_label("Title").fill("<i>Ask</i>")
    expect(widget.get_by_text("<i>Ask</i>")).to_be_visible()
    owner.part("add-question").click()
    owner.part("question").last.get_by_label("Question", exact=True).fill("Order number")
    expect(widget.get_by_label("Order number")).to_be_visible()


def test_a_wrong_origin_is_named_at_its_field(owner: Settings, company: Company) -> None:
    form = owner.go(f"channels/{company['channelId']}").part("channel-form")
    form.get_by_label("Websites that may use it").fill("https://shop.example\nnot a website")
    save(owner, form)
    expect(form.get_by_label("Websites that may use it")).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_label("Websites that may use it")).to_have_value("https://shop.example\nnot a website")


def test_the_check_sees_the_website_that_loads_the_widget(owner: Settings, company: Company, shop: Shop) -> None:
    owner.go(f"channels/{company['channelId']}")
    owner.page.get_by_label("Does it work?").fill(shop.url)
    owner.page.get_by_role("button", name="Check my website").click()
    expect(owner.part("check-result")).to_have_text(f"It works: the chat was loaded on {shop.url}.", timeout=PATIENCE)


def test_the_snippet_is_copied_whole(owner: Settings, company: Company) -> None:
    owner.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    owner.go(f"channels/{company['channelId']}").page.get_by_role("button", name="Copy").first.click()
    expect(owner.page.get_by_role("button", name="Copied").first).to_be_visible()
    copied = owner.page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(rf'<script async src="\S+/widget.js" data-key="{company["widgetKey"]}"></script>', copied)


def test_an_invited_colleague_comes_in_and_is_out_at_once_when_removed(owner: Settings, browser: Browser) -> None:
    owner.go("team").page.get_by_label("E-mail").fill("new.colleague@bells.example")
    owner.page.get_by_role("button", name="Invite").click()
    link = owner.part("secret").input_value()
    owner.page.get_by_role("button", name="Done").click()
    colleague = browser.new_context().new_page()
    colleague.goto(link)
    colleague.get_by_label("Your name").fill("New Colleague")
    colleague.get_by_label("Password").first.fill("a longer battery staple")
    colleague.keyboard.press("Enter")
    expect(colleague.locator("[data-part=connection]")).to_have_attribute("data-state", "live", timeout=PATIENCE)
    row = owner.go("team").part("agent").filter(has_text="New Colleague")
    row.get_by_role("button", name="Remove").click()
    owner.page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)
    expect(colleague).to_have_url(re.compile("/login"), timeout=PATIENCE)
    again = browser.new_context().new_page()
    again.goto(link)
    expect(again.get_by_text("no longer valid")).to_be_visible()
    colleague.context.close()
    again.context.close()


def test_a_token_is_shown_once_works_and_is_revoked(owner: Settings, server: Server) -> None:
    owner.go("tokens").page.get_by_label("What is it for?").fill("Reports")
    owner.page.get_by_role("button", name="Make a token").click()
    headers = {"Authorization": f"Bearer {owner.part('secret').input_value()}"}
    assert requests.get(f"{server.url}/api/me", headers=headers, timeout=10).status_code == 200
    owner.page.get_by_role("button", name="Done").click()
    line = owner.page.locator(".line").filter(has_text="Reports")
    line.get_by_role("button", name="Revoke").click()
    owner.page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(line).to_have_count(0)
    assert requests.get(f"{server.url}/api/me", headers=headers, timeout=10).status_code == 401


def test_what_was_typed_survives_being_signed_out(owner: Settings, server: Server, company: Company) -> None:
    form = owner.go("company").page.locator("form[data-endpoint]")
    form.get_by_label("Name").fill("Bells, Sons & Daughters")
    headers = {"Authorization": f"Bearer {company['apiToken']}"}
    requests.delete(f"{server.url}/api/me/sessions", headers=headers, timeout=10).raise_for_status()
    save(owner, form)
    owner.page.fill('input[name="email"]', company["email"])
    owner.page.fill('input[name="password"]', company["password"])
    owner.page.press('input[name="password"]', "Enter")
    expect(form.get_by_label("Name")).to_have_value("Bells, Sons & Daughters")
    owner.told("What you typed is here again.")


def test_a_password_set_by_command_signs_out_a_running_server(
    owner: Settings, server: Server, company: Company
) -> None:
    server.command("reset-password", "--email", company["email"], "--password", "a longer battery staple")
    expect(owner.page).to_have_url(re.compile("/login"), timeout=PATIENCE)


def test_agents_read_that_settings_are_for_admins(
    enter: Callable[[dict[str, Any]], Settings], server: Server, company: Company
) -> None:
    mate = enter(server.create_agent(company["companyId"], "AGENT"))
    assert mate.go("team").page.get_by_role("heading", level=1).inner_text()
    expect(mate.page.get_by_role("link", name="Team")).to_have_count(0)
