"""Where in its document the best part of a found chunk is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lethe.core.search.snippets import on_one_line, snippet
from lethe.domain.file_types import place_in, rows_in
from lethe.domain.json import Json
from lethe.domain.records.search import FoundChunk


@dataclass(frozen=True, slots=True)
class Spot:
    """The page, slide, sheet or part and its rows, as fields of an answer, and the headings above, outermost first."""

    place: Mapping[str, Json]
    headings: Sequence[str]


def find_spot(chunk: FoundChunk, lexemes: frozenset[str]) -> Spot:
    """Where most of the words searched for are.

    If none of them is in the chunk, as may be after a search by meaning, where it begins.
    """
    return spot_at(chunk, snippet(chunk.text, lexemes, chunk.language).best if chunk.turns else 0)


def spot_at(chunk: FoundChunk, best: int) -> Spot:
    """The spot at an offset in the chunk's text on one line (`Snippet.best`)."""
    number, headings, stretch = chunk.place, chunk.headings, 0
    for offset, place, kept, more in chunk.turns:
        before = len(on_one_line(chunk.text[:offset]))
        if best < before + (before > 0):  # the space that follows it
            break
        number, headings, stretch = place, [*headings[:kept], *more], stretch + 1
    name = (chunk.place_names or {}).get(str(number))
    rows = rows_in(chunk.sheet_rows or (), stretch)
    return Spot({**place_in(chunk.file_type, number, name), **rows}, headings)
