"""What the page of hits shows of each."""

import html
import re

from tests.client import Client
from tests.http.console.conftest import Enter
from tests.http.console.pages import ended
from tests.waiting import until

TABLE = b"item,price\nquetzal,12\nheron,7\n"
PAGES = {"quetzal": "Rows 1 to 3", "avocet": "Row 1", "plover": "Part rides.csv"}
MESSAGE = b"""From: ada@example.org
Subject: Rides
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x

See the table.
--x
Content-Type: text/csv
Content-Disposition: attachment; filename="rides.csv"

day,bird
Monday,plover
--x--
"""


def test_a_hit_and_a_heading_of_the_outline_open_at_their_passage(client: Client, enter: Enter) -> None:
    text = "# Rides\n\nThe first bird.\n\n## Prices\n\nA quetzal costs twelve.\n\nOthers cost seven.\n"
    body = {"title": "Birds", "markdown": text}
    id = client.http.post("/v1/knowledge/documents", json=body).json()["id"]
    until(lambda: ended(client, id))
    http = enter(client)
    hits, page = http.get("/search", params={"q": "quetzal"}).text, http.get(f"/documents/{id}").text
    marked = []
    for link, shown_on in (("<h2>.*?", hits), (r'level-2"><a ', page)):
        (path,) = re.findall(rf'{link}href="/console([^"#]*)#here"', shown_on)
        shown = http.get(html.unescape(path)).text
        marked += re.findall(r'id="here" class="anchor"></div>\s*<\w+>([^<]*)<', shown)
    assert marked == ["A quetzal costs twelve.", "Prices"]


def test_a_hit_in_a_table_tells_its_rows_and_what_hardly_fits_is_apart(client: Client, enter: Enter) -> None:
    files = {"prices.csv": TABLE, "one.csv": b"avocet,9\n", "rides.eml": MESSAGE}
    for name, content in files.items():
        form = {"file": (name, content)}
        id = client.http.post("/v1/knowledge/documents/upload", files=form).json()["id"]
        until(lambda id=id: ended(client, id))  # type: ignore[misc]
    http = enter(client)
    shown = {word: http.get("/search", params={"q": word, "way": "full"}).text for word in PAGES}
    places = {word: re.findall(r'<p class="small quiet">([^<]+)</p>\s*<p>', shown[word]) for word in PAGES}
    assert places == {word: [place] for word, place in PAGES.items()}
    spanish = http.get("/search", params={"q": "quetzal"}, headers={"Accept-Language": "es"})
    assert "Filas 1 a 3" in spanish.text
    sought, nonsense = (http.get("/search", params={"q": word}).text for word in ("quetzal", "xqzzy flurb"))
    nearest = '<details class="stack"'
    assert sought.index("prices.csv") < sought.index(nearest)
    assert nonsense.index(f"{nearest} open") < nonsense.index('class="card hit"')
