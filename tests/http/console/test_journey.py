"""A person's way through the console, in a real browser."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.client import Client
from tests.http.console.window import PATIENCE_MS, Window, live

expect.set_options(timeout=PATIENCE_MS)

PDF = Path(__file__).parents[3] / "examples" / "rental-policy.pdf"

OpenWindow = Callable[..., Window]


MAIL = """From: Ana <ana@example.com>
To: House <house@example.com>
Subject: Welcome
Content-Type: text/plain; charset=utf-8

Breakfast is from eight.
"""


def folder_of_thirty(directory: Path) -> tuple[Path, Path]:
    """A folder and a file beside it: thirty files of several types, one of which cannot be read."""
    folder = directory / "handbook"
    (folder / "policies").mkdir(parents=True)
    for number in range(20):
        (folder / f"note-{number:02}.md").write_text(
            f"# Note {number}\n\nThe ferry number {number} crosses at dawn.\n"
        )
    for name, text in {
        "cancelling.html": "<h1>Cancelling</h1><p>A booking can be cancelled until the evening before.</p>",
        "cancelación.txt": "Una reserva se puede cancelar hasta la víspera.",
        "prices.csv": "season,price\nsummer,120\nwinter,80\n",
        "policies/keys.md": "# Lost keys\n\nWhoever loses a key pays forty euros.\n",
        "policies/dogs.md": "# Dogs\n\nDogs sleep in the annexe.\n",
        "policies/facts.json": '{"rooms": 12}',
        "script.py": "print('hello')\n",
    }.items():
        (folder / name).write_text(text)
    shutil.copy(PDF, folder)
    (folder / "policies" / "broken.pdf").write_bytes(b"%PDF-1.7\nthis is no pdf")
    mail = directory / "welcome.eml"
    mail.write_text(MAIL)
    return folder, mail


def test_drop_search_delete_undo_erase_and_keep_the_certificate(
    open_window: OpenWindow, client: Client, tmp_path: Path
) -> None:
    window, beside, third = open_window(client.token), open_window(client.token), open_window(client.token)
    page = window.go("/library")
    expect(page.get_by_role("heading", name="Nothing is here yet")).to_be_visible()

    drop(window, *folder_of_thirty(tmp_path))

    # In one window the search, in another the document itself; it is deleted in a third.
    results = beside.go("/search")
    results.get_by_label("Words or a question").fill("who pays for a lost key?")
    results.get_by_role("button", name="Search").click()
    hit = results.locator(".hit", has_text="keys.md")
    expect(hit.locator("mark").first).to_be_visible()
    live(results)
    others = results.locator(".hit").count() - 1
    document = third.go(read_hit(hit.get_by_role("link", name="keys.md").get_attribute("href")))
    expect(document.locator("article")).to_contain_text("forty euros")

    page.get_by_role("link", name="handbook").click()
    page.get_by_role("link", name="policies").click()
    expect(page.locator("tr", has_text="keys.md")).to_be_visible()
    live(page)
    delete(page, "keys.md", how="Move to the trash")
    expect(results.locator(".hit", has_text="keys.md")).to_have_count(0)
    expect(results.locator(".hit")).to_have_count(others)
    expect(document.get_by_role("heading", name="This is not here any more")).to_be_visible()
    expect(page.locator("tr", has_text="keys.md")).to_have_count(0)

    page.get_by_role("button", name="Undo").click()
    expect(page.locator("tr", has_text="keys.md")).to_be_visible()
    expect(document.locator("article")).to_contain_text("forty euros")

    delete(page, "keys.md", how="Erase for good")
    page.get_by_role("link", name="Show the receipt").click()
    certificate = page.locator(".certificate")
    expect(certificate).to_contain_text("1 document was erased for good.")
    expect(certificate).to_contain_text("Signature verified")
    assert len(re.findall(rb"/Type /Page\b", page.pdf(format="A4"))) == 1
    expect(window.go("/receipts").locator(".chain li")).to_contain_text(["Verified"])

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Token")).to_be_visible()
    page.goto(f"{window.url}/console/library")
    expect(page.get_by_label("Token")).to_be_visible()


def drop(window: Window, *dropped: Path) -> None:
    """Drop a folder and a file beside it, and watch them: one fails, with its reason and without a page that is
    reloaded."""
    window.drop(*dropped)
    page = window.page
    panel = page.locator("#uploads")
    expect(panel.get_by_role("status")).to_contain_text("29 of 30 ready · 1 failed")
    expect(panel.locator("li").first.locator(".what")).to_have_text("handbook/policies/broken.pdf")
    expect(panel.locator("li").first.locator(".why")).to_contain_text("'broken.pdf' is damaged")
    panel.get_by_role("button", name="Close").click()
    expect(page.locator("tr.folder", has_text="handbook")).to_contain_text("29 documents")
    expect(page.locator("tr", has_text="welcome.eml")).to_contain_text("Ready")


def read_hit(address: str | None) -> str:
    """The path of a hit's document inside the console."""
    found = re.search(r"/console(/documents/.*)", address or "")
    assert found
    return found[1]


def delete(page: Page, name: str, *, how: str) -> None:
    """Delete a document in its folder, after a look at what goes with it."""
    page.get_by_role("button", name=f"Delete {name}").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".taken")).to_contain_text(re.compile(r"1\s*document\s*1\s*indexed chunk"))
    dialog.get_by_label(how).check()
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog).to_be_hidden()
