"""Rewrites all tables, so that nothing of deleted rows is left in their files.

VACUUM leaves the bytes of dead rows in the pages; VACUUM FULL copies the live rows into new files. It locks one table
at a time. The indexes that take long to build (words, vectors) are dropped first and built again afterwards
(store/postgres/indexes.py), while the table is in use; until then searches work without them.

The connections are in autocommit mode.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg import sql

from lethe.domain.errors import OperatorError
from lethe.store.database.connections import Connection
from lethe.store.postgres import indexes

LOCK_SECONDS = 2
"""How long a rewrite, and everybody queued behind it, waits for a table before it retries."""
_TRIES = 60
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


async def tables(conn: Connection) -> list[Table]:
    """All tables that the role may rewrite, smallest first."""
    return await conn.rows(
        Table,
        f"""
        SELECT n.nspname AS schema, c.relname AS name, pg_total_relation_size(c.oid) AS bytes
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'm') AND pg_has_role(c.relowner, 'USAGE') AND {_OURS} ORDER BY bytes
        """,
    )


async def older_than_now(conn: Connection) -> str:
    """A mark in time: a transaction id newer than every open transaction."""
    return str(await conn.value("SELECT pg_current_xact_id()::text"))


async def open_before(conn: Connection, mark: str) -> str | None:
    """A description of a transaction that can still see rows deleted before `mark`, or None."""
    found = await conn.value(
        """
        SELECT format('process %%s (%%s), open for %%s s', pid, coalesce(nullif(application_name, ''), backend_type),
                      extract(epoch FROM now() - xact_start)::int)
        FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
          AND greatest(age(backend_xid), age(backend_xmin)) >= age(%s::text::xid8::xid)
        ORDER BY xact_start LIMIT 1
        """,
        (mark,),
    )
    return None if found is None else str(found)


async def rewrite(conn: Connection, table: Table) -> float:
    """Copy a table's live rows into new files; returns an upper bound of how long it was locked, in seconds.

    Raises OperatorError if the table cannot be locked.
    """
    await conn.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
    try:
        for attempt in range(_TRIES):
            start = time.monotonic()
            try:
                await indexes.set_aside(conn, table=table.identifier.as_string())
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


async def take_statistics_anew(conn: Connection) -> bool:
    """Delete all samples of values in the planner's statistics and take new ones; False if the role may not delete.

    Invariant: the planner is never without statistics, as both happen in one transaction.
    """
    privileged = bool(await conn.value("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"))
    async with conn.transaction():
        if privileged:
            await conn.execute(
                f"""
                DELETE FROM pg_statistic WHERE starelid IN (
                    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_OURS})
                """
            )
        for table in await tables(conn):
            await conn.execute(sql.SQL("ANALYZE {}").format(table.identifier))
    return privileged


STATISTICS = Table("pg_catalog", "pg_statistic", 0)
"""Where the planner keeps samples of values."""
