"""Embeds one document's chunks, a few batches at a time; the results stay on disk until they are stored."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from itertools import islice
from pathlib import Path

import numpy as np

from lethe.adapters.embedders import Embedder
from lethe.core.ingestion.prepare import PreparedChunk, read_chunks
from lethe.store.database.vectors import Vectors

BATCHES_AT_ONCE = 4
"""Batches of one document embedded at the same time; all documents share the cores."""

SMALLEST_BATCH = 16
_VECTORS = "vectors"


async def embed(embedder: Embedder, folder: Path, *, chunks: int) -> AsyncIterator[int]:
    """Write the embeddings of the prepared chunks to the folder, for `read_vectors`; yields the size of each batch.

    Large batches cost less per chunk; small documents are still spread over the cores.
    """
    size = min(embedder.batch_size, max(SMALLEST_BATCH, -(-chunks // BATCHES_AT_ONCE)))
    with (folder / _VECTORS).open("wb") as file:
        async with aclosing(_in_order(embedder, _batches(read_chunks(folder), size))) as batches:
            async for batch in batches:
                await asyncio.to_thread(np.save, file, batch, allow_pickle=False)
                yield len(batch)


def read_vectors(folder: Path) -> Iterator[Vectors]:
    """The embeddings that `embed` wrote, in batches, in the order of the chunks."""
    path = folder / _VECTORS
    size = path.stat().st_size
    with path.open("rb") as file:
        while file.tell() < size:
            yield np.load(file, allow_pickle=False)


def _batches(chunks: Iterator[PreparedChunk], size: int) -> Iterator[list[str]]:
    while batch := [chunk.passage for chunk in islice(chunks, size)]:
        yield batch


async def _in_order(embedder: Embedder, batches: Iterator[list[str]]) -> AsyncGenerator[Vectors]:
    """The embeddings of the batches in order, a few batches under way at once."""
    running: list[asyncio.Task[Vectors]] = []
    try:
        while True:
            more = islice(batches, BATCHES_AT_ONCE - len(running))
            running.extend(asyncio.ensure_future(_each_once(embedder, batch)) for batch in more)
            if not running:
                return
            yield await running.pop(0)
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _each_once(embedder: Embedder, batch: list[str]) -> Vectors:
    """The embeddings of a batch. Identical passages, such as recurring rows and notices, are embedded only once."""
    places = {passage: place for place, passage in enumerate(dict.fromkeys(batch))}
    vectors = await embedder.passages([*places])
    return vectors if len(places) == len(batch) else vectors[[places[passage] for passage in batch]]
