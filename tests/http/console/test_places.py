"""Where the pages of a file begin, in the text that a person reads."""

import re
from pathlib import Path

from tests.client import Client
from tests.http.console.conftest import Enter
from tests.http.console.pages import ended
from tests.waiting import until

PDF = Path(__file__).parents[3] / "examples" / "rental-policy.pdf"


def test_the_text_of_a_pdf_shows_where_its_pages_begin(client: Client, enter: Enter) -> None:
    form = {"file": (PDF.name, PDF.read_bytes())}
    id = client.http.post("/v1/knowledge/documents/upload", files=form).json()["id"]
    until(lambda: ended(client, id))
    page = enter(client).get(f"/documents/{id}").text
    assert re.findall(r'class="turn">([^<]*)<', page) == ["Page 1", "Page 2"]
    assert (
        page.index("Page 1</div>") < page.index("What this policy covers</h2>") < page.index("Page 2</div>")
    )
    spanish = enter(client).get(f"/documents/{id}", headers={"Accept-Language": "es"}).text
    assert re.findall(r'class="turn">([^<]*)<', spanish) == ["Página 1", "Página 2"]


def test_a_text_without_pages_shows_none(client: Client, enter: Enter) -> None:
    id = client.http.post("/v1/knowledge/documents", json={"title": "x", "markdown": "# x"}).json()["id"]
    until(lambda: ended(client, id))
    assert 'class="turn"' not in enter(client).get(f"/documents/{id}").text
