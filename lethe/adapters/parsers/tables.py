"""Comma- and tab-separated values to markdown tables."""

import csv
from collections.abc import Iterator

from lethe.adapters.parsers.markdown.writer import Writer
from lethe.adapters.parsers.source import Reading, Source
from lethe.adapters.parsers.text import decode

_DELIMITERS = ",;\t|"


def read_separated(source: Source, extension: str) -> Reading:
    """A csv or tsv as one markdown table. Its first row is the head.

    A csv may be separated by commas, semicolons (Excel in Spain and Germany), tabs or pipes.
    """
    text, warnings = decode(source, source.read())
    delimiter = "\t" if extension == "tsv" else _delimiter(text)
    csv.field_size_limit(max(source.limits.file_bytes, 131_072))
    width = max((len(row) for row in _rows(source, text, delimiter)), default=0)
    writer = Writer(source)
    for number, row in enumerate(_rows(source, text, delimiter)):
        writer.row(row, width)
        if number == 0:
            writer.write("|" + " --- |" * width + "\n")
    return Reading(writer.text(), warnings=warnings)


def _rows(source: Source, text: str, delimiter: str) -> Iterator[list[str]]:
    try:
        for row in csv.reader(_lines(text), delimiter=delimiter):
            if any(row):
                yield row
    except csv.Error as exc:
        raise source.rejected(f"is damaged: its rows cannot be read ({exc})") from exc


def _lines(text: str) -> Iterator[str]:
    """Without a copy of the whole, which `io.StringIO` would make at four bytes a character."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


def _delimiter(text: str) -> str:
    """The one that occurs most in the first line; a comma where none does."""
    first = text.lstrip("\n")[:64_000].split("\n", 1)[0]
    return max(_DELIMITERS, key=first.count)
