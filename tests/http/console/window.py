"""A window of the browser that looks at the console, and what went wrong in it."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from tests.waiting import PATIENCE_SECONDS

PATIENCE_MS = 1000 * PATIENCE_SECONDS
NOWHERE = f"/documents/{'0' * 24}"
"""A page that answers 404, which browsers count as an error."""


_MESSAGES_STAY = """
    const later = window.setTimeout;
    window.setTimeout = (what, after, ...more) => after >= 8000 ? 0 : later(what, after, ...more);
"""
"""A message with its button disappears after some seconds, and a test may come later."""


class Window:
    """A browser profile with one page."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        self.url = url
        self.complaints: list[str] = []
        given = {"locale": "en-US", "viewport": {"width": 1280, "height": 800}, **options}
        self._context = browser.new_context(**given)
        self._context.set_default_timeout(PATIENCE_MS)
        self._context.add_init_script(_MESSAGES_STAY)
        self.page = self.another_page()

    def another_page(self) -> Page:
        """One more page of the same profile."""
        page = self._context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("request", self._asked)
        return page

    def sign_in(self, token: str) -> None:
        """Sign in by the form, from the server's first address."""
        self.page.goto(self.url)
        self.page.locator("[name=token]").fill(token)
        self.page.locator("form button.main").click()
        self.page.locator("nav [aria-current=page]").wait_for(state="attached")

    def go(self, path: str) -> Page:
        """Open a page of the console, and wait until it hears of changes."""
        self.page.goto(f"{self.url}/console{path}")
        return live(self.page)

    def drop(self, *paths: Path) -> None:
        """Let go of files and folders from the desktop over the middle of the page, as a mouse does."""
        protocol = self._context.new_cdp_session(self.page)
        size = self.page.viewport_size or {"width": 0, "height": 0}
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        for type in ("dragEnter", "dragOver", "dragOver", "drop"):  # a mouse moves, whatever is below it
            event = {"type": type, "x": size["width"] // 2, "y": size["height"] // 2, "data": data}
            protocol.send("Input.dispatchDragEvent", event)
        protocol.detach()

    def close(self) -> None:
        """Close it."""
        self._context.close()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not str(message.location.get("url")).endswith(NOWHERE):
            self.complaints.append(f"{message.type}: {message.text} ({message.location.get('url')})")

    def _asked(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.url).netloc:
            self.complaints.append(f"a request to somewhere else: {request.url}")


def live(page: Page) -> Page:
    """The page, once it hears of changes."""
    page.locator("body[data-live]").wait_for()
    return page
