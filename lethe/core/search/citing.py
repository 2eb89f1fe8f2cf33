"""Locates the best part of a found chunk in its document."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lethe.core.search.snippets import Snippet, on_one_line, snippet
from lethe.domain.file_types import place_in, rows_in
from lethe.domain.json import Json
from lethe.domain.records.search import FoundChunk


@dataclass(frozen=True, slots=True)
class Spot:
    """The page, slide, sheet or part and its rows, as fields of an answer, and the headings above, outermost first."""

    place: Mapping[str, Json]
    headings: Sequence[str]


def find_spot(chunk: FoundChunk, lexemes: frozenset[str]) -> Spot:
    """The spot with most of the words searched for.

    If the chunk has none of them, as is possible in a search by meaning, the spot at which it begins.
    """
    return spot_of(chunk, snippet(chunk.text, lexemes, chunk.language) if chunk.turns else None)


def spot_of(chunk: FoundChunk, shown: Snippet | None) -> Spot:
    """The spot with most of the different words in the snippet's best part; of equals, the one with most words."""
    begins = [_on_line(chunk, offset) for offset, _, _, _ in chunk.turns]
    inside: dict[int, list[str]] = {}
    for offset, lexeme in shown.words if shown else ():
        inside.setdefault(bisect_right(begins, offset), []).append(lexeme)
    best = max(inside, key=lambda stretch: (len({*inside[stretch]}), len(inside[stretch])), default=None)
    if best is None:
        best = bisect_right(begins, 0)
    number, headings = chunk.place, chunk.headings
    for _, place, kept, more in chunk.turns[:best]:
        number, headings = place, [*headings[:kept], *more]
    name = (chunk.place_names or {}).get(str(number))
    rows = rows_in(chunk.sheet_rows or (), best)
    return Spot({**place_in(chunk.file_type, number, name), **rows}, headings)


def _on_line(chunk: FoundChunk, offset: int) -> int:
    """Convert an offset in the chunk's text to one in that text on one line."""
    before = len(on_one_line(chunk.text[:offset]))
    return before + (before > 0)  # the space that follows it
