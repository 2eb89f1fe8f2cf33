"""Reads web pages: Lexbor builds the tree as browsers do, even from broken pages, and body/ writes its content.

Measured on a page of 88 KB and on hostile ones: lxml is as fast but loses what is nested deeper than 2,048 levels;
justhtml takes 14 times and html5lib 30 times as long; html.parser builds no tree and takes minutes for 10 MB of "<".
"""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from lethe.parsers.markdown.writer import Writer
from lethe.parsers.markup import check_doctype
from lethe.parsers.source import Reading, Source
from lethe.parsers.web.body.blocks import Blocks, Seen
from lethe.parsers.web.body.styles import Styles
from lethe.parsers.web.bounds import bounded
from lethe.parsers.web.charset import page_text

_XHTML = re.compile(
    r"\s*(?:<\?xml\b|(?:<!DOCTYPE[^>]{0,300}>\s*)?<html\b[^>]{0,2000}http://www\.w3\.org/1999/xhtml)",
    re.IGNORECASE,
)
_DRAWN_FORMULAS = (
    ".katex-mathml + .katex-html, .MathJax > nobr[aria-hidden], .MathJax_SVG > svg[aria-hidden],"
    " mjx-container > svg[aria-hidden], .mwe-math-mathml-inline + img, .mwe-math-mathml-display + img"
)
"""What KaTeX, MathJax and MediaWiki draw beside a formula's MathML, which is read."""


def read_html(source: Source) -> Reading:
    """Reads an HTML page. Raises InputRejected if it declares entities or has too many elements."""
    return read_page(source, source.read())


def read_page(source: Source, data: bytes) -> Reading:
    """`read_html` for the page in `data`, which is the file or a part of it."""
    check_doctype(source, data)
    text, warnings = page_text(data)
    del data
    writer, seen = Writer(source), Seen()
    for sentence in warnings:
        writer.warn(sentence)
    page = Page(source, text)
    page.write(writer, seen)
    writer.tell(seen.left_out)
    return writer.reading(page.title or None)


class Page:
    """A page as a tree. Raises InputRejected for too many elements, and MemoryError.

    `title` is the page's title, "" if it has none.
    """

    def __init__(self, source: Source, text: str, *, xhtml: bool = False) -> None:
        self._source = source
        self._xhtml = xhtml or _XHTML.match(text) is not None
        self._root = self._tree(text)
        title, base = self._root.css_first("head title"), self._root.css_first("base[href]")
        self.title = " ".join(title.text().split()) if title is not None else ""
        self._base = (base.attributes.get("href") or "") if base is not None else ""

    def write(self, writer: Writer, seen: Seen) -> None:
        """Writes the page's blocks.

        Counts what is left out in `seen`, which all pages of one document share.
        """
        Blocks(writer, seen, Styles(self._root), self._base, self._tree).read(self._root)

    def _tree(self, text: str) -> LexborNode:
        try:
            root = LexborHTMLParser(bounded(self._source, text, xhtml=self._xhtml)).root
        except SelectolaxError as exc:  # Lexbor accepts any page, so memory has run out
            raise MemoryError from exc
        if root is None:
            raise MemoryError
        for drawn in root.css(_DRAWN_FORMULAS):
            drawn.decompose()
        return root
