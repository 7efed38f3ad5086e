"""The pictures of README.md, from a real server in a real browser: `make screenshots` writes docs/images/*.webp."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.live.screens import PATIENCE, AgentScreen, VisitorScreen
from tests.live.server import Server

IMAGES = Path(__file__).resolve().parent / "images"
PASSWORD = "a long password"
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
QUALITY = 82


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, server_with_inbox(Path(folder)) as server, chromium() as browser:
        agent = AgentScreen(browser, server.url, "mira@aldine-moss.example", PASSWORD)
        visitor = VisitorScreen(browser.new_context(viewport=WIDE).new_page(), f"{server.url}/demo")
        talk(agent, visitor)
        shoot_inbox(agent)
        shoot_widget(visitor)
        shoot_phones(agent, visitor)
        shoot_settings(agent, server)


@contextmanager
def server_with_inbox(folder: Path) -> Iterator[Server]:
    server = Server(folder, UPLOAD_DIR=str(folder / "uploads"))
    try:
        server.command("seed-demo", "--conversations", "60", "--password", PASSWORD)
        yield server
    finally:
        server.stop()


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


def talk(agent: AgentScreen, visitor: VisitorScreen) -> None:
    """A conversation that happens now, in both windows."""
    visitor.open()
    visitor.part("profile").get_by_label("Your name").fill("Ada Field")
    visitor.write("Hi! Is the porch bell loud enough for a large garden?")
    agent.open("large garden")
    agent.reply("Hello Ada! It carries about 80 metres. For more, take the yard bell: 150.")
    visitor.sees("It carries about 80 metres")
    visitor.write("80 is plenty. Does the rope come with it?")
    agent.sees("80 is plenty")
    agent.reply("It does, in linen or leather.")
    visitor.sees("linen or leather")


def shoot_inbox(agent: AgentScreen) -> None:
    agent.page.set_viewport_size(WIDE)
    agent.open("Solveig") if agent.row("Solveig").count() else agent.open("the party is on the 20th")
    settle(agent.page)
    save(agent.page, "inbox")
    agent.page.emulate_media(color_scheme="dark")
    save(agent.page, "inbox-dark")
    agent.page.emulate_media(color_scheme="light")


def shoot_widget(visitor: VisitorScreen) -> None:
    settle(visitor.page)
    save(visitor.page, "widget")


def shoot_phones(agent: AgentScreen, visitor: VisitorScreen) -> None:
    """Three phones beside each other: the list, a conversation, the widget."""
    agent.page.set_viewport_size(PHONE)
    settle(agent.page)
    conversation = picture(agent.page)
    agent.part("back").click()
    settle(agent.page)
    inbox = picture(agent.page)
    visitor.page.set_viewport_size(PHONE)
    settle(visitor.page)
    phones = [inbox, conversation, picture(visitor.page)]
    gap = 40
    sheet = Image.new("RGB", (sum(phone.width + gap for phone in phones) - gap, PHONE["height"]), "white")
    for number, phone in enumerate(phones):
        sheet.paste(phone, (number * (PHONE["width"] + gap), 0))
    write(sheet, "phones")


def shoot_settings(agent: AgentScreen, server: Server) -> None:
    agent.page.set_viewport_size(WIDE)
    agent.page.goto(f"{server.url}/settings/channels")
    agent.part("channel").first.click()
    widget = agent.page.frame_locator("[data-part=preview]").locator("deskbell-widget")
    expect(widget.locator('[data-part="panel"]')).to_be_visible(timeout=PATIENCE)
    settle(agent.page)
    save(agent.page, "settings")


def settle(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.evaluate("document.activeElement?.blur()")
    page.wait_for_timeout(500)  # motion


def save(page: Page, name: str) -> None:
    write(picture(page), name)


def picture(page: Page) -> Image.Image:
    return Image.open(BytesIO(page.screenshot(caret="hide"))).convert("RGB")


def write(image: Image.Image, name: str) -> None:
    file = IMAGES / f"{name}.webp"
    image.save(file, "WEBP", quality=QUALITY, method=6)
    print(f"{file.relative_to(IMAGES.parent.parent)}: {file.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
