"""The embedding model of a process that answers searches."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import structlog

from lethe.adapters.embedders import Embedder, EmbedderSpec, Vectors, open_embedder
from lethe.core import embedding_model
from lethe.domain.errors import OperatorError, Unavailable
from lethe.store.database.pool import Database

log = structlog.get_logger()

_UNUSABLE = (
    "The embedding model of this server cannot be used, so only search by words works: see the server's log."
)


class QueryEmbedder:
    """Embeds queries. Opens the model at the first query, since the local model takes 120 MB and about a second.

    Workers, and servers without searches by meaning, never open it.
    """

    def __init__(self, spec: EmbedderSpec, db: Database, at_once: int) -> None:
        self._spec = spec
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="query")
        self._db = db
        self._opening = asyncio.Lock()
        self._embedder: Embedder | None = None

    async def __call__(self, text: str) -> Vectors:
        """The embedding of a text to search with: float16 [dimension], unit length.

        Raises:
            Unavailable: the model cannot be used, did not make the stored vectors, or is remote and does not answer;
                or the database does not answer.
        """
        try:
            embedder = self._embedder or await self._open()
            return await embedder.query(text)
        except OperatorError as exc:
            log.error("the embedding model cannot be used", reason=str(exc))
            raise Unavailable(_UNUSABLE, retry_after=60) from exc

    async def close(self) -> None:
        """Close the model, if it was opened."""
        if self._embedder is not None:
            await self._embedder.close()
        self._threads.shutdown(wait=False)

    async def _in_thread(self, function: Callable[..., Any], *args: object) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *args)

    async def _open(self) -> Embedder:
        async with self._opening:
            if self._embedder is None:
                embedder = await open_embedder(self._spec, run=self._in_thread)
                try:
                    await embedding_model.require_recorded(self._db, embedder)
                except BaseException:
                    await embedder.close()
                    raise
                self._embedder = embedder
            return self._embedder


@asynccontextmanager
async def open_query_embedder(spec: EmbedderSpec, db: Database, at_once: int) -> AsyncIterator[QueryEmbedder]:
    """An embedder for queries, closed at the end of the block. A local model embeds `at_once` queries in parallel."""
    embedder = QueryEmbedder(spec, db, at_once)
    try:
        yield embedder
    finally:
        await embedder.close()
