"""The elements of a web page that become markdown, written out as a page of their own."""

import re
from html import escape, unescape

_DEEPEST = 40
"""Kept elements within each other. What is deeper keeps its text and loses its form."""
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | {"p", "pre", "blockquote", "ul", "ol", "li", "table", "tr", "td", "th", "dt", "dd"}
_INLINE = frozenset({"a", "b", "strong", "i", "em", "code"})
_HOLDS_TEXT = _HEADINGS | _INLINE | {"p", "pre", "li", "td", "th", "dt", "dd"}
_CELLS = frozenset({"td", "th"})
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
_NO_TEXT = (("<!--", "-->"), ("<!", ">"), ("<?", ">"))
# Possessive: what does not match is not tried again, so that no page takes more than linear time.
_TAG = re.compile(r"""<(/?)([a-zA-Z][^\s/>]*+)((?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+)>""")
_ALT = re.compile(r"""\balt\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s"'>]++)""", re.IGNORECASE)


class PlainPage:
    """A page with the kept elements only, each with its end; wrappers, scripts and the rest are left out.

    `title` is the page's. Reads in linear time: what is left open at the end goes to the end, as in a browser.
    """

    def __init__(self, page: str) -> None:
        self.title = ""
        self._page = page
        self._out = bytearray()
        self._open: list[str] = []
        self._endless: set[str] = set()

    def read(self) -> bytes:
        """The plain page in UTF-8."""
        page, position = self._page, 0
        while (start := page.find("<", position)) >= 0:
            self._text(page[position:start])
            position = self._markup(start)
        self._text(page[position:])
        self._end_down_to(0)
        return bytes(self._out)

    def _markup(self, start: int) -> int:
        """Reads what begins with the `<` at `start`, and returns where it ends."""
        page = self._page
        for opening, closing in _NO_TEXT:
            if page.startswith(opening, start):
                return self._after(closing, start + len(opening))
        if not page[start + 1 : start + 3].lstrip("/")[:1].isalpha():
            self._text("<")
            return start + 1
        tag = _TAG.match(page, start)
        if tag is None:  # it has no end, and then no later one has
            return len(page)
        name = tag[2].lower()
        if tag[1]:
            self._end(name)
            return tag.end()
        if name == "title" or name in _LEFT_OUT:
            return self._skip(name, tag)
        self._begin_any(name, tag[3])
        return tag.end()

    def _after(self, mark: str, start: int) -> int:
        end = self._page.find(mark, start)
        return len(self._page) if end < 0 else end + len(mark)

    def _skip(self, name: str, tag: re.Match[str]) -> int:
        """Leaves an element out, up to its end; one without an end only if it is a script or a style."""
        if name in self._endless or tag[3].endswith("/"):
            return tag.end()
        end = re.compile(f"</{name}", re.IGNORECASE).search(self._page, tag.end())
        if end is None:
            self._endless.add(name)
            return len(self._page) if name in ("script", "style") else tag.end()
        if name == "title":
            self.title = self.title or unescape(self._page[tag.end() : end.start()][:1000]).strip()
        return self._after(">", end.end())

    def _begin_any(self, name: str, attributes: str) -> None:
        if name == "br":
            self._write("<br>")
        elif name == "img":
            alternative = _ALT.search(attributes)
            if alternative:
                self._text(f" {alternative[1].strip(chr(34) + chr(39))} ")
        elif name in _BLOCKS:
            self._begin_block(name)
        elif name in _INLINE:
            if name not in self._open:  # a second <b> in a <b> says nothing
                self._ready_for_text()
                self._begin(name)
        elif name not in _SAME_LINE:
            self._part()

    def _end(self, name: str) -> None:
        if name in self._open:
            self._end_down_to(len(self._open) - 1 - self._open[::-1].index(name))
        elif name not in _SAME_LINE and name not in _INLINE:
            self._part()

    def _text(self, text: str) -> None:
        if text:
            if not text.isspace():
                self._ready_for_text()
            self._write(escape(unescape(text), quote=False))

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
