"""The rows and cells of a table in a docx, with or without wrappers around them."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from lethe.parsers.markdown.left_out import LeftOut
from lethe.parsers.openxml.alternates import ALTERNATES, chosen
from lethe.parsers.openxml.names import W, number, value

_MOST_SPAN = 100
"""The most columns that one cell covers; Word allows 63."""
_DELETED = frozenset({W + "del", W + "moveFrom"})
_NO_WRAPPERS = frozenset(
    {W + "tbl", W + "p", W + "tblPr", W + "tblGrid", W + "trPr", W + "tcPr", W + "tblPrEx", W + "sdtPr"}
)


def rows(table: Element, left_out: LeftOut) -> Iterator[Element]:
    """The rows of a `w:tbl` that are not deleted."""
    for row in _inside(table, W + "tr"):
        properties = row.find(W + "trPr")
        if properties is not None and any(element.tag in _DELETED for element in properties):
            left_out["tracked deletion"] += 1
        else:
            yield row


def cells(row: Element) -> Iterator[tuple[Element | None, int]]:
    """Each `w:tc` of a row with its number of columns; None for columns that the row skips at its start. A place
    covered from above is a cell without text."""
    before = number(value(row, f"{W}trPr/{W}gridBefore"))
    if before > 0:
        yield None, min(before, _MOST_SPAN)
    for cell in _inside(row, W + "tc"):
        columns = number(value(cell, f"{W}tcPr/{W}gridSpan"), 1)
        yield cell, max(1, min(columns, _MOST_SPAN))


def _inside(element: Element, wanted: str) -> Iterator[Element]:
    for below in chosen(element) if element.tag == ALTERNATES else element:
        if below.tag == wanted:
            yield below
        elif below.tag not in _NO_WRAPPERS and below.tag not in _DELETED:
            yield from _inside(below, wanted)
