"""The two screens as people use them: a visitor on the demo site, an agent in the dashboard."""

from playwright.sync_api import Browser, Locator, Page, expect

PATIENCE = 15_000  # milliseconds: this is about whether it comes, not how fast


class VisitorScreen:
    """A page with the widget on it, in a visitor's browser."""

    def __init__(self, page: Page, address: str):
        self.page = page
        self.page.set_default_timeout(PATIENCE)
        self.page.goto(address)
        self.widget = self.page.locator("deskbell-widget")

    @classmethod
    def on_the_demo_site(cls, browser: Browser, url: str, widget_key: str) -> "VisitorScreen":
        """In a browser of his own."""
        return cls(browser.new_context().new_page(), f"{url}/demo?key={widget_key}")

    def part(self, name: str) -> Locator:
        return self.widget.locator(f'[data-part="{name}"]')

    def open(self) -> "VisitorScreen":
        self.part("launcher").click()
        expect(self.part("input")).to_be_visible(timeout=PATIENCE)
        return self

    def write(self, text: str) -> None:
        self.part("input").fill(text)
        self.part("input").press("Enter")
        expect(self.message(text)).to_have_attribute("data-state", "sent", timeout=PATIENCE)

    def message(self, text: str) -> Locator:
        return self.part("message").filter(has_text=text)

    def sees(self, text: str) -> None:
        expect(self.message(text)).to_be_visible(timeout=PATIENCE)


class AgentScreen:
    """An agent's own browser, signed in."""

    def __init__(self, browser: Browser, url: str, email: str, password: str):
        self.page: Page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.goto(url)
        self.page.fill('input[name="email"]', email)
        self.page.fill('input[name="password"]', password)
        self.page.press('input[name="password"]', "Enter")
        expect(self.part("connection")).to_have_attribute("data-state", "live", timeout=PATIENCE)
        self.page.evaluate("window.neverReloaded = true")

    def part(self, name: str) -> Locator:
        return self.page.locator(f'[data-part="{name}"]')

    @property
    def rows(self) -> Locator:
        return self.part("conversation-list").locator('[data-part="conversation"]')

    def row(self, text: str) -> Locator:
        return self.rows.filter(has_text=text)

    def open(self, text: str) -> None:
        self.row(text).click()
        expect(self.part("thread").locator('[data-part="message"]').first).to_be_visible(timeout=PATIENCE)

    def reply(self, text: str) -> None:
        self.part("input").fill(text)
        self.part("input").press("Enter")
        self.sees(text)

    def sees(self, text: str) -> None:
        expect(self.part("thread").locator('[data-part="message"]').filter(has_text=text)).to_be_visible(
            timeout=PATIENCE
        )

    def lists(self, text: str) -> None:
        expect(self.row(text)).to_be_visible(timeout=PATIENCE)

    def was_never_reloaded(self) -> bool:
        return self.page.evaluate("window.neverReloaded === true")
