"""The weights and results of a search."""

from dataclasses import dataclass

from lethe.domain.json import Json


@dataclass(frozen=True, slots=True)
class HybridWeights:
    """The weights of meaning and words in the score of a hybrid search; they add up to 1."""

    vector: float
    words: float


@dataclass(frozen=True, slots=True)
class FoundChunk:
    """A found chunk and its document."""

    node_id: str
    position: int
    score: float
    title: str
    artifact: str
    metadata: Json
    language: str
    headings: Json
    text: str
    previous_texts: list[str]
    next_texts: list[str]
