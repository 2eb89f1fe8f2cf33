"""The search statement: ranks the chunks of a scope by words, by embeddings, or by both.

A small text is read as a whole, with exact statistics; in a large one the indexes find the candidates. Whatever
an index returns, only chunks of the company's live nodes count.

BM25 (k1 = 1.2, b = 0.75) is derived from ts_rank, which is about tf / (tf + 0.65) for a lexeme that occurs tf times.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, LiteralString

from lethe.domain.records.search import FoundChunk, HybridWeights
from lethe.store.database.pool import Database
from lethe.store.database.vectors import Vectors
from lethe.store.search import ranking
from lethe.store.search.scope import Scope

SMALL_FOR_WORDS = 5_000
"""A search by words reads all chunks up to this number."""
SMALL_FOR_VECTORS = 20_000
"""Up to this number of chunks all embeddings are compared: nothing is missed, and it takes about 17 ms."""
USUAL_LENGTH = 80.0
"""Assumed words per chunk until they are counted."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words to search for: each term as the tsqueries of its lexemes, `any`, which matches any term, and the weight
    of each term.

    For a large text the weights include the idf, and `most` is the sum of all idf, `first` the tsquery of the first
    candidates, `later` those of later ones as (lowest score at which it is used, tsquery or None), ascending.
    """

    terms: Sequence[Sequence[str]]
    any: str
    weights: Sequence[float]
    most: float = 0
    first: str = ""
    later: Sequence[tuple[float, str | None]] = ()


@dataclass(frozen=True, slots=True)
class ResultOptions:
    """What to return: `limit` results with a score of at least `least`, one per document or, with `by_document` false,
    one per chunk; each with the texts of `neighbours` chunks before and after it, and with `explain`, the evidence for
    its score. The weights are those of the two scores in a hybrid search. `as_share`: the score of a search by words is
    BM25 as a share of its maximum."""

    limit: int
    weights: HybridWeights
    by_document: bool = True
    least: float | None = None
    neighbours: int = 0
    as_share: bool = False
    explain: bool = False


@dataclass(frozen=True, slots=True)
class _Row(FoundChunk):
    """`from_index` is the number of chunks from the vector index; None if it was not used."""

    from_index: int | None


async def rank(
    db: Database,
    *,
    company_id: str,
    scope: Scope,
    words: Words | None,
    vector: Vectors | None,
    wanted: ResultOptions,
) -> list[FoundChunk]:
    """The best chunks of the scope, highest score first. The score is BM25 with `words` alone, the cosine with `vector`
    alone, and with both the weighted sum of the cosine and BM25 as a share of its maximum. One of them is not None.
    """
    indexed = vector is not None and scope.chunks > SMALL_FOR_VECTORS
    ranked = partial(_rank, db, company_id=company_id, scope=scope, words=words, vector=vector, wanted=wanted)
    found = await ranked(indexed=indexed)
    if indexed and (not found or (found[0].from_index or 0) < ranking.NEAREST_INDEXED):
        # The index contains the vectors of all companies: the scan may have ended (LETHE_VECTOR_SCAN) among nearer
        # vectors of others.
        found = await ranked(indexed=False)
    return [*found]


async def _rank(
    db: Database,
    *,
    company_id: str,
    scope: Scope,
    words: Words | None,
    vector: Vectors | None,
    wanted: ResultOptions,
    indexed: bool,
) -> list[_Row]:
    steps: list[LiteralString] = []
    params: dict[str, Any] = {
        "paths": scope.paths,
        "documents": scope.documents,
        "limit": wanted.limit,
        "least": wanted.least,
        "neighbours": wanted.neighbours,
        "words_weight": wanted.weights.words,
        "vector_weight": wanted.weights.vector,
    }
    terms = [] if words is None else [len(term) for term in words.terms]
    read_words = words is not None and scope.chunks <= SMALL_FOR_WORDS
    read_vectors = vector is not None and not indexed
    if read_words or read_vectors:
        steps.append(ranking.looked(paths=scope.paths is not None, documents=scope.documents is not None))
    if words is not None:
        params |= _word_params(words, scope, wanted)
        steps.append(ranking.matched(terms, read_all=read_words))
    if vector is not None:
        params["vector"] = str(vector.tolist())
        steps.append(ranking.near(len(vector), read_all=read_vectors))
    if words is None:
        steps.append(ranking.BY_NEARNESS)
    elif vector is None:
        steps.append(ranking.by_words(len(terms), as_share=wanted.as_share))
    else:
        steps.append(ranking.by_both(terms))
    steps.append(ranking.best(by_document=wanted.by_document))
    found = ranking.found(
        neighbours=wanted.neighbours > 0,
        indexed=indexed,
        words=words is not None,
        evidence=ranking.evidence(terms, meaning=vector is not None) if wanted.explain else "NULL",
    )
    return await db.read(company_id, f"WITH {', '.join(steps)}{found}", params, _Row)


def _word_params(words: Words, scope: Scope, wanted: ResultOptions) -> dict[str, Any]:
    return {
        "any": words.any,
        "weights": list(words.weights),
        "most": words.most,
        "average": scope.average_length or USUAL_LENGTH,
        "first": words.first,
        "levels": [level for level, _ in words.later],
        "queries": [query for _, query in words.later],
        "enough": wanted.limit,
        **{
            ranking.lexeme(term, i): query
            for term, lexemes in enumerate(words.terms, start=1)
            for i, query in enumerate(lexemes)
        },
    }
