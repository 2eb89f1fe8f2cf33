"""The embeddings of one document's chunks, a few batches at a time; they wait on disk until they are stored."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from itertools import islice
from pathlib import Path

import numpy as np

from lethe.adapters.embedders import Embedder
from lethe.core.ingestion.prepare import PreparedChunk, read_chunks
from lethe.store.vectors import Vectors

BATCHES_AT_ONCE = 4
"""Batches of one document that are embedded at the same time; the cores are shared by all documents."""

SMALLEST_BATCH = 16
_VECTORS = "vectors"


async def embed(embedder: Embedder, folder: Path, *, chunks: int) -> AsyncIterator[int]:
    """Write the embeddings of the prepared chunks into the folder, to be read by `read_vectors`; of how many each time.

    Large batches cost less each; a small document is spread over the cores all the same.
    """
    size = min(embedder.batch_size, max(SMALLEST_BATCH, -(-chunks // BATCHES_AT_ONCE)))
    with (folder / _VECTORS).open("wb") as file:
        async with aclosing(_in_order(embedder, _batches(read_chunks(folder), size))) as batches:
            async for batch in batches:
                await asyncio.to_thread(np.save, file, batch, allow_pickle=False)
                yield len(batch)


def read_vectors(folder: Path) -> Iterator[Vectors]:
    """The embeddings that `embed` wrote, by batch, in the order of the chunks."""
    path = folder / _VECTORS
    size = path.stat().st_size
    with path.open("rb") as file:
        while file.tell() < size:
            yield np.load(file, allow_pickle=False)


def _batches(chunks: Iterator[PreparedChunk], size: int) -> Iterator[list[str]]:
    while batch := [chunk.passage for chunk in islice(chunks, size)]:
        yield batch


async def _in_order(embedder: Embedder, batches: Iterator[list[str]]) -> AsyncGenerator[Vectors]:
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
