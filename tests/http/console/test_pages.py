"""Every page, in a real browser: accessible, in both languages, light and dark, on a desk and on a phone."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, ViewportSize, expect

from tests.client import Client
from tests.http.console.pages import PAGES, filled
from tests.http.console.window import PATIENCE_MS, Window
from tests.server import Server

expect.set_options(timeout=PATIENCE_MS)

OpenWindow = Callable[..., Window]
HEADINGS = {
    "/library": "Biblioteca",
    "/search": "Buscar",
    "/trash": "Papelera",
    "/receipts": "Recibos",
    "/overview": "Resumen",
    "/deletions": "Eliminar con filtro",
    "/assistants": "Asistentes",
    "/about": "Acerca de este servidor",
    "/tasks": "Tareas",
}
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 800}
ON_A_PHONE = [
    *("color-contrast", "scrollable-region-focusable", "target-size", "link-in-text-block", "bypass"),
    *(
        "button-name",
        "link-name",
        "label",
        "select-name",
        "list",
        "listitem",
        "td-headers-attr",
        "aria-hidden-focus",
    ),
]
"""The rules whose findings depend on what is shown, and how large."""


def axe() -> str:
    """The source of axe-core."""
    spec = find_spec("axe_playwright_python")
    assert spec is not None
    assert spec.origin is not None
    return (Path(spec.origin).parent / "axe.min.js").read_text()


def findings(page: Page) -> list[str]:
    """What axe-core finds serious or critical on a page; in the dark of its colours; and there, on a phone, of what may
    be otherwise."""

    def run(**options: object) -> list[dict[str, Any]]:
        wanted = {"resultTypes": ["violations"], **options}
        return list(page.evaluate("(options) => axe.run(options)", wanted)["violations"])

    page.evaluate(axe())
    page.emulate_media(color_scheme="light")
    found = run()
    page.emulate_media(color_scheme="dark")
    found += run(runOnly=["color-contrast"])
    page.set_viewport_size(PHONE)
    found += run(runOnly=ON_A_PHONE)
    page.set_viewport_size(DESK)
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def test_no_page_has_a_serious_fault_for_those_who_cannot_see_it_well(
    open_window: OpenWindow, server: Server, client: Client
) -> None:
    stored = filled(server, client)
    window = open_window()
    window.page.goto(f"{window.url}/console/sign-in")
    found = {"/sign-in": findings(window.page)}
    window.sign_in(client.token)
    for path in PAGES:
        page = window.go(path.format(**stored))
        found[path] = findings(page)
        assert len(page.content().encode()) < 100_000, path
    page = window.go("/library")
    page.get_by_role("button", name="Delete Handbook").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    found["dialog"] = findings(page)
    assert not {path: faults for path, faults in found.items() if faults}


def test_the_browsers_language_is_spoken_until_another_is_chosen(
    open_window: OpenWindow, client: Client
) -> None:
    window = open_window(client.token, locale="es-AR", viewport=PHONE)
    for path, heading in HEADINGS.items():
        page = window.go(path)
        expect(page.locator("html")).to_have_attribute("lang", "es")
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], f"{path} is too wide"
    page.get_by_role("button", name="Menú").click()
    page.get_by_label("Idioma").select_option("en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tasks")
    page.get_by_role("button", name="Menu").click()
    page.get_by_label("Colours").select_option("dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_folder_is_made_renamed_filled_and_deleted_by_the_keyboard_alone(
    open_window: OpenWindow, client: Client
) -> None:
    page = open_window(client.token).go("/library")
    press = page.keyboard
    page.get_by_role("button", name="New folder").focus()
    press.press("Enter")
    expect(page.get_by_role("textbox", name="Name")).to_be_focused()
    press.type("Policies")
    press.press("Enter")
    expect(page.get_by_role("link", name="Policies")).to_be_visible()

    rename = page.get_by_role("button", name="Rename Policies")
    rename.focus()
    other = client.http.post("/v1/knowledge/folders", json={"title": "From elsewhere"}).json()["id"]
    expect(page.get_by_role("link", name="From elsewhere")).to_be_visible()
    client.http.delete(f"/v1/knowledge/nodes/{other}")
    expect(page.get_by_role("link", name="From elsewhere")).to_have_count(0)
    expect(rename).to_be_focused()  # a list that is shown anew takes nobody's place
    press.press("Enter")
    expect(page.get_by_role("textbox", name="Name")).to_be_focused()
    press.press("Control+a")
    press.type("Rules")
    press.press("Enter")
    expect(page.get_by_role("link", name="Rules")).to_be_visible()

    page.get_by_role("checkbox", name="Select Rules").focus()
    press.press("Space")
    page.get_by_role("button", name="Delete", exact=True).focus()
    press.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Rules")
    press.press("Enter")
    expect(page.get_by_role("heading", name="Nothing is here yet")).to_be_visible()


def test_a_deletion_by_filter_is_seen_before_and_watched_until_its_receipt(
    open_window: OpenWindow, client: Client
) -> None:
    body = {"title": "Keys", "markdown": "# Keys", "metadata": {"season": "summer"}}
    client.http.post("/v1/knowledge/documents", json=body)
    overview, page = open_window(client.token).go("/overview"), open_window(client.token).go("/deletions")
    expect(overview.locator(".tile b").first).to_have_text("1")
    page.get_by_label("Name 1").fill("season")
    page.get_by_label("Value 1").fill("summer")
    page.get_by_role("button", name="Show what would go").click()
    expect(page.locator("#preview")).to_contain_text("Keys")
    page.get_by_label("Erase for good").check()
    page.get_by_role("button", name="Delete 1 document").click()
    page.get_by_role("link", name="Show the receipt").click()
    expect(page.locator(".certificate")).to_contain_text("1 document was erased for good.")
    expect(overview.locator("rect.mark")).to_have_count(1)
    expect(overview.locator(".tile b").first).to_have_text("0")


def test_the_secret_of_a_token_leaves_the_page_with_its_dialog(
    open_window: OpenWindow, client: Client
) -> None:
    page = open_window(client.token).go("/tokens")
    page.get_by_role("button", name="New token").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name").fill("desk")
    dialog.get_by_role("button", name="Create token").click()
    secret = dialog.locator("pre").inner_text()
    dialog.get_by_role("button", name="Copy").click()
    expect(dialog).to_contain_text("Copied.")
    dialog.get_by_role("button", name="Done").click()
    expect(page.locator("#dialog")).to_be_empty()
    assert secret not in page.content()


def test_what_is_changed_of_a_document_in_one_window_shows_in_another(
    open_window: OpenWindow, client: Client
) -> None:
    body = {"title": "Keys", "markdown": "# Lost keys"}
    id = client.http.post("/v1/knowledge/documents", json=body).json()["id"]
    beside, page = (open_window(client.token).go(f"/documents/{id}") for _ in range(2))
    page.get_by_role("button", name="Edit the metadata").click()
    page.get_by_label("Name 1").fill("customer")
    page.get_by_label("Value 1").fill("Ana")
    page.get_by_role("button", name="Save").click()
    expect(beside.locator("dl", has_text="customer")).to_contain_text("Ana")
    page.get_by_role("button", name="Rename", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name").fill("Locks")
    dialog.get_by_role("button", name="Rename").click()
    expect(beside.get_by_role("heading", level=1, name="Locks")).to_be_visible()
