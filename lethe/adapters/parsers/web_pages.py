"""HTML to markdown, in two steps: a plain page without wrappers and scripts, then kreuzberg.

kreuzberg silently drops what is nested deeper than some 60 levels, and takes a row of `<p>` without `</p>`
for nested. The plain page has neither.
"""

import re
from html import escape
from html.parser import HTMLParser

from lethe.adapters.parsers.extractor import extract
from lethe.adapters.parsers.file_types import MEDIA_TYPES
from lethe.adapters.parsers.markup import check_doctype
from lethe.adapters.parsers.source import Reading, Source
from lethe.adapters.parsers.text import decode

_DEEPEST = 40
"""Kept elements within each other. What is deeper keeps its text and loses its form."""
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | {"p", "pre", "blockquote", "ul", "ol", "li", "table", "tr", "td", "th", "dt", "dd"}
_INLINE = frozenset({"a", "b", "strong", "i", "em", "code"})
_HOLDS_TEXT = _HEADINGS | _INLINE | {"p", "pre", "li", "td", "th", "dt", "dd"}
_LEFT_OUT = frozenset(
    {"script", "style", "template", "svg", "math", "noscript", "iframe", "object", "select"}
)
_SAME_LINE = frozenset({"abbr", "acronym", "bdi", "bdo", "big", "cite", "data", "del", "dfn", "font", "ins"})
_SAME_LINE |= {
    "kbd",
    "label",
    "mark",
    "nobr",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "small",
    "span",
    "strike",
}
_SAME_LINE |= {
    "sub",
    "sup",
    "time",
    "tt",
    "u",
    "var",
    "wbr",
    "html",
    "body",
    "head",
    "thead",
    "tbody",
    "tfoot",
}
# An element that begins ends these, up to the nearest of those in the second set.
_ENDS = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol"})),
    "dt": (frozenset({"dt", "dd"}), frozenset({"table"})),
    "dd": (frozenset({"dt", "dd"}), frozenset({"table"})),
    "tr": (frozenset({"tr"}), frozenset({"table"})),
    "td": (frozenset({"td", "th"}), frozenset({"tr", "table"})),
    "th": (frozenset({"td", "th"}), frozenset({"tr", "table"})),
}
_CELLS = frozenset({"td", "th"})
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_-]{1,40})""", re.IGNORECASE)


def read_html(source: Source, data: bytes) -> Reading:
    """An HTML page.

    Raises InputRejected for a page that declares entities.
    """
    check_doctype(source, data)
    page, warnings = _decode(source, data)
    del data
    plain = _PlainPage()
    plain.feed(page)
    plain.close()
    del page
    body = plain.finish()
    markdown = extract(source, body, MEDIA_TYPES["html"]).content if body else ""
    return Reading(markdown, title=plain.title.strip() or None, warnings=warnings)


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


class _PlainPage(HTMLParser):
    """Writes a page that has only the elements that become markdown, each with its end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self._out = bytearray()
        self._open: list[str] = []
        self._skipping: str | None = None
        self._in_title = False

    def finish(self) -> bytes:
        """The whole page, its open elements ended."""
        self._end_down_to(0)
        return bytes(self._out)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._skipping:
            return
        if tag in _LEFT_OUT:
            self._skipping = tag
        elif tag == "title":
            self._in_title = True
        elif tag == "br":
            self._write("<br>")
        elif tag == "img":
            self.handle_data(dict(attrs).get("alt") or "")
        elif tag in _BLOCKS:
            self._begin_block(tag)
        elif tag in _INLINE:
            self._begin_inline(tag)
        elif tag not in _SAME_LINE:
            self._part()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _LEFT_OUT and tag != "title":  # `<script/>`: nothing is left out
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._skipping:
            self._skipping = None if tag == self._skipping else self._skipping
        elif tag == "title":
            self._in_title = False
        elif tag in self._open:
            self._end_down_to(len(self._open) - 1 - self._open[::-1].index(tag))
        elif tag not in _SAME_LINE and tag not in _INLINE:
            self._part()

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title = (self.title + data)[:1000]
        elif not self._skipping:
            if data and not data.isspace():
                self._ready_for_text()
            self._write(escape(data, quote=False))

    def _begin_block(self, tag: str) -> None:
        if tag in _ENDS:
            ended, up_to = _ENDS[tag]
            for index in range(len(self._open) - 1, -1, -1):
                if self._open[index] in up_to:
                    break
                if self._open[index] in ended:
                    self._end_down_to(index)
                    break
        else:
            self._part()
        if tag in _HEADINGS | {"p"} and self._open and self._open[-1] in _CELLS:
            return  # a cell of a markdown table is one line
        self._begin(tag)

    def _begin_inline(self, tag: str) -> None:
        if tag not in self._open:  # a second <b> in a <b> says nothing
            self._ready_for_text()
            self._begin(tag)

    def _part(self) -> None:
        """Ends a paragraph, or parts the words of a cell or an item, where a block begins or ends."""
        for index, tag in enumerate(self._open):
            if tag == "p" or tag in _HEADINGS:
                self._end_down_to(index)
                return
        self._write("<br>" if self._open and self._open[-1] == "li" else " ")

    def _ready_for_text(self) -> None:
        if not self._open or self._open[-1] not in _HOLDS_TEXT:
            self._begin("p")

    def _begin(self, tag: str) -> None:
        if len(self._open) < _DEEPEST:
            self._open.append(tag)
            self._write(f"<{tag}>")
        else:
            self._write(" ")

    def _end_down_to(self, index: int) -> None:
        while len(self._open) > index:
            self._write(f"</{self._open.pop()}>")

    def _write(self, piece: str) -> None:
        self._out += piece.encode("utf-8", "replace")
