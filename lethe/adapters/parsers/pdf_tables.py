"""Puts the tables that were found on a PDF's pages where their words stand in its markdown."""

import re
from collections import Counter
from dataclasses import dataclass

from lethe.adapters.parsers.markdown.writer import Writer
from lethe.adapters.parsers.source import Source

_WORD = re.compile(r"\w+|[^\w\s#*|>\\`_-]")  # words and signs, but not those of markdown
_LINE_START = re.compile(r"(?:^|\n)[#>*\-\s]*\Z")
_ENOUGH = 0.8
"""Share of a table's words that must stand together for the place to be taken as the table's."""
_SLACK = 100
"""Words by which a page may begin earlier or later in the markdown than in the page's own text."""


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table: the number of its page from 0, and its rows, head first."""

    page: int
    rows: list[list[str]]


def place_tables(source: Source, markdown: str, page_texts: list[str], tables: list[PageTable]) -> str:
    """`markdown` with each table in place of its words; a table whose words are not found together goes
    behind its page. `page_texts` are the pages' own plain texts, `tables` are in reading order."""
    words = list(_WORD.finditer(markdown))
    ends, count = [], 0
    for text in page_texts:
        count += len(_WORD.findall(text))
        ends.append(count)
    pieces: list[str] = []
    copied = word = 0
    for table in tables:
        shown = _markdown(source, table)
        wanted = _WORD.findall(" ".join(" ".join(row) for row in table.rows))
        page_start = ends[table.page - 1] if table.page else 0
        first = max(word, page_start - _SLACK)
        last = min(len(words), ends[table.page] + _SLACK)
        at = _best_window([match[0] for match in words[first:last]], wanted)
        if at is None:
            word = max(word, min(len(words), ends[table.page]))
            start = end = _paragraph_end(markdown, words[word - 1].end() if word else 0)
        else:
            word = first + at + len(wanted)
            start, end = words[first + at].start(), words[word - 1].end()
            start -= len(_marks_before(markdown, start))
        pieces += [markdown[copied : max(copied, start)].rstrip(), "\n\n", shown, "\n"]
        copied = max(copied, end)
        while markdown.startswith("\n", copied):
            copied += 1
    return "".join([*pieces, markdown[copied:]])


def _best_window(words: list[str], wanted: list[str]) -> int | None:
    """Where the run of `words` begins that shares most words with `wanted`, in any order, if enough."""
    size = len(wanted)
    if not size or len(words) < size:
        return None
    missing = Counter(wanted)
    shared = best = 0
    best_at = 0
    for index, new in enumerate(words):
        shared += missing[new] > 0
        missing[new] -= 1
        if index >= size:
            old = words[index - size]
            missing[old] += 1
            shared -= missing[old] > 0
        if index >= size - 1 and shared > best:
            best, best_at = shared, index - size + 1
    return best_at if best >= _ENOUGH * size else None


def _marks_before(markdown: str, start: int) -> str:
    """The heading or list marks between the line's start and `start`."""
    match = _LINE_START.search(markdown, max(0, start - 20), start)
    return match[0] if match else ""


def _paragraph_end(markdown: str, start: int) -> int:
    end = markdown.find("\n\n", start)
    return len(markdown) if end < 0 else end


def _markdown(source: Source, table: PageTable) -> str:
    writer = Writer(source)
    writer.table(table.rows)
    return writer.text()
