"""Where in its file a found chunk is."""

from collections.abc import Mapping

from lethe.core.search.snippets import on_one_line, snippet
from lethe.domain.json import Json
from lethe.domain.records.search import FoundChunk


def where(chunk: FoundChunk, lexemes: frozenset[str]) -> Mapping[str, Json]:
    """The page, slide, sheet or part in which most of the words searched for are, as fields of an answer.

    If none of them is in the chunk, as may be after a search by meaning, the one in which the chunk begins.
    """
    if not chunk.turns:
        return chunk.where(chunk.place)
    return chunk.where(place_at(chunk, snippet(chunk.text, lexemes, chunk.language).best))


def place_at(chunk: FoundChunk, best: int) -> int:
    """The number of the place at an offset in the chunk's text on one line (`Snippet.best`)."""
    found = chunk.place
    for offset, number in chunk.turns:
        before = len(on_one_line(chunk.text[:offset]))
        if best < before + (before > 0):  # the space that follows it
            break
        found = number
    return found
