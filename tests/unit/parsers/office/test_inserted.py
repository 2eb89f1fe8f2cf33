"""Documents that Word shows as a part of another one (altChunk) are read at their place, within bounds."""

from pathlib import Path

import pytest

from tests.unit.parsers import hostile, samples
from tests.unit.parsers.made.word import cell, document, paragraph, styled, table
from tests.unit.parsers.office.reading import read

CHUNK = '<w:altChunk r:id="page1"/>'


def around(inner: bytes, body: str = paragraph("Before.") + CHUNK + paragraph("After.")) -> bytes:
    """A docx with another file inserted where its body has a chunk."""
    members = hostile.members(document(body, page1="later"))
    return samples.archive({**members, "word/page1.htm": inner})


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        (document(styled("Heading1", "Terms") + paragraph("Bring it back.")), "# Terms\n\nBring it back."),
        (rb"{\rtf1\ansi Bring it back.\par}", "Bring it back."),
        (around(document(paragraph("Innermost."))), "Before.\n\nInnermost.\n\nAfter."),
    ],
    ids=["docx", "rtf", "docx in docx"],
)
def test_an_inserted_document_is_read_at_its_place(inner: bytes, text: str, tmp_path: Path) -> None:
    found = read(tmp_path, around(inner), "a.docx")
    assert found.markdown.strip() == f"Before.\n\n{text}\n\nAfter."
    assert found.warnings == ()


def test_in_a_cell_it_is_a_text_of_the_cell(tmp_path: Path) -> None:
    inner = (
        styled("Heading1", "Fees") + paragraph("Inner.") + table(f"<w:tr>{cell('x|y')}{cell('4 EUR')}</w:tr>")
    )
    outer = around(document(inner), table(f"<w:tr>{cell('Left')}<w:tc>{CHUNK}</w:tc></w:tr>"))
    assert r"| Left | Fees Inner. x\|y, 4 EUR |" in read(tmp_path, outer, "a.docx").markdown


@pytest.mark.parametrize(
    "inner",
    [
        b"PK\x03\x04 no container",
        samples.archive({"xl/workbook.xml": b"<workbook/>"}),
        b"{\\rtf1 without an end",
    ],
    ids=["damaged", "another type", "cut off"],
)
def test_one_that_cannot_be_read_is_told_and_the_rest_is_read(inner: bytes, tmp_path: Path) -> None:
    found = read(tmp_path, around(inner), "a.docx")
    assert found.markdown.strip() == "Before.\n\nAfter."
    (told,) = found.warnings
    assert told.startswith("1 embedded object of type ")


@pytest.mark.parametrize(
    "body",
    [CHUNK * 2, table(f"<w:tr><w:tc>{CHUNK}</w:tc><w:tc>{CHUNK}</w:tc></w:tr>")],
    ids=["text", "cells"],
)
def test_what_it_lacks_is_told_of_each(body: str, tmp_path: Path) -> None:
    found = read(tmp_path, around(around(b"PK\x03\x04 no container"), body), "a.docx")
    assert found.warnings == ("Inserted document: 1 embedded object of type docx is left out. (2 times)",)


def test_only_so_many_are_read_and_only_so_deep(tmp_path: Path) -> None:
    deep = document(paragraph("Innermost."))
    for _ in range(4):
        deep = around(deep)
    found = read(tmp_path, deep, "a.docx")
    assert found.markdown.count("Before.") == 4
    assert "Innermost." not in found.markdown
    assert found.warnings == ("Inserted document: 1 embedded object of type docx is left out.",)
    found = read(tmp_path, around(rb"{\rtf1 one}", CHUNK * 102), "a.docx")
    assert found.markdown.count("one") == 100
    assert found.warnings == ("2 embedded objects of type rtf are left out.",)
