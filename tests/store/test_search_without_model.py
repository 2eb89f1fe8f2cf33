"""Searches by words while the embedding model is not ready."""

import asyncio
from collections.abc import Coroutine
from types import SimpleNamespace
from typing import Any, cast

from lethe.adapters.embedders import Vectors
from lethe.core.context import Context
from lethe.core.limiter import Limiter
from lethe.core.search.pace import Pace
from lethe.core.search.query import Hit, search_documents
from lethe.domain.records.search import HybridWeights, Mode
from lethe.store.database.pool import Database
from tests.store.planted import plant, texts, vectors
from tests.waiting import PATIENCE_SECONDS

A = "a" * 24


async def test_a_search_by_words_does_not_wait_for_the_model(db: Database) -> None:
    await plant(db, A, texts(10))
    loaded = asyncio.Event()

    async def embed(_text: str) -> Vectors:
        await loaded.wait()
        return cast("Vectors", vectors(10, 1)[5])

    ctx = cast(
        "Context",
        SimpleNamespace(
            db=db,
            search_limiter=Limiter(2),
            pace=Pace(),
            embedding_limiter=Limiter(2),
            embed_query=embed,
            hybrid_weights=HybridWeights(0.6, 0.4),
        ),
    )

    def search(mode: Mode) -> Coroutine[Any, Any, list[Hit]]:
        return search_documents(ctx, company_id=A, query="common", mode=mode, top_k=3, node_ids=None)

    waiting = [asyncio.create_task(search(mode)) for mode in (Mode.VECTOR, Mode.HYBRID, Mode.VECTOR)]
    assert len(await asyncio.wait_for(search(Mode.FULL), PATIENCE_SECONDS)) == 3
    assert not any(task.done() for task in waiting)
    loaded.set()
    assert all(await asyncio.gather(*waiting))
