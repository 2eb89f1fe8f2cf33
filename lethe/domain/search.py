"""What a search weighs and finds."""

from dataclasses import dataclass

from lethe.domain.records import Json


@dataclass(frozen=True, slots=True)
class HybridWeights:
    """What meaning and words weigh in the score of a hybrid search; together 1."""

    vector: float
    words: float


@dataclass(frozen=True, slots=True)
class FoundChunk:
    """A chunk that was found, and whose it is."""

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
