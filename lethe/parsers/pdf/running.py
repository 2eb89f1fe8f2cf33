"""Keeps running headers and footers only once in the document, and the page numbers in them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from lethe.parsers.pdf.layout.blocks import TextFlow, TextLine
from lethe.parsers.pdf.pages import Page

_EDGE_ROWS = 3
"""How many lines at the top and at the bottom of a page may be headers or footers."""
_FEWEST_PAGES, _SHARE = 3, 0.3
"""A running line is in the same place on at least this many pages, and on this share of all pages."""
_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+")
_OF_PAGES = re.compile(
    "pages?|pg?|p[aá]g|p[aá]ginas?|seite|sid[ae]|sivu|stran[ay]|strona|стр|страница|of|de|do|da|di|von|van|sur|a[fv]|från|z|"
    "из|第|頁|页|ページ|쪽|صفحة|עמוד",
    re.IGNORECASE,
)
"""Words that accompany a page number. Such a line is kept whole: `Page 3 of 10`."""

Key = tuple[str, int]


def drop_repeated(pages: Sequence[Page]) -> None:
    """Removes from `pages` the headers and footers that an earlier page already has."""
    counts: Counter[Key] = Counter()
    pages = [page for page in pages if _has_text_between(page)]
    for page in pages:
        counts.update({key for line in _edge(page) for key, _ in _keys(line)})
    fewest = max(_FEWEST_PAGES, _SHARE * len(pages))
    repeated = {key for key, count in counts.items() if count >= fewest}
    if not repeated:
        return
    seen: dict[Key, str] = {}
    for page in pages:
        new = {key: text for line in _edge(page) for key, text in _keys(line) if key in repeated}
        for line in _edge(page):
            _shorten(line, seen)
        seen = new | seen
        for part in page.parts:
            if isinstance(part, TextFlow):
                part.lines = [line for line in part.lines if line.text]
        page.parts = [part for part in page.parts if not isinstance(part, TextFlow) or part.lines]


def _edge(page: Page) -> list[TextLine]:
    """The lines that may be headers or footers."""
    lines = [line for part in page.parts if isinstance(part, TextFlow) for line in part.lines]
    lines.sort(key=lambda line: line.y)
    outermost = lines[:_EDGE_ROWS] + lines[-_EDGE_ROWS:] if len(lines) > 2 * _EDGE_ROWS else lines
    return [line for line in outermost if page.at_edge(line)]


def _has_text_between(page: Page) -> bool:
    """Whether the page has more text than a header and a footer."""
    lines = sum(len(part.lines) if isinstance(part, TextFlow) else len(part.rows) for part in page.parts)
    return lines > _EDGE_ROWS


def _keys(line: TextLine) -> Iterator[tuple[Key, str]]:
    """For each piece of a line, the key that identifies it on other pages, and its text."""
    for _, _, text in line.cells:
        pattern = _DIGITS.sub("#", text)
        if any(character.isalpha() for character in pattern):
            yield (pattern, round(line.y / 8)), text


def _shorten(line: TextLine, seen: dict[Key, str]) -> None:
    """Keeps only the new words of a repeated header, such as a number; lines with only a page number are kept whole."""
    kept = []
    for x0, x1, text in line.cells:
        pattern = _DIGITS.sub("#", text)
        first = seen.get((pattern, round(line.y / 8)))
        number = "#" in pattern and all(map(_OF_PAGES.fullmatch, _WORD.findall(text)))
        if first is None or number:
            kept.append((x0, x1, text))
        else:
            new = " ".join(
                word for word, old in zip(text.split(), first.split(), strict=False) if word != old
            )
            kept += [(x0, x1, new)] * bool(new)
    if kept != line.cells:
        line.cells = kept
        line.text = " ".join(text for _, _, text in (kept[::-1] if line.turned else kept))
