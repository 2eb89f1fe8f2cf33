"""Debian's Chromium, started once, and windows of it."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.client import TLS, Client
from tests.http.console.window import PATIENCE_MS, Window
from tests.server import Server
from tests.waiting import PATIENCE_SECONDS

CHROMIUM = Path("/usr/bin/chromium")

Enter = Callable[[Client], httpx.Client]


class Chromium:
    """The browser, which is started again when it has crashed."""

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright
        self._browser: Browser | None = None

    @property
    def browser(self) -> Browser:
        """The one that runs."""
        if self._browser is None or not self._browser.is_connected():
            self._browser = self._playwright.chromium.launch(
                executable_path=CHROMIUM, args=["--no-sandbox"], timeout=PATIENCE_MS
            )
        return self._browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """The browser. It is gone before other modules' tests, as it has an event loop running in this thread."""
    assert CHROMIUM.exists(), "the tests of the console need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        started = Chromium(playwright)
        yield started
        started.browser.close()


@pytest.fixture
def open_window(chromium: Chromium, server: Server) -> Iterator[Callable[..., Window]]:
    """`open_window(token, **options)`: a window of its own, signed in unless the token is empty.

    At the end of the test no window may have seen an error, a refusal by the content security policy, or a request to
    anything but the server.
    """
    windows: list[Window] = []

    def open_one(token: str = "", **options: object) -> Window:
        window = Window(chromium.browser, server.url, **options)
        windows.append(window)
        if token:
            window.sign_in(token)
        return window

    yield open_one
    for window in windows:
        window.close()
    complaints = [complaint for window in windows for complaint in window.complaints]
    assert not complaints


@pytest.fixture
def new_client(server: Server) -> Iterator[Callable[..., Client]]:
    """`new_client(scopes=..., company=...)`: as `server.client`, beside the browser's event loop."""
    with ThreadPoolExecutor(1) as thread:
        yield lambda **wanted: thread.submit(server.client, **wanted).result()
    server.close_clients()


@pytest.fixture
def client(new_client: Callable[..., Client]) -> Client:
    """A client of a new company with every scope and no rate limit."""
    return new_client()


@pytest.fixture
def enter(server: Server) -> Iterator[Enter]:
    """`enter(client)`: an HTTP client with a session that was begun with this client's token."""
    opened = []

    def begin(client: Client) -> httpx.Client:
        http = httpx.Client(
            base_url=f"{server.url}/console", trust_env=False, verify=TLS, timeout=PATIENCE_SECONDS
        )
        opened.append(http)
        assert http.post("/sign-in", data={"token": client.token}).status_code == 303
        page = http.get("/sign-out-is-no-page").text
        http.headers["x-csrf"] = re.findall(r'data-csrf="(\w+)"', page)[0]
        return http

    yield begin
    for http in opened:
        http.close()
