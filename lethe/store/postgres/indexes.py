"""Indexes built while their tables are in use: those dropped for VACUUM FULL, and the vector index.

The database keeps a note of each pending index, with its name and definition, until it is built. So it is built even
if a process is killed; until then searches work without it. Only `set_aside` blocks writers, for a moment.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import psycopg

from lethe.domain.checkpoints import checkpoint
from lethe.domain.errors import OperatorError, Unavailable
from lethe.store.database.connections import Connection
from lethe.store.database.pool import Database

ALONE = 7_304_118_022
"""The advisory lock for rewriting tables and building indexes: any fixed number will do."""
_NOTED = "index set aside: "
_NOTICE_SECONDS = 1
"""How soon PostgreSQL notices that the client of a long statement is dead, and releases the table."""


@asynccontextmanager
async def administration(conninfo: str) -> AsyncIterator[Connection]:
    """A connection in autocommit mode, as the role that `conninfo` names. Raises Unavailable and OperatorError."""
    try:
        async with await Connection.connect(
            conninfo, autocommit=True, application_name="lethe scrub"
        ) as conn:
            await conn.execute("SET search_path = public, jobs")
            await conn.execute("SET client_min_messages = error")
            with suppress(psycopg.errors.InvalidParameterValue):  # not on every system
                await conn.execute(f"SET client_connection_check_interval = '{_NOTICE_SECONDS}s'")
            yield conn
    except psycopg.OperationalError as exc:
        raise Unavailable("The connection to the database was lost: try again.") from exc
    except psycopg.errors.InsufficientPrivilege as exc:
        raise OperatorError(f"The database role lacks a privilege: {str(exc).splitlines()[0]}.") from exc


@asynccontextmanager
async def alone(conn: Connection, *, seconds: float) -> AsyncIterator[bool]:
    """Hold the lock ALONE; False if another process holds it for `seconds`."""
    end = time.monotonic() + seconds
    while not (held := await conn.value("SELECT pg_try_advisory_lock(%s)", (ALONE,))):
        if time.monotonic() >= end:
            break
        await asyncio.sleep(0.5)
    try:
        yield bool(held)
    finally:
        if held and not conn.closed:
            await conn.execute("SELECT pg_advisory_unlock(%s)", (ALONE,))


async def note(conn: Connection, *, name: str, definition: str) -> None:
    """Note an index to be built soon. `definition` is its CREATE statement; the first note of a name counts."""
    await conn.execute(
        "INSERT INTO installation (key, value) VALUES (%s, %s) ON CONFLICT (key) DO NOTHING",
        (_NOTED + name, definition),
    )


async def is_noted(conn: Connection, *, name: str) -> bool:
    """Whether the index is still to be built."""
    return bool(await conn.value("SELECT true FROM installation WHERE key = %s", (_NOTED + name,)))


async def set_aside(conn: Connection, *, table: str) -> None:
    """Drop the indexes of a table (a quoted name) that take long to build: words and vectors.

    Invariant: an index is dropped in the transaction that notes how to build it again.
    """
    async with conn.transaction():
        cur = await conn.execute(
            """
            SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
            JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
            WHERE i.indrelid = to_regclass(%s) AND a.amname IN ('gin', 'hnsw') AND NOT i.indisunique
            """,
            (table,),
        )
        found = await cur.fetchall()
        for name, definition in found:
            await note(conn, name=str(name), definition=str(definition))
            await conn.execute(f"DROP INDEX {name}".encode())
    if found:
        checkpoint("index_after_being_set_aside")


async def make_noted(conn: Connection) -> list[str]:
    """Build the noted indexes while their tables are in use; returns their names. `conn` is in no transaction."""
    cur = await conn.execute(
        "SELECT key, value FROM installation WHERE starts_with(key, %s) ORDER BY key", (_NOTED,)
    )
    made = []
    for key, definition in await cur.fetchall():
        name = str(key).removeprefix(_NOTED)
        # An interrupted attempt left an invalid index.
        if await conn.value(
            "SELECT NOT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", (name,)
        ):
            await conn.execute(f"DROP INDEX CONCURRENTLY {name}".encode())
        statement = str(definition).replace("CREATE INDEX", "CREATE INDEX CONCURRENTLY IF NOT EXISTS", 1)
        checkpoint("index_before_being_made_again")
        await conn.execute(statement.encode())
        checkpoint("index_after_being_made_before_its_note_goes")
        await conn.execute("DELETE FROM installation WHERE key = %s", (key,))
        made.append(name)
    return made


async def mend(db: Database) -> list[str]:
    """Build the noted indexes unless another process is doing so; returns their names.

    Raises Unavailable, and OperatorError if the database role may not do it.
    """
    async with db.system() as conn:
        noted = await conn.value("SELECT key FROM installation WHERE starts_with(key, %s) LIMIT 1", (_NOTED,))
    if not noted:
        return []
    async with administration(db.conninfo) as conn, alone(conn, seconds=0) as held:
        return await make_noted(conn) if held else []
