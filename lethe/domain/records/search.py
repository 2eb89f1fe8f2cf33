"""The weights and results of a search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lethe.domain.json import Json
from lethe.domain.records.blocks import Turn


class Mode(StrEnum):
    """How to search: by words (full), by meaning (vector) or by both."""

    FULL = "full"
    VECTOR = "vector"
    HYBRID = "hybrid"


MEANINGLESS = {Mode.HYBRID: 0.13, Mode.VECTOR: 0.22, Mode.FULL: 0.0}
"""Results below these scores mean nothing: the bundled model gives such scores even to unrelated texts.

A search by meaning always finds something. A search by words does not, and its scores have no upper limit.
"""


@dataclass(frozen=True, slots=True)
class HybridWeights:
    """The weights of meaning and words in the score of a hybrid search; they add up to 1."""

    vector: float
    words: float


@dataclass(frozen=True, slots=True)
class FoundChunk:
    """A found chunk and its document.

    `collection` is None for a document outside collections, `source_uri` for one that was not fetched. `place`: number
    of the page, slide, sheet or part in which the chunk begins (0: the file has none). `headings`: those above its
    first text. `turns`: where both change. `place_names`: the names of its places by number. `sheet_rows`: the rows of
    sheets (`Chunk.rows`); None if there are none, or if an earlier version stored the chunk without them. `evidence`:
    the parts of the score (store/search/ranking.py), None unless requested. `most`: the highest BM25 that the query's
    words can reach, None without words.
    """

    node_id: str
    position: int
    score: float
    title: str
    collection: str | None
    artifact: str
    metadata: Mapping[str, Json]
    language: str
    file_type: str
    source_uri: str | None
    place: int
    turns: list[Turn]
    place_names: Mapping[str, str] | None
    sheet_rows: Sequence[int] | None
    headings: Sequence[str]
    text: str
    previous_texts: list[str]
    next_texts: list[str]
    evidence: Json
    most: float | None
