"""Lends connections from a pool: at most one per task at a time, and always in a clean state."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import psycopg
from psycopg.pq import PipelineStatus, TransactionStatus
from psycopg_pool import AsyncConnectionPool

from lethe.store.database.connections import Connection


@dataclass(slots=True)
class _Held:
    """A pool connection in use; `done` once it has been returned."""

    of: object
    done: bool = False


_ROLLED_BACK = {TransactionStatus.INTRANS, TransactionStatus.INERROR}
"""States in which the pool rolls back. A failed read, a pipeline without BEGIN, leaves nothing to roll back."""

_held: ContextVar[_Held | None] = ContextVar("held", default=None)
"""The connection held by this task, or by the task that started it."""


@asynccontextmanager
async def lent(database: object, pool: AsyncConnectionPool[Connection]) -> AsyncIterator[Connection]:
    """A connection of one of the database's pools, returned in the state it was lent, or closed.

    After an error in a transaction the connection is kept: the pool rolls back, and psycopg then drops all prepared
    statements, its own and the server's. A new connection would cost 20 ms.

    psycopg 3.3.9 leaves it in pipeline mode when its task is cancelled while entering the pipeline, which happens
    when the event loop is busy, and was seen on a full disk too. Every transaction on it would fail. A pipeline
    that was cancelled, or failed where nothing is rolled back, leaves statements in psycopg's cache that the server
    does not have: it never received them, or waited too long for a lock while it prepared them. Each later use of the
    connection for such a statement would be an InvalidSqlStatementName.

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
        except asyncio.CancelledError:
            await conn.close()
            raise
        except psycopg.Error:
            if conn.pgconn.transaction_status not in _ROLLED_BACK:
                await conn.close()
            raise
        finally:
            held.done = True
            if conn.pgconn.pipeline_status != PipelineStatus.OFF:
                await conn.close()
