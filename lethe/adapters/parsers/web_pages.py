"""HTML to markdown, in two steps: a plain page without wrappers and scripts, then kreuzberg.

kreuzberg silently drops what is nested deeper than some 60 levels, and takes a row of `<p>` without `</p>`
for nested. The plain page has neither.
"""

import re

from lethe.adapters.parsers.extractor import extract
from lethe.adapters.parsers.markup import check_doctype
from lethe.adapters.parsers.plain_page import PlainPage
from lethe.adapters.parsers.source import Reading, Source
from lethe.adapters.parsers.text import decode
from lethe.domain.file_types import MEDIA_TYPES

_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_-]{1,40})""", re.IGNORECASE)


def read_html(source: Source, data: bytes) -> Reading:
    """An HTML page.

    Raises InputRejected for a page that declares entities.
    """
    check_doctype(source, data)
    page, warnings = _decode(source, data)
    del data
    plain = PlainPage(page)
    body = plain.read()
    markdown = extract(source, body, MEDIA_TYPES["html"]).content if body else ""
    return Reading(markdown, title=plain.title or None, warnings=warnings)


def _decode(source: Source, data: bytes) -> tuple[str, tuple[str, ...]]:
    """As the page declares it, else by what it looks like."""
    declared = _CHARSET.search(data, 0, 4096)
    if declared and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        encoding = declared[1].decode().lower()
        encoding = "cp1252" if encoding in ("iso-8859-1", "latin1", "us-ascii") else encoding
        try:
            return decode(source, data.decode(encoding).encode("utf-8", "replace"))
        except (LookupError, ValueError):  # an encoding that is unknown, or is not what is there
            pass
    return decode(source, data)
