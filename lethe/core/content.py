"""Reading documents: the list of a collection, their content, their content in pieces."""

import asyncio
import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

import orjson

from lethe.core import chunking, cursors, selection
from lethe.core.context import Context
from lethe.domain.document import Block, BlockType
from lethe.domain.errors import LimitExceeded, NotFound
from lethe.domain.file_types import place_kind
from lethe.domain.records import Json, LiveDocument, MetadataCondition
from lethe.store import documents
from lethe.store.connections import Connection
from lethe.store.documents import StoredPart

T = TypeVar("T")

SMALL_NODES = 1_000
SMALL_CHARACTERS = 1024 * 1024
"""Content up to both is made at once, in a few milliseconds, and waits for nobody."""

_NAMED = 10
"""How many missing artifacts an error names."""


@dataclass(frozen=True, slots=True)
class ContextFilter:
    """Which documents: a collection, some of its artifacts (None: all), conditions on their metadata."""

    collection: str
    artifacts: Sequence[str] | None
    metadata: Sequence[MetadataCondition]


@dataclass(frozen=True, slots=True)
class NodeFilter:
    """Which nodes of a document's tree; see core/selection.py for what it means."""

    include: frozenset[BlockType] | None = None
    exclude: frozenset[BlockType] | None = None
    node_ids: frozenset[str] | None = None
    include_children: bool = True
    include_ancestors: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A live document with its text and tree."""

    document: LiveDocument
    text: str
    blocks: list[Block]

    def node_id(self, number: int) -> str:
        """The id of the block of this number: stable as long as the content is, and no other document's."""
        return f"{self._id}-{number:x}"

    def piece_id(self, filtered: str, start: int, stop: int) -> str:
        """The id of a run of the text, or of what a filter left of it, whose hash is `filtered` then: as stable,
        and no other text's."""
        return f"{self._id}{filtered}@{start:x}-{stop:x}"

    def place(self, number: int) -> Mapping[str, Json]:
        """Where the page, slide, sheet or part of this number is: `{"page": 3}`, `{"sheet": "Sales"}`, the number
        where there is no name; empty for 0."""
        names = self.document.places or {}
        return {place_kind(self.document.file_type): names.get(str(number), number)} if number else {}

    @property
    def _id(self) -> str:
        return f"{self.document.node_id[-8:]}{self.document.hash[:12]}"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a document's text for chunked-content. `place`: where it begins, see `Text.place`."""

    id: str
    document: LiveDocument
    text: str
    start: int
    place: Mapping[str, Json]


async def list_documents(
    ctx: Context, *, company_id: str, collection: str, limit: int | None, cursor: str | None
) -> tuple[list[LiveDocument], str | None]:
    """Documents of a collection in order of creation, and the cursor of the next page if there is one."""
    page = await documents.page(
        ctx.db,
        company_id=company_id,
        collection=collection,
        after=cursors.decode(cursor) if cursor else None,
        limit=None if limit is None else limit + 1,
    )
    if limit is None or len(page) <= limit:
        return page, None
    return page[:limit], cursors.encode(page[limit - 1].created_at, page[limit - 1].node_id)


async def read_content(
    ctx: Context,
    *,
    company_id: str,
    context: ContextFilter,
    nodes: NodeFilter | None,
    as_tree: bool,
    encode: Callable[[Iterator[tuple[str, Json]]], T],
) -> T:
    """Artifact and content of each document, markdown or its tree, as `encode` puts them; that may be in a thread.

    Raises:
        NotFound: an artifact named in the filter is not there.
        LimitExceeded: more documents, nodes or text than one answer may have.
        Unavailable: too many large contents are asked for at once.
    """

    def make(found: Iterator[Text]) -> T:
        return encode(_contents(found, nodes, as_tree))

    return await _made(ctx, make, company_id=company_id, context=context)


async def read_pieces(
    ctx: Context,
    *,
    company_id: str,
    context: ContextFilter,
    nodes: NodeFilter | None,
    max_tokens: int | None,
    encode: Callable[[Iterator[Piece]], T],
) -> T:
    """The documents' text in pieces of at most `max_tokens` tokens, in order, as `encode` puts them, in a thread.

    Raises as `read_content`.
    """

    def make(found: Iterator[Text]) -> T:
        pieces = _pieces(found, nodes, max_tokens or ctx.limits.piece_tokens)
        return encode(_at_most(ctx.limits.content_pieces, pieces))

    return await _made(ctx, make, company_id=company_id, context=context, count_tokens=True)


def _contents(found: Iterator[Text], nodes: NodeFilter | None, as_tree: bool) -> Iterator[tuple[str, Json]]:
    for doc in found:
        chosen = _choose(doc, nodes)
        if as_tree:
            tree = selection.to_tree(doc.text, doc.blocks, chosen, node_id=doc.node_id, place=doc.place)
            yield doc.document.artifact, tree
        else:
            yield doc.document.artifact, selection.to_markdown(doc.text, doc.blocks, chosen)


def _pieces(found: Iterator[Text], nodes: NodeFilter | None, max_tokens: int) -> Iterator[Piece]:
    for doc in found:
        chosen = _choose(doc, nodes)
        text = selection.to_markdown(doc.text, doc.blocks, chosen)
        blocks = doc.blocks if chosen is None else None
        filtered = "" if chosen is None else f".{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        places = selection.places(doc.text, doc.blocks, chosen)
        for start, stop in chunking.pieces(text, blocks, max_tokens):
            at = bisect_right(places, start, key=lambda place: place[0])
            place = doc.place(places[max(0, at - 1)][1] if places else 0)
            yield Piece(doc.piece_id(filtered, start, stop), doc.document, text[start:stop], start, place)


async def _made(
    ctx: Context,
    make: Callable[[Iterator[Text]], T],
    *,
    company_id: str,
    context: ContextFilter,
    count_tokens: bool = False,
) -> T:
    """What is made of the documents' content: of much of it in a thread, by few at once.

    Who waits for a turn holds neither content nor a connection, so what is there is looked up again after it.
    """
    async with ctx.db.snapshot(company_id) as conn:
        found = await _find(ctx, conn, company_id, context)
        small = _are_small(found)
        parts = await _parts(conn, company_id, found) if small else []
    if small:
        texts = _assembled(found, parts)
        return await asyncio.to_thread(make, texts) if count_tokens else make(texts)
    async with ctx.content_slots.turn(company_id, "large contents"):
        async with ctx.db.snapshot(company_id) as conn:
            found = await _find(ctx, conn, company_id, context)
            parts = await _parts(conn, company_id, found)
        return await asyncio.to_thread(make, _assembled(found, parts))


async def _find(
    ctx: Context, conn: Connection, company_id: str, context: ContextFilter
) -> list[LiveDocument]:
    """The documents, in a snapshot: with their parts all of one moment, none is half old and half new."""
    limits = ctx.limits
    found = await documents.select(
        conn,
        company_id=company_id,
        collection=context.collection,
        artifacts=context.artifacts,
        metadata=context.metadata,
        limit=limits.content_documents + 1,
    )
    if context.artifacts is not None:
        await _require_all(conn, company_id, context, found)
    _check(len(found), limits.content_documents, "documents")
    _check(sum(d.characters for d in found), limits.content_characters, "characters of text")
    _check(sum(d.blocks for d in found), limits.content_nodes, "nodes")
    return found


def _are_small(found: Sequence[LiveDocument]) -> bool:
    return (
        sum(d.blocks for d in found) <= SMALL_NODES and sum(d.characters for d in found) <= SMALL_CHARACTERS
    )


async def _parts(conn: Connection, company_id: str, found: Sequence[LiveDocument]) -> list[StoredPart]:
    return await documents.parts(conn, company_id=company_id, node_ids=[d.node_id for d in found])


async def _require_all(
    conn: Connection, company_id: str, context: ContextFilter, found: Sequence[LiveDocument]
) -> None:
    wanted = set(context.artifacts or ())
    if wanted <= {d.artifact for d in found}:
        return
    # A document that is there but does not meet the conditions is left out; one that is not there is an error.
    there = await documents.names(
        conn, company_id=company_id, collection=context.collection, artifacts=sorted(wanted)
    )
    if missing := sorted(wanted - there):
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        raise NotFound(f"Document not found in collection: {', '.join(missing[:_NAMED])}{more}")


def _at_most(most: int, pieces: Iterator[Piece]) -> Iterator[Piece]:
    for count, piece in enumerate(pieces, start=1):
        _check(count, most, "pieces")
        yield piece


def _check(count: int, most: int, what: str) -> None:
    if count > most:
        raise LimitExceeded(f"The answer would have more than {most:,} {what}: ask for less.")


def _assembled(found: Sequence[LiveDocument], parts: Sequence[StoredPart]) -> Iterator[Text]:
    by_node = {node_id: list(group) for node_id, group in groupby(parts, key=lambda p: p.node_id)}
    return (_assemble(document, by_node.get(document.node_id, [])) for document in found)


def _assemble(document: LiveDocument, parts: Sequence[StoredPart]) -> Text:
    blocks = [
        Block(number, BlockType(kind), *rest)
        for part in parts
        for number, kind, *rest in orjson.loads(part.blocks)
    ]
    return Text(document, "".join(part.text for part in parts), blocks)


def _choose(doc: Text, nodes: NodeFilter | None) -> frozenset[int] | None:
    """The numbers of the chosen blocks; None for all of them."""
    if nodes is None:
        return None
    numbers = None
    if nodes.node_ids is not None:
        every = (selection.ROOT_NUMBER, *(b.number for b in doc.blocks))
        numbers = {number for number in every if doc.node_id(number) in nodes.node_ids}
    return selection.select(
        doc.blocks,
        include=nodes.include,
        exclude=nodes.exclude,
        numbers=numbers,
        include_children=nodes.include_children,
        include_ancestors=nodes.include_ancestors,
    )
