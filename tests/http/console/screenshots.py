"""Pictures of every page, light and dark, on a desk and on a phone: `make screenshots`."""

import re
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.client import Client
from tests.http.console.conftest import CHROMIUM
from tests.http.console.pages import PAGES, ended, filled
from tests.http.console.window import NOWHERE, Window
from tests.server import Server
from tests.waiting import until

TARGET = Path("build/screenshots")
EXAMPLES = Path("examples")
SCREENS = {
    "desk": {"width": 1280, "height": 800},
    "phone": {"width": 390, "height": 844},
    "narrow": {"width": 360, "height": 740},
}
SCHEMES = {"desk": ("light", "dark"), "phone": ("light", "dark"), "narrow": ("light",)}
MAIL = """From: Ana <ana@example.com>
To: Reception <house@example.com>
Subject: The key of the boat shed
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain; charset=utf-8

We have lost the key of the boat shed. What does a new one cost?
--x
Content-Type: text/csv
Content-Disposition: attachment; filename="keys.csv"

key,lost on
boat shed,Monday
--x--
"""
FILES = {
    "prices.csv": b"season,room,key\nsummer,120,40\nwinter,80,40\n",
    "lost-key.eml": MAIL.encode(),
    "informe_trimestral_de_ocupacion_2026_version_definitiva.md": b"# Informe\n\nLa casa estuvo llena en julio.\n",
    "rental-policy.pdf": (EXAMPLES / "rental-policy.pdf").read_bytes(),
    "politica-de-cancelacion.md": (EXAMPLES / "politica-de-cancelacion.md").read_bytes(),
}
DIALOGS = {
    "delete": ("/library", "Delete Handbook"),
    "new-folder": ("/library", "New folder"),
    "rename": ("/library", "Rename Handbook"),
    "new-token": ("/tokens", "New token"),
    "erase": ("/trash", "Erase now"),
    "metadata": ("/documents/{document}", "Edit the metadata"),
    "move": ("/documents/{document}", "Move"),
}
"""The page and the button that open each."""
MORE = {
    "pdf": "/documents/{pdf}",
    "search-hits": "/search?q=lost+key",
    "search-filters": "/search?q=lost+key&key0=season&value0=summer&operator0=%3D%3D",
    "search-nothing": "/search?q=xqzzy&way=full",
    "empty-folder": "/library/{empty}",
}
"""Pages that are like one of PAGES, with something else to show."""


def main() -> None:
    """Start a server, fill it, and look at everything."""
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o711)  # PostgreSQL runs as another user
        server = Server(Path(directory) / "data").start()
        try:
            empty, full = (member(server, company) for company in ("New House", "Seaside House"))
            stored = {**filled(server, full), **furnished(full)}
            bound = server.client(company=full.company, only={stored["folder"]: True, stored["empty"]: False})
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
                for screen, size in SCREENS.items():
                    for scheme in SCHEMES[screen]:
                        window = Window(browser, server.url, viewport=size, color_scheme=scheme)
                        take_all(window, full, stored, f"{screen}-{scheme}")
                        window.close()
                    window = Window(browser, server.url, viewport=size, locale="es")
                    window.sign_in(empty.token)
                    for path in (path for path in PAGES if path.count("/") == 1 and "?" not in path):
                        window.go(path)
                        take(window.page, f"empty-{named(path)}-{screen}-spanish")
                    window.close()
                    window = Window(browser, server.url, viewport=size)
                    window.sign_in(bound.token)
                    take(window.go("/library"), f"bound-{screen}")
                    window.close()
        finally:
            server.stop()
    print(f"{len(list(TARGET.iterdir()))} pictures in {TARGET}")


def member(server: Server, company: str) -> Client:
    """Somebody of this company with every scope."""
    command = ("token", "create", "--company", company, "--name", "Ana", "--scopes", "all")
    (token,) = set(
        re.findall(r"kbai_pk_[0-9a-f]{64}", server.command(*command, "--rate", "unlimited").stdout)
    )
    return server.client_of(token, company)


def furnished(client: Client) -> dict[str, str]:
    """Store files of several types, and an empty folder; the ids of what pages are about."""
    ids = {}
    for name, content in FILES.items():
        sent = client.http.post("/v1/knowledge/documents/upload", files={"file": (name, content)})
        ids[name] = str(sent.json()["id"])
    for id in ids.values():
        until(lambda id=id: ended(client, id))  # type: ignore[misc]
    empty = client.http.post("/v1/knowledge/folders", json={"title": "Letters of 2026"}).json()["id"]
    return {"pdf": ids["rental-policy.pdf"], "empty": str(empty)}


def take_all(window: Window, client: Client, stored: dict[str, str], screen: str) -> None:
    """Take a picture of every page and dialog."""
    window.page.goto(f"{window.url}/console/sign-in")
    take(window.page, f"sign-in-{screen}")
    window.sign_in(client.token)
    for name, path in {**{named(path): path for path in PAGES}, **MORE}.items():
        take(window.go(path.format(**stored)), f"{name}-{screen}")
    for name, (path, button) in DIALOGS.items():
        page = window.go(path.format(**stored))
        page.get_by_role("button", name=button, exact=True).first.click()
        page.get_by_role("dialog").wait_for()
        take(page, f"dialog-{name}-{screen}", whole=False)
    page = window.go("/library")
    if (menu := page.get_by_role("button", name="Menu")).is_visible():
        menu.click()
        take(page, f"menu-{screen}", whole=False)
    page = window.go(f"/library/{stored['empty']}")
    page.locator("[data-upload]").first.set_input_files([EXAMPLES / name for name in FILES if "pol" in name])
    page.locator("#uploads [role=status]", has_text="2 of 2").wait_for()
    take(page, f"uploads-{screen}", whole=False)
    page.get_by_role("checkbox", name="Select all").check()
    take(page, f"selected-{screen}", whole=False)
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_label("Erase for good").check()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.locator(".toast").wait_for()
    take(page, f"toast-{screen}", whole=False)


def named(path: str) -> str:
    """A file's name for a page."""
    name = re.sub(r"[{}]", "", path.replace(NOWHERE, "gone").strip("/").replace("/", "-"))
    name = name.replace("-00000000-0000-4000-8000", "-waiting")
    return name.partition("?")[0] + ("-results" if "?" in path else "")


def take(page: Page, name: str, *, whole: bool = True) -> None:
    """Take a picture of the whole page, or of what is seen of it."""
    page.screenshot(path=TARGET / f"{name}.png", full_page=whole)


if __name__ == "__main__":
    main()
