"""Indexes that are to be made while their tables are in use: those that a rewrite has taken off, and the vector index.

What is to be made is noted in the database, by name and definition, until it is there. So it comes back whoever is
killed; until then searches do without it. Nothing here keeps a writer from a table, but `set_aside` for a moment.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import psycopg

from lethe.domain.checkpoints import checkpoint
from lethe.domain.errors import OperatorError, Unavailable
from lethe.store.connections import Connection
from lethe.store.database import Database

ALONE = 7_304_118_022
"""The advisory lock of whoever rewrites tables, makes indexes or builds one anew: any fixed number will do."""
_NOTED = "index set aside: "
_NOTICE_SECONDS = 1
"""So soon PostgreSQL notices that who gave it a long statement is dead, and lets its table go."""


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
        raise Unavailable("The database went away: try again.") from exc
    except psycopg.errors.InsufficientPrivilege as exc:
        raise OperatorError(f"The database role may not do it: {str(exc).splitlines()[0]}.") from exc


@asynccontextmanager
async def alone(conn: Connection, *, seconds: float) -> AsyncIterator[bool]:
    """Hold the lock ALONE; False when another has it for `seconds`."""
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
    """Have an index made soon. `definition` is the statement that makes it; of two notes of a name the first counts."""
    await conn.execute(
        "INSERT INTO installation (key, value) VALUES (%s, %s) ON CONFLICT (key) DO NOTHING",
        (_NOTED + name, definition),
    )


async def is_noted(conn: Connection, *, name: str) -> bool:
    """Whether the index is still to be made."""
    return bool(await conn.value("SELECT true FROM installation WHERE key = %s", (_NOTED + name,)))


async def set_aside(conn: Connection, *, table: str) -> None:
    """Take off the indexes of a table, a quoted name, that take long to build (words, vectors).

    Invariant: an index goes in the transaction that notes how to make it again.
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
    """Make the indexes that are noted, while their tables are in use; their names. `conn` is in no transaction."""
    cur = await conn.execute(
        "SELECT key, value FROM installation WHERE starts_with(key, %s) ORDER BY key", (_NOTED,)
    )
    made = []
    for key, definition in await cur.fetchall():
        name = str(key).removeprefix(_NOTED)
        # An earlier try that was cut off has left an index that nobody uses.
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
    """Make what is noted and nobody is making; the names.

    Raises Unavailable, and OperatorError when the database's role may not do it.
    """
    async with db.system() as conn:
        noted = await conn.value("SELECT key FROM installation WHERE starts_with(key, %s) LIMIT 1", (_NOTED,))
    if not noted:
        return []
    async with administration(db.conninfo) as conn, alone(conn, seconds=0) as held:
        return await make_noted(conn) if held else []
