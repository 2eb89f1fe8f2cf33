"""Pictures of every page, light and dark, on a desk and on a phone: `make screenshots`."""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.http.console.conftest import CHROMIUM
from tests.http.console.pages import PAGES, filled
from tests.http.console.window import NOWHERE, Window
from tests.server import Server

TARGET = Path("build/screenshots")
SCREENS = {"desk": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}


def main() -> None:
    """Start a server, fill it, and look at everything."""
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o711)  # PostgreSQL runs as another user
        server = Server(Path(directory) / "data").start()
        try:
            empty, full = server.client(), server.client()
            stored = filled(server, full)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
                for screen, size in SCREENS.items():
                    for scheme in ("light", "dark"):
                        options = {"viewport": size, "color_scheme": scheme}
                        window = Window(browser, server.url, **options)
                        window.page.goto(f"{server.url}/console/sign-in")
                        take(window, "sign-in", screen, scheme)
                        window.sign_in(full.token)
                        for path in PAGES:
                            window.go(path.format(**stored))
                            take(window, named(path), screen, scheme)
                        window.go("/library").get_by_role("button", name="Delete Handbook").click()
                        window.page.get_by_role("dialog").wait_for()
                        take(window, "delete", screen, scheme)
                        window.close()
                    window = Window(browser, server.url, viewport=size, locale="es")
                    window.sign_in(empty.token)
                    for path in (path for path in PAGES if path.count("/") == 1 and "?" not in path):
                        window.go(path)
                        take(window, f"empty-{named(path)}", screen, "spanish")
                    window.close()
        finally:
            server.stop()
    print(f"{len(list(TARGET.iterdir()))} pictures in {TARGET}")


def named(path: str) -> str:
    """A file's name for a page."""
    name = (
        path.replace(NOWHERE, "gone")
        .strip("/")
        .replace("/", "-")
        .replace("{", "")
        .replace("}", "")
        .replace("-00000000-0000-4000-8000", "-waiting")
    )
    return name.partition("?")[0] + ("-results" if "?" in path else "")


def take(window: Window, page: str, screen: str, scheme: str) -> None:
    """Take a picture of the whole page."""
    window.page.screenshot(path=TARGET / f"{page}-{screen}-{scheme}.png", full_page=page != "delete")


if __name__ == "__main__":
    main()
