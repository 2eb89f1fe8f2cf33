"""A phone, and a desk whose letters are twice as large: no page is wider than the window, and all of it is in reach."""

from collections.abc import Callable

from playwright.sync_api import FilePayload, Page, expect

from tests.client import Client
from tests.http.console.pages import PAGES, filled
from tests.http.console.window import PATIENCE_MS, Window
from tests.server import Server

expect.set_options(timeout=PATIENCE_MS)

OpenWindow = Callable[..., Window]
WIDTHS = (360, 640)
"""A small phone; 1280 at 200 %."""
TOO_WIDE = """() => {
  const edge = document.scrollingElement.clientWidth;
  const page = document.scrollingElement.scrollWidth > edge ? ['the page'] : [];
  const seen = (it) => it.checkVisibility({visibilityProperty: true}) && getComputedStyle(it).clipPath === 'none';
  const scrolls = (it) => it && (getComputedStyle(it).overflowX === 'auto' || scrolls(it.parentElement));
  const beyond = [...document.querySelectorAll('a, button, input, select, summary, label')].filter((it) => {
    const box = it.getBoundingClientRect();
    const outside = box.width && (box.right > edge + 1 || box.left < 0);
    return outside && seen(it) && !it.matches('.skip') && !scrolls(it.parentElement);
  });
  return [...page, ...beyond.map((it) => it.outerHTML.slice(0, 120))];
}"""
"""Whether the page scrolls sideways, and the controls beyond its edges that no scrolling of theirs brings back."""


def too_wide(page: Page) -> dict[int, list[str]]:
    """What is too wide at each of the widths."""
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 740})
        found[width] = page.evaluate(TOO_WIDE)
    return found


def test_no_page_scrolls_sideways_whatever_the_names(
    open_window: OpenWindow, server: Server, client: Client
) -> None:
    stored = filled(server, client)
    for title in ("informe_trimestral_de_ocupación_2026_versión_definitiva.pdf", "o" * 150):
        body = {
            "title": title,
            "markdown": f"# {title}\n\n| a | {title} |\n| - | - |\n",
            "metadata": {title: title},
        }
        stored["document"] = client.http.post("/v1/knowledge/documents", json=body).json()["id"]
    window = open_window(client.token, locale="es")
    found = {path: too_wide(window.go(path.format(**stored))) for path in PAGES}
    assert not {path: what for path, what in found.items() if any(what.values())}


def test_the_menu_of_a_small_window_opens_by_the_keyboard_and_leads_on(
    open_window: OpenWindow, client: Client
) -> None:
    page = open_window(client.token, viewport={"width": 360, "height": 740}).go("/library")
    tasks = page.get_by_role("link", name="Tasks")
    expect(tasks).to_be_hidden()
    page.get_by_role("button", name="Menu").focus()
    page.keyboard.press("Enter")
    expect(tasks).to_be_visible()
    page.keyboard.press("Escape")
    expect(tasks).to_be_hidden()
    page.keyboard.press("Enter")
    tasks.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Tasks")).to_be_visible()


def test_what_lies_below_the_uploads_can_be_scrolled_to(open_window: OpenWindow, client: Client) -> None:
    for number in range(12):
        client.http.post("/v1/knowledge/folders", json={"title": f"Folder {number:02}"})
    page = open_window(client.token, viewport={"width": 360, "height": 640}).go("/library")
    note: FilePayload = {"name": "note.md", "mimeType": "text/markdown", "buffer": b"# Note\n"}
    page.locator("[data-upload]").first.set_input_files(note)
    panel = page.locator("#uploads")
    expect(panel.get_by_role("status")).to_contain_text("1 of 1 ready")
    last = page.get_by_role("button", name="Delete note.md")
    expect(last).to_be_visible()
    page.evaluate("scrollTo(0, document.scrollingElement.scrollHeight)")
    row, cover = last.bounding_box(), panel.bounding_box()
    assert row
    assert cover
    assert row["y"] + row["height"] <= cover["y"]
