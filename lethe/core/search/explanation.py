"""Explains a chunk's score."""

from collections.abc import Sequence
from dataclasses import dataclass

from lethe.domain.records.search import FoundChunk, HybridWeights
from lethe.text.lexemes import Term

_NONE = 1e-6
"""A term that is not in the chunk has a lower score than this, but not exactly 0."""


@dataclass(frozen=True, slots=True)
class TermScore:
    """A term of the query: the forms that are searched for, without their marks; its weight among the terms; its idf;
    and what it adds to the chunk's BM25, at most weight times idf."""

    forms: tuple[str, ...]
    weight: float
    idf: float
    score: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """The parts of a score, which is the sum of `by_words` and `by_meaning`. What was not searched for is None.

    `bm25` is the sum of the terms' scores, and `most` its limit for a chunk full of every term.
    """

    terms: tuple[TermScore, ...]
    bm25: float | None
    most: float | None
    cosine: float | None
    by_words: float | None
    by_meaning: float | None


def explain(found: FoundChunk, terms: Sequence[Term], weights: HybridWeights) -> Explanation | None:
    """The explanation of a chunk's score; None if the chunk has no `evidence`.

    Args:
        terms: the terms that were searched for, in the same order.
    """
    if found.evidence is None:
        return None
    cosine: float | None = found.evidence["cosine"]
    if not terms:
        return Explanation((), None, None, cosine, None, found.score)
    scores: list[float] = found.evidence["terms"]
    told = tuple(
        TermScore(
            tuple(dict.fromkeys(lexeme.lstrip("=~.") for lexeme in term.lexemes)),
            term.weight,
            weighed / term.weight,
            score if score > _NONE else 0.0,
        )
        for term, weighed, score in zip(terms, found.evidence["idf"], scores, strict=True)
    )
    bm25, most = sum(scores), float(found.evidence["most"])
    if not found.evidence["hybrid"]:
        return Explanation(told, bm25, most, None, found.score, None)
    by_words = weights.words * min(bm25 / most, 1)
    return Explanation(told, bm25, most, cosine, by_words, weights.vector * max(cosine or 0, 0))
