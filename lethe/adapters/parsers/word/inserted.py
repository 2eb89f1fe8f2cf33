"""Files that Word shows as a part of its own text (altChunk)."""

from lethe.adapters.parsers.mail.message import read_web_archive
from lethe.adapters.parsers.markdown.blocks import Blocks
from lethe.adapters.parsers.markdown.left_out import LeftOut
from lethe.adapters.parsers.markdown.writer import Writer
from lethe.adapters.parsers.source import Source
from lethe.adapters.parsers.text import decode
from lethe.adapters.parsers.web.page import read_page

_HTML = (b"<html", b"<!doctype html", b"<body", b"<p", b"<div")


def insert(source: Source, data: bytes, blocks: Blocks, left_out: LeftOut) -> None:
    """Writes an inserted page or text; other kinds are counted as embedded objects."""
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:2000].lower()
    if start.startswith((b"pk\x03\x04", b"{\\rtf")) or b"\0" in start:
        left_out.embedded("docx" if start.startswith(b"pk") else "rtf")
    elif b"mime-version:" in start or any(mark in start for mark in _HTML):
        reading = (read_web_archive if b"mime-version:" in start else read_page)(source, data)
        if isinstance(blocks, Writer):
            blocks.include(reading)
        else:
            blocks.paragraph(reading.markdown)
    else:
        for paragraph in decode(source, data)[0].split("\n\n"):
            blocks.paragraph(paragraph)
