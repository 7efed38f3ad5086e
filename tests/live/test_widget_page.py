"""The widget and the page around it: navigation, phones, motion, themes, the settings' preview."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, Request, expect

from tests.live.screens import PATIENCE, VisitorScreen
from tests.live.server import Company, Server
from tests.live.shop import SETTINGS, Shop

PHONE = {"width": 390, "height": 844}
FOCUSED = """() => {
  const active = document.querySelector("deskbell-widget").shadowRoot.activeElement;
  return active && (active.dataset.part ?? active.localName);
}"""
PARTS = "[...document.querySelectorAll('body > :not(deskbell-widget)')].map(node => node.localName)"
REDRAW = "detail => document.dispatchEvent(new CustomEvent('deskbell:preview', { detail }))"


def asked_of(server: Server, page: Page) -> Callable[[], list[str]]:
    """Hears what the page asks the server for: the addresses, from now on."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.url.startswith(server.url):
            asked.append(request.url.removeprefix(server.url))

    page.on("request", note)
    return lambda: asked


def test_the_open_panel_and_a_draft_survive_navigation_without_taking_the_focus(
    context: BrowserContext, shop: Shop
) -> None:
    visitor = VisitorScreen(context.new_page(), shop.url).open()
    visitor.part("input").fill("Half a sentence")
    visitor.page.goto(f"{shop.url}/second")
    expect(visitor.part("input")).to_have_value("Half a sentence", timeout=PATIENCE)
    expect(visitor.part("panel")).to_be_visible()
    assert visitor.page.evaluate(FOCUSED) is None
    assert visitor.part("panel").evaluate("panel => panel.getAnimations().length") == 0
    visitor.part("close").click()
    visitor.page.goto(f"{shop.url}/third")
    expect(visitor.part("launcher")).to_have_attribute("aria-expanded", "false")
    expect(visitor.part("panel")).to_have_count(0)


def test_the_chat_survives_a_walk_through_the_demo_shop(
    context: BrowserContext, server: Server, company: Company
) -> None:
    page = context.new_page()
    visitor = VisitorScreen(page, f"{server.url}/demo?key={company['widgetKey']}").open()
    visitor.write("Is it loud?")
    visitor.part("input").fill("Half a sentence")
    for link in ("The Porch", "Delivery and returns", "Shop"):
        page.locator("body > :not(deskbell-widget)").get_by_role("link", name=link).first.click()
        expect(visitor.part("panel")).to_be_visible(timeout=PATIENCE)
        expect(visitor.part("input")).to_have_value("Half a sentence")
        visitor.sees("Is it loud?")
        assert page.evaluate(FOCUSED) is None
        assert page.evaluate(PARTS) == ["header", "main", "footer"]


def test_escape_closes_and_gives_the_focus_back(context: BrowserContext, shop: Shop) -> None:
    visitor = VisitorScreen(context.new_page(), shop.url).open()
    assert visitor.page.evaluate(FOCUSED) == "input"
    visitor.page.keyboard.press("Escape")
    expect(visitor.part("panel")).to_be_hidden(timeout=PATIENCE)
    assert visitor.page.evaluate(FOCUSED) == "launcher"


def test_on_a_phone_the_panel_is_modal(context: BrowserContext, shop: Shop) -> None:
    page = context.new_page()
    page.set_viewport_size(PHONE)
    visitor = VisitorScreen(page, shop.url).open()
    panel = visitor.part("panel")
    expect(panel).to_have_attribute("aria-modal", "true")
    expect(panel).to_have_css("width", "390px")
    assert page.evaluate("getComputedStyle(document.documentElement).overflowY") == "hidden"
    inside = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        inside.add(page.evaluate(FOCUSED))
    assert inside.isdisjoint({"launcher", None})
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden(timeout=PATIENCE)
    assert page.evaluate(FOCUSED) == "launcher"
    assert page.evaluate("document.documentElement.style.overflow") == ""


def test_on_a_wide_screen_it_is_not(context: BrowserContext, shop: Shop) -> None:
    visitor = VisitorScreen(context.new_page(), shop.url).open()
    assert visitor.part("panel").get_attribute("aria-modal") is None
    visitor.part("input").focus()
    left = {visitor.page.keyboard.press("Tab") or visitor.page.evaluate(FOCUSED) for _ in range(6)}
    assert "launcher" in left


def test_who_wants_less_motion_gets_none(context: BrowserContext, shop: Shop) -> None:
    page = context.new_page()
    page.emulate_media(reduced_motion="reduce")
    visitor = VisitorScreen(page, shop.url).open()
    expect(visitor.part("panel")).to_have_css("animation-name", "none")
    visitor.part("close").click()
    assert visitor.part("panel").is_hidden()


def test_a_page_that_reads_from_right_to_left(context: BrowserContext, shop: Shop) -> None:
    visitor = VisitorScreen(context.new_page(), f"{shop.url}/rtl").open()
    visitor.write("مرحبا")
    bubble = visitor.message("مرحبا").locator('[data-part="text"]').bounding_box()
    panel = visitor.part("panel").bounding_box()
    assert bubble
    assert panel
    assert bubble["x"] - panel["x"] < panel["width"] / 4  # one's own stand at the end of the line: on the left


def test_the_preview_shows_the_page_s_settings_and_asks_for_nothing(
    context: BrowserContext, shop: Shop, server: Server
) -> None:
    page = context.new_page()
    asked = asked_of(server, page)
    visitor = VisitorScreen(page, f"{shop.url}/preview")
    expect(visitor.part("greeting")).to_have_text("Hello!", timeout=PATIENCE)
    expect(visitor.part("faces")).to_have_attribute("aria-label", "Ada and Ben")
    visitor.write("Tried out")
    changed = {**SETTINGS, "position": "left", "texts": {**SETTINGS["texts"], "greeting": "Good day."}}  # type: ignore[dict-item]
    page.evaluate(REDRAW, changed)
    expect(visitor.part("greeting")).to_have_text("Good day.")
    expect(visitor.part("frame")).to_have_attribute("data-position", "left")
    assert [path for path in asked() if not path.startswith(("/widget.js", "/assets/"))] == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_a_theme_of_the_channel_s_wins_over_the_system_s(context: BrowserContext, shop: Shop) -> None:
    page = context.new_page()
    page.emulate_media(color_scheme="dark")
    visitor = VisitorScreen(page, f"{shop.url}/preview")
    expect(visitor.part("panel")).to_have_css("background-color", "rgb(255, 255, 255)", timeout=PATIENCE)
    page.evaluate(REDRAW, {**SETTINGS, "theme": "auto"})
    expect(visitor.part("panel")).to_have_css("background-color", "rgb(23, 25, 31)")


def test_a_site_proves_that_it_loads_the_widget(context: BrowserContext, shop: Shop, server: Server) -> None:
    page = context.new_page()
    asked = asked_of(server, page)
    visitor = VisitorScreen(page, f"{shop.url}/#deskbell-check")
    expect(visitor.part("notice")).to_have_text("The chat works on this page.", timeout=PATIENCE)
    checks = [path for path in asked() if path.startswith("/api/widget/config") and path.endswith("&check=1")]
    assert len(checks) == 1
    assert len(asked()) == 2  # and the loader
