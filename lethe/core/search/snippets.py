"""The part of a chunk shown with a search result, around the words searched for."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from lethe.text import lexemes as analysis
from lethe.text.folding import IGNORED, fold
from lethe.text.words import EMOJI, MARKS

CHARACTERS = 320
"""Maximum length of a snippet, without the ellipses at its ends."""
_ROOM = CHARACTERS - CHARACTERS // 5
"""Maximum length of the part with most of the words."""

_WORD = rf"[^\W_]+(?:[{IGNORED}{MARKS}]+[^\W_]*)*"
_JOINTS = "[-\u2010-\u2013\u2212.@'\u2019&/\\\\+*~^_,:]{1,4}"
_TOKEN = re.compile(rf"\.?{_WORD}(?:{_JOINTS}{_WORD})*[+#]{{0,2}}|[{EMOJI}]")
_PART = re.compile(_WORD)
_OMITTED = "… "


@dataclass(frozen=True, slots=True)
class Snippet:
    """A text on one line, and the ranges [start, end) of the words searched for.

    `best`: where the part with most of these words begins in the whole text on one line; `words`: the offsets and
    lexemes in that part. They are 0 and empty if the text has none of the words.
    """

    text: str
    highlights: tuple[tuple[int, int], ...]
    best: int
    words: tuple[tuple[int, str], ...] = ()


def snippet(text: str, lexemes: frozenset[str], language: str) -> Snippet:
    """The part of `text` that contains most of the lexemes; its beginning if it contains none.

    Args:
        lexemes: of the query's terms.
        language: of the text.
    """
    line = on_one_line(text)
    found = _matches(line, lexemes, language)
    best = _best(found)
    start = _start(line, best) if found else 0
    stop = len(line)
    if stop - start > CHARACTERS:
        stop = start + CHARACTERS
        space = line.rfind(" ", start + CHARACTERS // 2, stop + 1)
        stop = space if space > 0 else stop
    before = _OMITTED if start else ""
    after = " …" if stop < len(line) else ""
    shift = len(before) - start
    inside = tuple((a + shift, b + shift) for a, b, _ in found if a >= start and b <= stop)
    part = tuple((a, lexeme) for a, b, lexeme in found if a >= best and b <= best + _ROOM)
    return Snippet(f"{before}{line[start:stop]}{after}", inside, best, part)


def on_one_line(text: str) -> str:
    """The text with single spaces for white space, as snippets show it."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _matches(line: str, lexemes: frozenset[str], language: str) -> list[tuple[int, int, str]]:
    """The words that match one of the lexemes, in order: start, end, lexeme."""
    lexemes_of = cache(analysis.lexemes_of)  # for this call only: no text of a document stays in memory
    initials = {lexeme.lstrip("=~.")[:1] for lexeme in lexemes}
    found: list[tuple[int, int, str]] = []
    for match in _TOKEN.finditer(line):
        start, whole = match.start(), match.group()
        folded = fold(whole)
        if folded.isascii():  # stemming keeps the first letter of a word
            if folded.isalnum():
                if folded[0] in initials and (some := lexemes_of(folded, language) & lexemes):
                    found.append((start, match.end(), min(some)))
                continue
            if initials.isdisjoint(part[0] for part in _PART.findall(folded)):
                continue
        parts = [(start + p.start(), start + p.end(), p.group()) for p in _PART.finditer(whole)]
        of_parts = [(a, b, lexemes_of(part, language) & lexemes) for a, b, part in parts]
        common = (lexemes_of(whole, language) & lexemes).difference(*(some for _, _, some in of_parts))
        if common:
            of_parts = [(start, match.end(), common)]
        found += [(a, b, min(some)) for a, b, some in of_parts if some]
    return found


def _best(found: Sequence[tuple[int, int, str]]) -> int:
    """Where the part with most different lexemes begins; of equals, the part with most words."""

    def worth(index: int) -> tuple[int, int]:
        inside = [lexeme for a, b, lexeme in found[index:] if b <= found[index][0] + _ROOM]
        return len(set(inside)), len(inside)

    return found[max(range(min(len(found), 60)), key=worth)][0] if found else 0


def _start(line: str, best: int) -> int:
    """Where a snippet begins that shows the offset `best` with some text before it."""
    if len(line) <= CHARACTERS:
        return 0
    start = min(max(0, best - CHARACTERS // 5), len(line) - CHARACTERS)
    if start == 0:
        return 0
    space = line.find(" ", start, best)
    return space + 1 if space >= 0 else start
