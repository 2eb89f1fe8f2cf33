"""Searches for documents and for chunks; all APIs and the console use them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

from lethe.adapters.embedders import Vectors
from lethe.core.assistants import NO_ASSISTANT
from lethe.core.context import Context
from lethe.core.search import candidates
from lethe.core.search.candidates import MAX_TERMS
from lethe.core.search.citing import Spot, find_spot, spot_of
from lethe.core.search.explanation import Explanation, explain
from lethe.core.search.snippets import Snippet, snippet
from lethe.domain.errors import NotFound
from lethe.domain.json import Json
from lethe.domain.metadata import given
from lethe.domain.records.queries import Condition, MetadataCondition
from lethe.domain.records.search import FoundChunk, Mode
from lethe.store.search import scope as search_scope
from lethe.store.search import statement
from lethe.store.search.scope import Scope
from lethe.store.search.statement import ResultOptions, Words
from lethe.text.languages import LANGUAGES
from lethe.text.lexemes import Term, forget_words, query_lexemes, query_terms

MEANING_CHARACTERS = 2_000
"""How much of a query is embedded: about the length of a chunk, which takes the local model 0.1 s."""

Lookup = Callable[[Sequence[str]], Awaitable[Scope]]
"""Looks up the scope of a search, with the statistics of these lexemes."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A document found by its best chunk, with the snippet that shows why.

    `metadata` is what was sent with the document; `explanation` is None unless requested.
    """

    chunk: FoundChunk
    spot: Spot
    metadata: Mapping[str, Json]
    snippet: Snippet
    explanation: Explanation | None

    @property
    def node_id(self) -> str:
        """The document's id."""
        return self.chunk.node_id

    @property
    def title(self) -> str:
        """The document's title."""
        return self.chunk.title

    @property
    def score(self) -> float:
        """The chunk's score."""
        return self.chunk.score


@dataclass(frozen=True, slots=True)
class ChunkHit:
    """A chunk found, with its explanation if requested."""

    chunk: FoundChunk
    spot: Spot
    explanation: Explanation | None


@dataclass(frozen=True, slots=True)
class Documents:
    """Where to search: a collection (None: all), some of its artifacts (None: all), conditions on their metadata."""

    collection: str | None
    artifacts: Sequence[str] | None
    metadata: Sequence[MetadataCondition]


@dataclass(frozen=True, slots=True)
class Subtree:
    """Where to search: a node and everything below it, conditions on their metadata."""

    node_id: str
    metadata: Sequence[Condition]


@dataclass(frozen=True, slots=True)
class Query:
    """What to search for: `words` by full text, `meaning` by its embedding; either may be None."""

    words: str | None
    meaning: str | None


@dataclass(frozen=True, slots=True)
class _Result:
    """What a search finds in its scope; `terms` are the terms that the chunks were scored by."""

    chunks: list[FoundChunk]
    scope: Scope
    terms: Sequence[Term]


async def search_documents(
    ctx: Context,
    *,
    company_id: str,
    query: str,
    mode: Mode,
    top_k: int,
    node_ids: Sequence[str] | None,
    assistant_id: str | None = None,
    metadata: Sequence[MetadataCondition] = (),
    language: str | None = None,
    explained: bool = False,
) -> list[Hit]:
    """The best documents, each ranked by its best chunk, highest score first.

    Args:
        node_ids: search only these documents and everything below these folders. Unknown ids are ignored, as are those
            of other companies, whose existence must not show. None: search everywhere.
        assistant_id: search only what was assigned to this assistant's workers, and below it.
        metadata: search only documents that meet all of these conditions.
        language: search only documents in this language; None for all languages.
        explained: explain each score.

    Raises:
        NotFound: the company has no such assistant.
        Unavailable: the embedding model is unavailable.
    """

    async def lookup(lexemes: Sequence[str]) -> Scope:
        scope = await search_scope.subtrees(
            ctx.db,
            company_id=company_id,
            node_ids=node_ids,
            assistant_id=assistant_id,
            metadata=metadata,
            languages=LANGUAGES,
            lexemes=lexemes,
            language=language,
        )
        if not scope.assistant_there:
            raise NotFound(NO_ASSISTANT)
        return scope

    asked = Query(query if mode is not Mode.VECTOR else None, query if mode is not Mode.FULL else None)
    wanted = ResultOptions(top_k, ctx.hybrid_weights, explain=explained)
    with ctx.pace.timed(company_id):
        found = await _search(ctx, company_id, asked, lookup, wanted)
    lexemes = _lexemes_of(query, found.scope)
    hits = []
    for chunk in found.chunks:
        shown = snippet(chunk.text, lexemes, chunk.language)
        spot = spot_of(chunk, shown)
        why = explain(chunk, found.terms, wanted.weights)
        hits.append(Hit(chunk, spot, given(chunk.metadata), shown, why))
    forget_words()
    return hits


async def languages(ctx: Context, *, company_id: str) -> Sequence[str]:
    """The languages of the company's documents."""
    return await search_scope.spoken(ctx.db, company_id=company_id, languages=LANGUAGES)


async def search_chunks(
    ctx: Context,
    *,
    company_id: str,
    query: Query,
    within: Documents | Subtree | None,
    limit: int,
    least: float | None,
    neighbours: int,
    explained: bool = False,
) -> list[ChunkHit]:
    """The best chunks, highest score first. Scores are 0 to 1: the cosine, BM25 as a share of its maximum, or both
    weighted.

    Args:
        within: the documents to search; None for all of the company.
        least: the lowest score of a result; None, 0 or less for any.
        neighbours: how many chunks before and after each result to return with it.
        explained: explain each score.
    """

    async def lookup(lexemes: Sequence[str]) -> Scope:
        if not isinstance(within, Documents):
            return await search_scope.subtrees(
                ctx.db,
                company_id=company_id,
                node_ids=None if within is None else [within.node_id],
                assistant_id=None,
                metadata=() if within is None else within.metadata,
                languages=LANGUAGES,
                lexemes=lexemes,
            )
        return await search_scope.documents(
            ctx.db,
            company_id=company_id,
            collection=within.collection,
            artifacts=within.artifacts,
            metadata=within.metadata,
            languages=LANGUAGES,
            lexemes=lexemes,
        )

    wanted = ResultOptions(
        limit,
        ctx.hybrid_weights,
        by_document=False,
        least=least if least is not None and least > 0 else None,
        neighbours=neighbours,
        as_share=True,
        explain=explained,
    )
    with ctx.pace.timed(company_id):
        found = await _search(ctx, company_id, query, lookup, wanted)
    lexemes = _lexemes_of(query.words or query.meaning or "", found.scope)
    hits = []
    for raw in found.chunks:
        chunk = replace(raw, score=min(max(0.0, raw.score), 1.0))  # clients of this API reject others
        spot = find_spot(chunk, lexemes)
        hits.append(ChunkHit(chunk, spot, explain(chunk, found.terms, wanted.weights)))
        await asyncio.sleep(0)  # so that other requests proceed: a spot may take 2 ms, and there may be 100
    forget_words()
    return hits


async def _search(
    ctx: Context, company_id: str, query: Query, lookup: Lookup, wanted: ResultOptions
) -> _Result:
    vector = None
    if query.meaning is not None:  # a limiter of its own: searches by words never wait for the model
        async with ctx.embedding_limiter.turn(company_id, "searches", nullcontext()):
            vector = await ctx.embed_query(query.meaning[:MEANING_CHARACTERS].replace("\0", " "))
    async with ctx.search_limiter.turn(company_id, "searches", ctx.db.place(company_id)):
        return await _rank(ctx, company_id, query, vector, lookup=lookup, wanted=wanted)


async def _rank(
    ctx: Context,
    company_id: str,
    query: Query,
    vector: Vectors | None,
    *,
    lookup: Lookup,
    wanted: ResultOptions,
) -> _Result:
    text = query.words or ""
    scope = await lookup(list(query_lexemes(text)))
    terms = _terms(text, scope)
    words, terms = _words(terms, scope) if terms else (None, terms)
    if scope.chunks == 0 or (words is None and vector is None):
        return _Result([], scope, terms)
    found = await statement.rank(
        ctx.db, company_id=company_id, scope=scope, words=words, vector=vector, wanted=wanted
    )
    return _Result(found, scope, terms)


def _terms(query: str, scope: Scope) -> list[Term]:
    return query_terms(query, scope.languages, scope.spoken)


def _lexemes_of(query: str, scope: Scope) -> frozenset[str]:
    """All forms of all words of a query."""
    return frozenset(lexeme for term in _terms(query, scope) for lexeme in term.lexemes)


def _words(terms: list[Term], scope: Scope) -> tuple[Words, list[Term]]:
    """How to search for the terms, and which of them are searched for."""
    if scope.chunks <= statement.SMALL_FOR_WORDS:
        few = terms[:MAX_TERMS]
        return Words([_lexemes(t) for t in few], candidates.any_of(few), [t.weight for t in few]), few
    chosen = candidates.plan(terms, scope.chunks_with, max(scope.counted or 0, scope.chunks))
    words = Words(
        [_lexemes(term) for term in chosen.terms],
        candidates.any_of(chosen.terms),
        chosen.idf,
        chosen.most,
        chosen.first,
        [(later.above, later.query) for later in chosen.later],
    )
    return words, list(chosen.terms)


def _lexemes(term: Term) -> list[str]:
    return [candidates.tsquery(Term((lexeme,))) for lexeme in term.lexemes]
