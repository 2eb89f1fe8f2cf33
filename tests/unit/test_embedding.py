"""The embeddings of a document wait on disk, not in memory; what recurs is embedded once."""

import tracemalloc
from collections.abc import Iterable
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
    """An embedder that gives each passage its number, and keeps what it was asked for."""

    batch_size = 256
    dimension = DIMENSION

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    async def passages(self, texts: list[str]) -> Vectors:
        """Vectors that hold the number."""
        self.asked.append(texts)
        numbers = np.array([int(text) for text in texts], dtype=np.float16)
        return np.repeat(numbers[:, None], DIMENSION, axis=1)


def prepare(folder: Path, passages: Iterable[int]) -> None:
    """Write chunks with these passages as a reader would."""
    with (folder / "chunks.jsonl").open("wb") as file:
        for n, passage in enumerate(passages):
            file.write(orjson.dumps((n, 0, 1, 1, [], str(passage), 1, "")) + b"\n")


async def test_embeddings_are_never_held_together_and_keep_their_order(tmp_path: Path) -> None:
    prepare(tmp_path, (n % 2000 for n in range(CHUNKS)))
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


async def test_passages_that_are_the_same_are_embedded_once_a_batch(tmp_path: Path) -> None:
    passages = [7, 8, 7, 7, 9, 8] * 200
    prepare(tmp_path, passages)
    embedder = Counting()
    counts = [count async for count in embed(cast("Embedder", embedder), tmp_path, chunks=len(passages))]
    assert [sorted(asked) for asked in embedder.asked] == [["7", "8", "9"]] * len(counts)
    found = np.concatenate([*read_vectors(tmp_path)])
    assert found.shape == (len(passages), DIMENSION)
    assert found[:, 0].tolist() == found[:, -1].tolist() == passages
