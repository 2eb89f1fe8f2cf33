"""The embeddings of a document wait on disk, not in memory."""

import tracemalloc
from pathlib import Path
from typing import cast

import numpy as np
import orjson

from lethe.adapters.embedders import Embedder, Vectors
from lethe.core.ingestion.embedding import embed, read_vectors

DIMENSION = 1024
CHUNKS = 10_000
"""20 MB of embeddings."""


class Counting:
    """An embedder that gives each passage its number."""

    batch_size = 256
    dimension = DIMENSION

    async def passages(self, texts: list[str]) -> Vectors:
        """Vectors that hold the number."""
        numbers = np.array([int(text) for text in texts], dtype=np.float16)
        return np.repeat(numbers[:, None], DIMENSION, axis=1)


async def test_embeddings_are_never_held_together_and_keep_their_order(tmp_path: Path) -> None:
    with (tmp_path / "chunks.jsonl").open("wb") as file:
        for n in range(CHUNKS):
            file.write(orjson.dumps((n, 0, 1, 1, [], str(n % 2000), 1, "")) + b"\n")
    tracemalloc.start()
    counts = [count async for count in embed(cast("Embedder", Counting()), tmp_path, chunks=CHUNKS)]
    seen = 0
    for batch in read_vectors(tmp_path):
        assert (batch[:, 0] == np.arange(seen, seen + len(batch)) % 2000).all()
        assert batch.dtype == np.float16
        seen += len(batch)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(counts) == seen == CHUNKS
    assert peak < 8_000_000
