"""The embeddings of one document's chunks, a few batches at a time."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from pathlib import Path

from lethe.adapters.embedders import Embedder
from lethe.core.ingestion.prepare import PreparedChunk, read_chunks
from lethe.store.vectors import Vectors

BATCHES_AT_ONCE = 4
"""Batches of one document that are embedded at the same time; the cores are shared by all documents."""

SMALLEST_BATCH = 16


def embed(embedder: Embedder, folder: Path, *, chunks: int) -> AsyncIterator[Vectors]:
    """The embeddings of the prepared chunks, in batches and in their order.

    Large batches cost less each; a small document is spread over the cores all the same.
    """
    size = min(embedder.batch_size, max(SMALLEST_BATCH, -(-chunks // BATCHES_AT_ONCE)))
    return _in_order(embedder, _batches(read_chunks(folder), size))


def _batches(chunks: Iterator[PreparedChunk], size: int) -> Iterator[list[str]]:
    while batch := [chunk.passage for chunk in islice(chunks, size)]:
        yield batch


async def _in_order(embedder: Embedder, batches: Iterator[list[str]]) -> AsyncIterator[Vectors]:
    """The embeddings of the batches in their order, a few batches under way at once."""
    running: list[asyncio.Task[Vectors]] = []
    try:
        while True:
            more = islice(batches, BATCHES_AT_ONCE - len(running))
            running.extend(asyncio.ensure_future(embedder.passages(batch)) for batch in more)
            if not running:
                return
            yield await running.pop(0)
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
