"""A document for a human reader: one slice of its text at a time, with the chunks that begin in it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import orjson

from lethe.core.context import Context
from lethe.core.tree.nodes import NOT_THERE
from lethe.domain.errors import NotFound
from lethe.domain.records.blocks import BlockType
from lethe.store.documents import StoredPart
from lethe.store.tree import viewing
from lethe.store.tree.viewing import PastTask, Viewed, ViewedChunk

__all__ = ["Viewed"]

SLICE_CHARACTERS = 16 * 1024
"""About how much text is shown at a time; a slice ends where a block does."""
MOST_HEADINGS = 300
CHUNKS_AT_ONCE = 50
_CHUNKS_OF_A_SLICE = 500
_TASKS = 20
_INSIDE = {BlockType.LIST_ITEM, BlockType.TABLE_ROW}


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the outline; `offset` is its position in the text."""

    level: int
    title: str
    offset: int


@dataclass(frozen=True, slots=True)
class Slice:
    """A run of a document's text. `before` and `after` are offsets in the neighbouring slices, None at either end.

    `turns`: for each page, slide, sheet or part, the offset in `text` at which it begins, and its number.
    """

    text: str
    start: int
    before: int | None
    after: int | None
    chunks: Sequence[ViewedChunk]
    turns: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a page about a document shows besides its text."""

    outline: Sequence[Heading]
    history: Sequence[PastTask]
    assistants: Sequence[str]


async def find(ctx: Context, *, company_id: str, node_id: str) -> Viewed | None:
    """A live document; None while it has no content."""
    return await viewing.find(ctx.db, company_id=company_id, node_id=node_id)


async def read(ctx: Context, document: Viewed, *, company_id: str, offset: int) -> Slice:
    """The slice that contains the character `offset`. Raises NotFound when the document has been deleted."""
    part = await viewing.part_at(ctx.db, company_id=company_id, node_id=document.node_id, offset=offset)
    if part is None:
        raise NotFound(NOT_THERE)
    start, stop, turns = await asyncio.to_thread(_around, part, offset)
    first, last = part.start + start, part.start + stop
    chunks = await viewing.chunks(
        ctx.db,
        company_id=company_id,
        node_id=document.node_id,
        where=(first, last),
        limit=_CHUNKS_OF_A_SLICE,
    )
    return Slice(
        part.text[start:stop],
        first,
        first - 1 if first else None,
        last if last < document.characters else None,
        chunks,
        turns,
    )


async def facts(ctx: Context, *, company_id: str, node_id: str) -> Facts:
    """Outline, history and assistants of a live node."""
    parts = await viewing.outlined(ctx.db, company_id=company_id, node_id=node_id)
    return Facts(
        await asyncio.to_thread(_outline, parts),
        await viewing.history(ctx.db, company_id=company_id, node_id=node_id, limit=_TASKS),
        await viewing.assistants_with(ctx.db, company_id=company_id, node_id=node_id),
    )


async def chunks(
    ctx: Context, *, company_id: str, node_id: str, first: int
) -> tuple[list[ViewedChunk], int | None]:
    """A page of chunks from number `first` on, and the number of the first chunk of the next page, if any."""
    found = await viewing.chunks(
        ctx.db, company_id=company_id, node_id=node_id, where=None, first=first, limit=CHUNKS_AT_ONCE + 1
    )
    more = len(found) > CHUNKS_AT_ONCE
    return found[:CHUNKS_AT_ONCE], found[CHUNKS_AT_ONCE].position if more else None


async def start_of_chunk(ctx: Context, *, company_id: str, node_id: str, position: int) -> int:
    """Where a chunk begins in the text; 0 if there is no such chunk."""
    found = await viewing.chunks(
        ctx.db, company_id=company_id, node_id=node_id, where=None, first=position, limit=1
    )
    return found[0].start if found else 0


def _around(part: StoredPart, offset: int) -> tuple[int, int, list[tuple[int, int]]]:
    """Start and end, within the part, of the slice that holds this character, and the slice's pages (see `_turns`).

    Takes up to 50 ms for a part of many short blocks.
    """
    blocks = orjson.loads(part.blocks)
    cuts = _cuts(part, blocks)
    start, stop = next(
        ((a, b) for a, b in pairwise(cuts) if part.start + a <= offset < part.start + b), (cuts[-2], cuts[-1])
    )
    return start, stop, _turns(part, blocks, start, stop)


def _cuts(part: StoredPart, blocks: Sequence[Sequence[Any]]) -> list[int]:
    """The offsets in a part at which slices begin, and the end of the part."""
    kinds = {number: kind for number, kind, *_ in blocks}
    whole = {BlockType.SECTION.value, None}
    cuts, last = [0], len(part.text)
    for _, kind, parent, start, *_ in blocks:
        at = start - part.start
        if (
            at - cuts[-1] >= SLICE_CHARACTERS
            and at < last
            and kind not in _INSIDE
            and kinds.get(parent) in whole
        ):
            cuts.append(at)
    return [*cuts, last]


def _turns(part: StoredPart, blocks: Sequence[Sequence[Any]], start: int, stop: int) -> list[tuple[int, int]]:
    """The pages of a slice: offset and number of each, beginning with the slice's first. Empty without pages."""
    turns: list[tuple[int, int]] = []
    for _, _, _, at, _, _, *place in blocks:
        offset = at - part.start - start
        number = place[0] if place else 0
        if 0 <= offset < stop - start and number and (not turns or turns[-1][1] != number):
            turns.append((offset, number))
    return turns


def _outline(parts: Sequence[StoredPart]) -> list[Heading]:
    found: list[Heading] = []
    for part in parts:
        for _, kind, _, start, end, level, *_ in orjson.loads(part.blocks):
            if kind == BlockType.SECTION:
                line = part.text[start - part.start : end - part.start]
                title = line.strip().strip("#").strip() or line.strip()
                found.append(Heading(level, title.splitlines()[0] if title else "", start))
                if len(found) == MOST_HEADINGS:
                    return found
    return found
