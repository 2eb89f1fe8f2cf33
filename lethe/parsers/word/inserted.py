"""Reads files that Word shows as part of a document's text (altChunk)."""

import re
from collections.abc import Callable
from dataclasses import replace

from lethe.domain.errors import InputRejected
from lethe.parsers.mail.message import read_web_archive
from lethe.parsers.markdown.blocks import Blocks
from lethe.parsers.markdown.left_out import LeftOut
from lethe.parsers.markdown.writer import Writer
from lethe.parsers.recognise import recognise
from lethe.parsers.rich_text.reader import read_rtf
from lethe.parsers.source import Reading, Source, in_memory
from lethe.parsers.text import decode
from lethe.parsers.web.page import read_page

_HTML = (b"<html", b"<!doctype html", b"<body", b"<p", b"<div")
_MOST_DOCUMENTS = 100
"""The most inserted documents in one file, nested ones included."""
_DEEPEST = 3
_ROW, _BAR, _MARK = re.compile(r"\| .*\|$"), re.compile(r"(?<!\\)\|"), re.compile(r"#{1,6} |\s*- ")
_INSIDE = "Inserted document: "


class Inserted:
    """Reads the documents inserted in a file, and those inserted in them, within limits on number and depth.

    Args: read_word: reads an inserted docx, within the same limits.
    """

    def __init__(self, read_word: Callable[[Source, "Inserted"], Reading]) -> None:
        self._read_word = read_word
        self._documents = self._depth = 0

    def write(self, source: Source, data: bytes, blocks: Blocks, left_out: LeftOut) -> None:
        """Writes a page, text or document; anything else, or an unreadable document, counts as an embedded object."""
        start = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:2000].lower()
        if start.startswith((b"pk\x03\x04", b"{\\rtf")) or b"\0" in start:
            self._document(source, data, "docx" if start.startswith(b"pk") else "rtf", blocks, left_out)
        elif b"mime-version:" in start or any(mark in start for mark in _HTML):
            _include(
                (read_web_archive if b"mime-version:" in start else read_page)(source, data), blocks, left_out
            )
        else:
            for paragraph in decode(data)[0].split("\n\n"):
                blocks.paragraph(paragraph)

    def _document(self, source: Source, data: bytes, kind: str, blocks: Blocks, left_out: LeftOut) -> None:
        if self._documents == _MOST_DOCUMENTS or self._depth == _DEEPEST:
            left_out.embedded(kind)
            return
        self._documents += 1
        self._depth += 1
        try:
            with in_memory(data) as path:
                inner = Source(path, f"inserted.{kind}", source.limits)
                recognise(inner)
                reading = self._read_word(inner, self) if kind == "docx" else read_rtf(inner)
        except InputRejected:
            left_out.embedded(kind)
        else:
            _include(reading, blocks, left_out)
        finally:
            self._depth -= 1


def _include(reading: Reading, blocks: Blocks, left_out: LeftOut) -> None:
    for sentence in reading.warnings:
        left_out.also(sentence if sentence.startswith(_INSIDE) else f"{_INSIDE}{sentence}")
    if isinstance(blocks, Writer):
        blocks.include(replace(reading, warnings=()))
    else:
        for line in reading.markdown.split("\n"):
            blocks.paragraph(_in_a_cell(line))


def _in_a_cell(line: str) -> str:
    """A line of markdown without its block marks, which a cell cannot contain."""
    if _ROW.match(line):
        cells = (cell.strip().replace("\\|", "|") for cell in _BAR.split(line)[1:-1])
        return ", ".join(cell for cell in cells if cell.strip("-"))
    return _MARK.sub("", line)
