"""Hits, nodes and pieces of tables tell the rows of the sheet that they were made from."""

import base64
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from tests.client import Client
from tests.http.artifacts.test_places import pieces, tree_of
from tests.http.knowledge.knowledge import Knowledge

FODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body><office:spreadsheet>
<table:table table:name="Prices">{rows}</table:table></office:spreadsheet></office:body></office:document>"""


def workbook() -> bytes:
    """A title in row 2, a table from row 4 on with an empty row in it, and a second sheet."""
    book = openpyxl.Workbook()
    prices = book.active
    prices.title = "Prices"
    rows: dict[int, list[Any]] = {
        2: ["Prices of birds"],
        4: ["bird", "price"],
        5: ["quetzal", 12],
        8: ["kakapo", 30],
        9: ["hoatzin", 7],
    }
    for row, cells in rows.items():
        for column, value in enumerate(cells, start=1):
            prices.cell(row, column, value)
    stock = book.create_sheet("Stock")
    stock.append(["bird", "number"])
    stock.append(["takahe", 3])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def open_document() -> bytes:
    """The same first table as a flat OpenDocument file, with repeated rows."""

    def row(*texts: str, times: int = 1) -> str:
        cells = "".join(f"<table:table-cell><text:p>{text}</text:p></table:table-cell>" for text in texts)
        repeated = f'table:number-rows-repeated="{times}"'
        return f"<table:table-row {repeated}>{cells or '<table:table-cell/>'}</table:table-row>"

    rows = (
        row(times=3)
        + row("bird", "price")
        + row("quetzal", "12", times=2)
        + row(times=2)
        + row("kakapo", "30")
    )
    return FODS.format(rows=rows).encode()


def ingest(client: Client, name: str, data: bytes) -> None:
    value = {"type": "file", "value": base64.b64encode(data).decode()}
    body = {"artifact": "a", "collection": "c", "metadata": {"file_name": name}, "input": value}
    answer = client.post("/ingest", body)
    assert answer.status_code == 200, answer.text


def rows_of(client: Client) -> dict[str, int | None]:
    """The row of each node that has a text, by its first word in the table."""
    found = [(node["content"], node.get("row")) for node in tree_of(client) if node["content"]]
    return {content.strip("| ").split(" ")[0]: row for content, row in found}


def test_each_row_of_a_workbook_tells_its_number(client: Client) -> None:
    ingest(client, "birds.xlsx", workbook())
    assert {word: row for word, row in rows_of(client).items() if word != "bird"} == {
        "Prices": 2, "quetzal": 5, "kakapo": 8, "hoatzin": 9, "Stock": None, "takahe": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "data", "rows"),
    [
        ("birds.fods", open_document(), {"bird": 4, "quetzal": 6, "kakapo": 9}),
        ("birds.csv", b'Birds\n\nbird,price\n"quetzal,\nblue",12\nkakapo,30\n',
         {"Birds": 1, "bird": 3, "quetzal,": 4, "kakapo": 5}),
    ],
)  # fmt: skip
def test_rows_count_as_the_program_shows_them(
    client: Client, name: str, data: bytes, rows: dict[str, int]
) -> None:
    ingest(client, name, data)
    told = rows_of(client)
    assert {word: told[word] for word in rows} == rows


def test_a_hit_tells_the_sheet_and_its_rows(client: Client) -> None:
    ingest(client, "birds.xlsx", workbook())
    kb = Knowledge(client)

    def hit(word: str) -> tuple[Any, ...]:
        answer = kb.call("POST", "/knowledge/search", {"query": word, "mode": "full"})
        (found,) = answer.json()["results"]
        return found["sheet"], found["first_row"], found["last_row"]

    assert hit("hoatzin") == ("Prices", 2, 9)
    assert hit("takahe") == ("Stock", 1, 2)


def test_pieces_tell_their_first_and_last_row_with_a_filter_too(client: Client) -> None:
    ingest(client, "birds.xlsx", workbook())

    def told(**more: Any) -> list[tuple[Any, ...]]:
        found = [(m["sheet"], m.get("first_row"), m.get("last_row")) for _, m in pieces(client, **more)]
        return [one for one in found if one[1]]

    assert told(max_tokens=1000)[0] == ("Prices", 2, 9)
    assert ("Prices", 8, 8) in told(max_tokens=10)
    only = {"include": ["TableRowNode"]}
    assert told(max_tokens=1000, filter=only)[0] == ("Prices", 4, 9)
    assert told(max_tokens=10, filter=only)[-1] == ("Stock", 2, 2)


def test_what_has_no_rows_tells_none(client: Client) -> None:
    client.ingest("a", "# One\n\n| a | b |\n| --- | --- |\n| c | d |\n")
    assert not any("row" in node for node in tree_of(client))
    assert "first_row" not in pieces(client)[0][1]
