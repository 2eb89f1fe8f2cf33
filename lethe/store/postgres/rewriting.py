"""Rewriting all tables so that nothing of deleted rows is left in their files.

VACUUM leaves the bytes of dead rows in the pages; only VACUUM FULL, which copies what lives into new files, does
not. It locks one table at a time. The indexes that take long to build (words, vectors) are taken off before it
and made again afterwards, while the table is in use; until then searches do without them.

The connections are in autocommit mode.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import class_row, scalar_row

from lethe.domain.errors import OperatorError, Unavailable
from lethe.store.connections import Connection
from lethe.store.database import Database

LOCK_SECONDS = 2
"""So long a rewrite waits for its table, and everybody else behind it, before it steps back and tries again."""
_TRIES = 60
_SCRUB_LOCK = 7_304_118_022
"""The advisory lock of whoever rewrites, or makes again the indexes that a rewrite had taken off."""
_SET_ASIDE = "index set aside: "
_OURS: LiteralString = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'"


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `bytes` is its size on disk with its indexes."""

    schema: str
    name: str
    bytes: int

    @property
    def identifier(self) -> sql.Identifier:
        """Its name as SQL."""
        return sql.Identifier(self.schema, self.name)


@asynccontextmanager
async def administration(conninfo: str) -> AsyncIterator[Connection]:
    """A connection in autocommit mode, as the role that `conninfo` names. Raises Unavailable and OperatorError."""
    try:
        async with await psycopg.AsyncConnection.connect(
            conninfo, autocommit=True, application_name="lethe scrub"
        ) as conn:
            await conn.execute("SET search_path = public, jobs")
            await conn.execute("SET client_min_messages = error")
            yield conn
    except psycopg.OperationalError as exc:
        raise Unavailable("The database went away: try again.") from exc
    except psycopg.errors.InsufficientPrivilege as exc:
        raise OperatorError(f"The database role may not do it: {str(exc).splitlines()[0]}.") from exc


@asynccontextmanager
async def alone(conn: Connection, *, seconds: float) -> AsyncIterator[bool]:
    """Hold the lock of those who rewrite; False when another has it for `seconds`."""
    end = time.monotonic() + seconds
    while not (held := await _ask(conn, "SELECT pg_try_advisory_lock(%s)", _SCRUB_LOCK)):
        if time.monotonic() >= end:
            break
        await asyncio.sleep(0.5)
    try:
        yield bool(held)
    finally:
        if held and not conn.closed:
            await conn.execute("SELECT pg_advisory_unlock(%s)", (_SCRUB_LOCK,))


async def tables(conn: Connection) -> list[Table]:
    """All tables that the role may rewrite, the smallest first."""
    async with conn.cursor(row_factory=class_row(Table)) as cur:
        await cur.execute(
            "SELECT n.nspname AS schema, c.relname AS name, pg_total_relation_size(c.oid) AS bytes"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'm') AND pg_has_role(c.relowner, 'USAGE') AND "
            + _OURS
            + " ORDER BY bytes"
        )
        return await cur.fetchall()


async def older_than_now(conn: Connection) -> str:
    """A mark in time: an id that all transactions which are open now come before."""
    return str(await _ask(conn, "SELECT pg_current_xact_id()::text"))


async def open_before(conn: Connection, mark: str) -> str | None:
    """A transaction that can still see rows deleted before `mark`, in words; None when there is none."""
    found = await _ask(
        conn,
        """
        SELECT format('process %%s (%%s), open for %%s s', pid, coalesce(nullif(application_name, ''), backend_type),
                      extract(epoch FROM now() - xact_start)::int)
        FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
          AND greatest(age(backend_xid), age(backend_xmin)) >= age(%s::text::xid8::xid)
        ORDER BY xact_start LIMIT 1
        """,
        mark,
    )
    return None if found is None else str(found)


async def rewrite(conn: Connection, table: Table) -> float:
    """Copy what lives in a table into new files; how long the table was locked at most, in seconds.

    Raises OperatorError when the table is not to be had.
    """
    await conn.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
    try:
        for attempt in range(_TRIES):
            start = time.monotonic()
            try:
                await _set_indexes_aside(conn, table)
                await conn.execute(sql.SQL("VACUUM (FULL) {}").format(table.identifier))
                return time.monotonic() - start
            except psycopg.errors.LockNotAvailable:
                await asyncio.sleep(min(10, 0.5 * (1 + attempt)))
    finally:
        await conn.execute("RESET lock_timeout")
    raise OperatorError(
        f"The table {table.name} could not be locked in {_TRIES} tries: look for long transactions in "
        "pg_stat_activity, then run 'lethe scrub' again."
    )


async def _set_indexes_aside(conn: Connection, table: Table) -> None:
    """Invariant: an index goes in the transaction that notes how to make it again."""
    async with conn.transaction():
        cur = await conn.execute(
            """
            SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
            JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
            WHERE i.indrelid = to_regclass(%s) AND a.amname IN ('gin', 'hnsw') AND NOT i.indisunique
            """,
            (table.identifier.as_string(),),
        )
        for name, definition in await cur.fetchall():
            await conn.execute(
                "INSERT INTO installation (key, value) VALUES (%s, %s) ON CONFLICT (key) DO NOTHING",
                (_SET_ASIDE + str(name), str(definition)),
            )
            await conn.execute(f"DROP INDEX {name}".encode())


async def make_indexes_again(conn: Connection) -> list[str]:
    """Make the indexes that a rewrite has taken off, while their tables are in use; their names."""
    cur = await conn.execute(
        "SELECT key, value FROM installation WHERE starts_with(key, %s) ORDER BY key", (_SET_ASIDE,)
    )
    made = []
    for key, definition in await cur.fetchall():
        name = str(key).removeprefix(_SET_ASIDE)
        # An earlier try that was cut off has left an index that nobody uses.
        if await _ask(conn, "SELECT NOT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", name):
            await conn.execute(f"DROP INDEX CONCURRENTLY {name}".encode())
        statement = str(definition).replace("CREATE INDEX", "CREATE INDEX CONCURRENTLY IF NOT EXISTS", 1)
        await conn.execute(statement.encode())
        await conn.execute("DELETE FROM installation WHERE key = %s", (key,))
        made.append(name)
    return made


async def mend_indexes(db: Database) -> list[str]:
    """Make the indexes again that a rewrite has taken off and, being killed, left off; their names."""
    async with db.system() as conn:
        if not await _ask(
            conn, "SELECT key FROM installation WHERE starts_with(key, %s) LIMIT 1", _SET_ASIDE
        ):
            return []
    async with administration(db.conninfo) as conn, alone(conn, seconds=0) as held:
        return await make_indexes_again(conn) if held else []


async def take_statistics_anew(conn: Connection) -> bool:
    """Forget all samples of values that the planner keeps, and take new ones; False when the role may only do that.

    Invariant: the planner is never without statistics: both happen in one transaction.
    """
    privileged = bool(await _ask(conn, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"))
    async with conn.transaction():
        if privileged:
            await conn.execute(
                "DELETE FROM pg_statistic WHERE starelid IN (SELECT c.oid FROM pg_class c"
                " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE " + _OURS + ")"
            )
        for table in await tables(conn):
            await conn.execute(sql.SQL("ANALYZE {}").format(table.identifier))
    return privileged


STATISTICS = Table("pg_catalog", "pg_statistic", 0)
"""Where the samples of values are kept."""


async def _ask(conn: Connection, statement: LiteralString, *params: object) -> object:
    async with conn.cursor(row_factory=scalar_row) as cur:
        await cur.execute(statement, params)
        return await cur.fetchone()
