"""Lends connections from a pool: at most one per task at a time, and always in a clean state."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import psycopg
from psycopg.pq import PipelineStatus
from psycopg_pool import AsyncConnectionPool

from lethe.store.database.connections import Connection


@dataclass(slots=True)
class _Held:
    """A pool connection in use; `done` once it has been returned."""

    of: object
    done: bool = False


_held: ContextVar[_Held | None] = ContextVar("held", default=None)
"""The connection held by this task, or by the task that started it."""


@asynccontextmanager
async def lent(database: object, pool: AsyncConnectionPool[Connection]) -> AsyncIterator[Connection]:
    """A connection from one of the database's pools. It is closed rather than returned in an unclean state.

    When a task is cancelled while entering a pipeline, psycopg 3.3.9 leaves the connection in pipeline mode, and every
    later transaction on it fails. This happens when the event loop is busy, and was seen on a full disk too. A
    pipeline that was cancelled, or that failed without a rollback, leaves statements in psycopg's cache that the
    server never prepared: it did not receive them, or timed out waiting for a lock. Using one of them later on the
    same connection fails with InvalidSqlStatementName.

    Raises RuntimeError for a second connection while one is held: if every holder asked for another, all would wait
    for each other until they time out.
    """
    outer = _held.get()
    if outer is not None and outer.of is database and not outer.done:
        raise RuntimeError(
            "This task already holds a connection: use or release it before asking for a second connection."
        )
    async with pool.connection() as conn:
        held = _Held(database)
        _held.set(held)
        try:
            yield conn
        except (asyncio.CancelledError, psycopg.Error):
            await conn.close()
            raise
        finally:
            held.done = True
            if conn.pgconn.pipeline_status != PipelineStatus.OFF:
                await conn.close()
