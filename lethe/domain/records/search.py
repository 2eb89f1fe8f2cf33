"""The weights and results of a search."""

from collections.abc import Mapping
from dataclasses import dataclass

from lethe.domain.file_types import place_in
from lethe.domain.json import Json


@dataclass(frozen=True, slots=True)
class HybridWeights:
    """The weights of meaning and words in the score of a hybrid search; they add up to 1."""

    vector: float
    words: float


@dataclass(frozen=True, slots=True)
class FoundChunk:
    """A found chunk and its document.

    `collection` is None for a document in none, `source_uri` for one that was not fetched. `place` is the number of the
    page, slide, sheet or part in which the chunk begins (0: the file has none), `turns` are the further ones by their
    offset in its text, and `place_names` the names of all these by number. `evidence` is what its score is made of
    (store/search/ranking.py), None unless asked for.
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
    turns: list[tuple[int, int]]
    place_names: Mapping[str, str] | None
    headings: list[str]
    text: str
    previous_texts: list[str]
    next_texts: list[str]
    evidence: Json

    def where(self, number: int) -> Mapping[str, Json]:
        """One of its places, as fields of an answer."""
        return place_in(self.file_type, number, (self.place_names or {}).get(str(number)))
