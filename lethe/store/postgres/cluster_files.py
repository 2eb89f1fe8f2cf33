"""The embedded PostgreSQL's files: its write-ahead log and leftovers of crashes. Needs a superuser's connection."""

import asyncio
import os
import re
import time
from pathlib import Path

from lethe.domain.errors import OperatorError
from lethe.store.database.connections import Connection

_SEGMENT = re.compile(r"[0-9A-F]{24}")
_RELATION = re.compile(r"([0-9]+)(?:_(?:fsm|vm|init))?(?:\.[0-9]+)?")
_ROUNDS = 20


async def checkpoint(conn: Connection) -> None:
    """Write a checkpoint."""
    await conn.execute("CHECKPOINT")


async def recycle_wal(conn: Connection, pgdata: Path) -> int:
    """Remove every current segment of the write-ahead log; returns their number.

    Otherwise PostgreSQL renames an unneeded segment for reuse, with its content.

    Raises OperatorError if something keeps the segments.
    """
    await _configure(conn, "ALTER SYSTEM SET wal_recycle = off", off=True)
    try:
        folder = pgdata / "pg_wal"
        before = _segments(folder)
        for _ in range(_ROUNDS):
            # Go through segments created in advance one by one: a switch fills the rest of a segment with zeros.
            last = max(_segments(folder))
            while await _current_segment(conn) <= last:
                await conn.execute("SELECT pg_logical_emit_message(false, 'lethe', ''), pg_switch_wal()")
            await conn.execute("CHECKPOINT")
            if not before & _segments(folder):
                return len(before)
    finally:
        await _configure(conn, "ALTER SYSTEM RESET wal_recycle", off=False)
    raise OperatorError(f"Old write-ahead log segments cannot be removed: {await _keepers(conn)}.")


async def remove_orphans(conn: Connection, pgdata: Path, *, seconds: float) -> int:
    """Remove table files that a crash left and that belong to no table; returns their number.

    A file is an orphan if it existed before every transaction open now and belongs to no table after a checkpoint.
    """
    database = await conn.value("SELECT oid::text FROM pg_database WHERE datname = current_database()")
    folder = pgdata / "base" / str(database)
    found = await _without_table(conn, folder)
    if not found:
        return 0
    seen = await conn.value("SELECT clock_timestamp()::text")
    end = time.monotonic() + seconds
    while await conn.value(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND xact_start <= %s::timestamptz)",
        (seen,),
    ):
        if time.monotonic() > end:
            return 0
        await asyncio.sleep(0.1)
    await conn.execute("CHECKPOINT")
    orphans = found & await _without_table(conn, folder)
    for name in orphans:
        (folder / name).unlink(missing_ok=True)
    return len(orphans)


async def _without_table(conn: Connection, folder: Path) -> set[str]:
    names = {m[0]: int(m[1]) for m in map(_RELATION.fullmatch, os.listdir(folder)) if m}
    known = {*await conn.values("SELECT pg_relation_filenode(oid) FROM pg_class")}
    return {name for name, number in names.items() if number not in known}


async def _configure(conn: Connection, statement: str, *, off: bool) -> None:
    await conn.execute(statement.encode())
    await conn.execute("SELECT pg_reload_conf()")
    for _ in range(_ROUNDS):
        await asyncio.sleep(0.1)
        if (await conn.value("SELECT current_setting('wal_recycle')") == "off") is off:
            await asyncio.sleep(0.1)  # the checkpointer gets the same signal, but cannot be queried
            return


def _segments(folder: Path) -> set[str]:
    return {name for name in os.listdir(folder) if _SEGMENT.fullmatch(name)}


async def _current_segment(conn: Connection) -> str:
    return str(await conn.value("SELECT pg_walfile_name(pg_current_wal_insert_lsn())"))


async def _keepers(conn: Connection) -> str:
    """A description of what keeps old segments."""
    slots = await conn.value("SELECT string_agg(slot_name, ', ') FROM pg_replication_slots")
    if slots:
        return f"the replication slots {slots} keep them"
    kept = await conn.value("SELECT current_setting('wal_keep_size')")
    archive = await conn.value("SELECT current_setting('archive_mode')")
    return f"look at wal_keep_size ({kept}) and archive_mode ({archive})"


async def table_of(conn: Connection, pgdata: Path, file: Path) -> str | None:
    """The table or index that the file belongs to, or None."""
    named = _RELATION.fullmatch(file.name)
    if named is None or not file.is_relative_to(pgdata / "base"):
        return None
    found = await conn.value("SELECT pg_filenode_relation(0, %s)::regclass::text", (int(named[1]),))
    return None if found is None else str(found)
