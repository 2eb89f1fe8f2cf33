"""Reading the content of documents, as a whole or in pieces.

An answer is complete before any of it is sent (adapters/spool.py). Large answers are made in threads, only a few at
once, from a few documents at a time. No document is half old and half new; one deleted meanwhile is left out.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import orjson

from lethe.adapters.spool import Spool
from lethe.core.content.spooling import spooled
from lethe.core.content.texts import NodeFilter, Piece, Text, together
from lethe.core.context import Context
from lethe.domain.errors import LimitExceeded, NotFound
from lethe.domain.records.documents import LiveDocument
from lethe.domain.records.queries import MetadataCondition
from lethe.store import documents
from lethe.store.database.transactions import Tx

SMALL_NODES = 1_000
SMALL_CHARACTERS = 1024 * 1024
"""Content up to both limits is made at once, in a few milliseconds, without waiting for a slot."""

_NAMED = 10
"""How many missing artifacts an error lists."""
_GROUP_CHARACTERS = 4 * 1024 * 1024
"""About how much text is read at a time."""
_LOOKED_THROUGH = 4
"""A filter may look through this many times the nodes that an answer may contain."""

_FEWER = "ask for fewer documents (context_filter.artifacts)"
_PARTS = f"{_FEWER}, or for parts of them (filter.node_ids, filter.include)"


@dataclass(frozen=True, slots=True)
class ContextFilter:
    """Which documents: a collection, some of its artifacts (None: all), conditions on their metadata."""

    collection: str
    artifacts: Sequence[str] | None
    metadata: Sequence[MetadataCondition]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which content is wanted, and in which form.

    `make` yields the answer in parts; its second argument is a function that raises if that many bytes would not fit.
    `per_piece`: the answer consists of pieces of this many tokens, each with the document's metadata twice.
    """

    context: ContextFilter
    nodes: NodeFilter | None
    make: Callable[[Iterator[Text], Callable[[int], None]], Iterator[bytes]]
    as_tree: bool = False
    per_piece: int | None = None

    @property
    def needs_blocks(self) -> bool:
        return self.as_tree or self.nodes is not None or self.per_piece is not None

    def bytes_about(self, document: LiveDocument) -> int:
        if self.per_piece is None:
            return document.characters
        pieces = 1 + document.characters // self.per_piece
        return 2 * document.characters + 2 * pieces * len(orjson.dumps(document.metadata))


async def read_content(
    ctx: Context,
    *,
    company_id: str,
    context: ContextFilter,
    nodes: NodeFilter | None,
    as_tree: bool,
    encode: Callable[[Iterator[tuple[str, Iterator[bytes]]]], Iterator[bytes]],
) -> Spool:
    """Artifact and content (markdown or a tree in JSON) of each document, encoded by `encode`. Close it after use.

    Raises:
        NotFound: an artifact named in the filter does not exist.
        LimitExceeded: more documents, nodes, text or bytes than one answer may have.
        Unavailable: too many large contents are being made, or are waiting for their clients to read them.
    """

    def contents(found: Iterator[Text]) -> Iterator[tuple[str, Iterator[bytes]]]:
        count = 0
        for text in found:
            chosen = text.choose(nodes)
            if as_tree:
                count += text.document.blocks if chosen is None else len(chosen)
                _check(count, ctx.limits.content_nodes, "nodes", _PARTS)
            yield text.document.artifact, text.tree(chosen) if as_tree else text.markdown(chosen)

    wanted = _Wanted(context, nodes, lambda found, _room: encode(contents(found)), as_tree=as_tree)
    return await _made(ctx, wanted, company_id=company_id, advice=_PARTS)


async def read_pieces(
    ctx: Context,
    *,
    company_id: str,
    context: ContextFilter,
    nodes: NodeFilter | None,
    max_tokens: int | None,
    encode: Callable[[Iterator[Piece]], Iterator[bytes]],
) -> Spool:
    """The documents' text in pieces of at most `max_tokens` tokens, in order, encoded by `encode`. Close it after use.

    Raises as `read_content`.
    """
    tokens = max_tokens or ctx.limits.piece_tokens
    advice = f"ask for larger pieces (max_tokens), {_PARTS}"

    def pieces(found: Iterator[Text], require_room: Callable[[int], None]) -> Iterator[Piece]:
        count = 0
        for text in found:
            # Make all pieces of a document before writing the first, so that an excess is known early.
            each = 2 * len(orjson.dumps(text.document.metadata))
            size, made = 0, []
            for piece in text.pieces(text.choose(nodes), tokens):
                size += each + 2 * len(piece.text)
                require_room(size)
                count += 1
                _check(count, ctx.limits.content_pieces, "pieces", advice)
                made.append(piece)
            yield from made

    wanted = _Wanted(context, nodes, lambda found, room: encode(pieces(found, room)), per_piece=tokens)
    return await _made(ctx, wanted, company_id=company_id, advice=advice)


async def _made(ctx: Context, wanted: _Wanted, *, company_id: str, advice: str) -> Spool:
    async with spooled(ctx, company_id=company_id, advice=advice) as spool:
        if not await _make_small(ctx, wanted, spool, company_id):
            async with ctx.content_limiter.turn(company_id, "large contents", ctx.db.place(company_id)):
                await _make_large(ctx, wanted, spool, company_id)
    return spool


async def _make_small(ctx: Context, wanted: _Wanted, spool: Spool, company_id: str) -> bool:
    """Write the answer if it is small; otherwise write nothing and return False."""
    async with ctx.db.snapshot(company_id) as tx:
        found = await _find(ctx, tx, wanted)
        if not _is_small(found, wanted):
            return False
        # In the same snapshot, so that no document is half old and half new.
        parts = await documents.parts(tx, node_ids=[d.node_id for d in found])
    answer = wanted.make(together(found, parts), spool.require_room)
    if wanted.per_piece is None:
        spool.write_all(answer)
    else:  # counting tokens is slow
        await asyncio.to_thread(spool.write_all, answer)
    return True


async def _make_large(ctx: Context, wanted: _Wanted, spool: Spool, company_id: str) -> None:
    """Write the answer in a thread, which fetches each group of documents when it needs it.

    A call that waits for its turn holds neither content nor a connection, so the documents are looked up again here.
    """
    async with ctx.db.snapshot(company_id) as tx:
        groups = list(_groups(await _find(ctx, tx, wanted)))
    loop = asyncio.get_running_loop()

    async def fetch(artifacts: Sequence[str]) -> Iterator[Text]:
        some = ContextFilter(wanted.context.collection, artifacts, wanted.context.metadata)
        async with ctx.db.snapshot(company_id) as tx:
            found = await _select(tx, some, limit=len(artifacts), metadata=wanted.per_piece is not None)
            if wanted.context.artifacts is not None:
                await _require_all(tx, some, found)
            parts = await documents.parts(
                tx,
                node_ids=[d.node_id for d in found],
                with_blocks=wanted.needs_blocks,
            )
        return together(found, parts)

    texts = chain.from_iterable(
        asyncio.run_coroutine_threadsafe(fetch(group), loop).result() for group in groups
    )
    await asyncio.to_thread(spool.write_all, wanted.make(texts, spool.require_room))


async def _find(ctx: Context, tx: Tx, wanted: _Wanted) -> list[LiveDocument]:
    """The matching documents, checked against the limits. Raises NotFound or LimitExceeded."""
    limits, context = ctx.limits, wanted.context
    found = await _select(
        tx,
        context,
        limit=limits.content_documents + 1,
        metadata=wanted.per_piece is not None,
    )
    if context.artifacts is not None:
        await _require_all(tx, context, found)
    _check(len(found), limits.content_documents, "documents", _FEWER)
    _check(sum(d.characters for d in found), limits.content_characters, "characters of text", _FEWER)
    if wanted.nodes is not None:
        nodes = max((d.blocks for d in found), default=0)
        if nodes > (most := _LOOKED_THROUGH * limits.content_nodes):
            raise LimitExceeded(
                f"A filter can only search documents of up to {most:,} nodes, and one has {nodes:,}: request its "
                "whole markdown, or its chunked-content."
            )
    elif wanted.as_tree:
        _check(sum(d.blocks for d in found), limits.content_nodes, "nodes", f"{_PARTS} or for markdown")
    return found


async def _select(tx: Tx, context: ContextFilter, *, limit: int, metadata: bool) -> list[LiveDocument]:
    return await documents.select(
        tx,
        collection=context.collection,
        artifacts=context.artifacts,
        metadata=context.metadata,
        limit=limit,
        with_metadata=metadata,
    )


def _is_small(found: Sequence[LiveDocument], wanted: _Wanted) -> bool:
    return (
        sum(d.blocks for d in found) <= SMALL_NODES
        and sum(wanted.bytes_about(d) for d in found) <= SMALL_CHARACTERS
    )


def _groups(found: Iterable[LiveDocument]) -> Iterator[list[str]]:
    """The documents' artifacts, grouped as their texts are read."""
    group: list[str] = []
    size = 0
    for document in found:
        if group and size + document.characters > _GROUP_CHARACTERS:
            yield group
            group, size = [], 0
        group.append(document.artifact)
        size += document.characters
    if group:
        yield group


async def _require_all(tx: Tx, context: ContextFilter, found: Sequence[LiveDocument]) -> None:
    wanted = set(context.artifacts or ())
    if wanted <= {d.artifact for d in found}:
        return
    # A document that exists but does not meet the conditions is left out; a missing one is an error.
    there = await documents.names(tx, collection=context.collection, artifacts=sorted(wanted))
    if missing := sorted(wanted - there):
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        raise NotFound(f"Document not found in collection: {', '.join(missing[:_NAMED])}{more}")


def _check(count: int, most: int, what: str, advice: str) -> None:
    if count > most:
        raise LimitExceeded(f"The answer would have more than {most:,} {what}: {advice}.")
