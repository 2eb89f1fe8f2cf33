"""Converts comma- and tab-separated values to a markdown table."""

import re

from lethe.parsers.markdown.writer import Writer
from lethe.parsers.plain.separated_rows import Dialect, find_dialect, rows
from lethe.parsers.source import Reading, Source
from lethe.parsers.text import decode

_AS_TEXT = re.compile(r'="([^"]*)"')
"""How exports keep Excel from making a number of a text: `="00123"` is shown as 00123."""


def read_separated(source: Source, extension: str) -> Reading:
    """A csv or tsv as one markdown table. Its first row is the header; titles and notes above it become paragraphs.

    The delimiter is detected from the rows, whatever the file name suggests. A field's line ends become spaces. Empty
    rows, and empty columns at the sides, are left out.
    """
    text, warnings = decode(source.read())
    dialect, start = find_dialect(text, expected="\t" if extension == "tsv" else ",")
    first, last, above = _extent(text, dialect, start)
    writer = Writer(source)
    for sentence in warnings:
        writer.warn(sentence)
    head_is_next, has_titles = True, False
    for number, row in enumerate(rows(text, dialect, start)):
        cells = [_shown(cell.strip()) for cell in row[first : last + 1]]
        if not any(cells):
            continue
        writer.at_row(number + 1)
        if number < above:
            writer.paragraph(" ".join(" ".join(cells).split()))
            has_titles = True
            continue
        if head_is_next and has_titles:
            writer.write("\n")
        writer.row(cells, last + 1 - first)
        if head_is_next:
            writer.write("|" + " --- |" * (last + 1 - first) + "\n")
            head_is_next = False
    return writer.reading()


def _shown(cell: str) -> str:
    text = _AS_TEXT.fullmatch(cell) if cell.startswith("=") else None
    return text[1] if text else cell


def _extent(text: str, dialect: Dialect, start: int) -> tuple[int, int, int]:
    """The first and the last column with any content, and the number of rows above the header."""
    first, last, above = 1 << 30, 0, 0
    in_table = False
    for number, row in enumerate(rows(text, dialect, start)):
        filled = [column for column, cell in enumerate(row) if cell and not cell.isspace()]
        if not filled:
            continue
        first, last = min(first, filled[0]), max(last, filled[-1])
        if not in_table and filled != [0]:
            in_table, above = True, number
    return min(first, last), last, above
