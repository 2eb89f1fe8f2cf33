"""Nobody waits without end, and no company makes another one wait for its own locks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from lethe.domain.errors import Unavailable
from lethe.domain.records.orphans import OpenTransaction
from lethe.store.database import shares
from lethe.store.database.connections import Bounds
from lethe.store.database.pool import Database
from lethe.store.upkeep import reconciliation
from tests.store.beside import beside
from tests.waiting import PATIENCE_SECONDS, until

A, B = "a" * 24, "b" * 24


SECONDS = 2.0
"""What a statement may take where it may not take long: what takes milliseconds does so on a slow machine too."""


@asynccontextmanager
async def opened(db: Database, bounds: Bounds, max_size: int = 1) -> AsyncIterator[Database]:
    """The same database, by a process with these bounds."""
    database = Database(db.conninfo, max_size=max_size, bounds=bounds)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
async def hasty(db: Database) -> AsyncIterator[Database]:
    """The same database, by a process whose statements may not take long; it has one connection."""
    async with opened(db, Bounds(statement_seconds=SECONDS)) as database:
        yield database


@pytest.fixture
async def bounded(db: Database) -> AsyncIterator[Database]:
    """The same database, by a process that does not wait long for locks."""
    async with opened(db, Bounds(lock_seconds=0.3)) as database:
        yield database


@pytest.fixture
async def patient(db: Database) -> AsyncIterator[Database]:
    """The same database, by a process that waits as long as tests do."""
    async with opened(db, Bounds(lock_seconds=PATIENCE_SECONDS), max_size=4) as database:
        yield database


async def test_a_statement_that_takes_too_long_is_ended_unless_it_may(hasty: Database) -> None:
    with pytest.raises(Unavailable, match="took too long"):
        async with hasty.transaction(A) as conn:
            await conn.execute("SELECT pg_sleep(%s)", (PATIENCE_SECONDS,))
    async with hasty.transaction(A, unhurried=True) as conn:
        await conn.execute("SELECT pg_sleep(%s)", (1.2 * SECONDS,))


async def test_a_session_that_is_unhurried_leaves_the_bounds_as_they_were(hasty: Database) -> None:
    async with hasty.session(unhurried=True) as conn:
        await conn.execute("SELECT pg_sleep(%s)", (1.2 * SECONDS,))
    with pytest.raises(Unavailable, match="took too long"):
        async with hasty.session() as conn:
            await conn.execute("SELECT pg_sleep(%s)", (PATIENCE_SECONDS,))


async def test_who_waits_for_a_lock_that_is_held_gives_up(db: Database, bounded: Database) -> None:
    async with db.transaction(A) as conn:
        await conn.execute("LOCK TABLE node IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(Unavailable, match="holds what this one needs"):
            async with bounded.transaction(A) as other:
                await other.execute("SELECT FROM node")
    async with bounded.transaction(A) as conn:
        await conn.execute("SELECT FROM node")


async def test_a_company_that_waits_for_its_locks_leaves_connections_to_the_others(
    patient: Database,
) -> None:
    inside, over = 0, asyncio.Event()

    async def hold() -> None:
        nonlocal inside
        async with patient.transaction(A, unhurried=True):
            inside += 1
            await over.wait()

    mine = [asyncio.ensure_future(hold()) for _ in range(4)]
    await asyncio.to_thread(until, lambda: inside == 2)
    async with patient.transaction(B, unhurried=True) as conn:
        await conn.execute("SELECT pg_sleep(0.1)")
    assert inside == 2
    over.set()
    await asyncio.gather(*mine)
    assert inside == 4


async def test_who_waits_too_long_for_its_companys_share_is_told_to_come_again() -> None:
    turns = shares.Shares(1, seconds=0.1)

    async def take(company: str) -> None:
        async with turns.turn(company):
            pass

    async with turns.turn(A):
        with pytest.raises(Unavailable, match="of your company"):
            await beside(take(A))
        await beside(take(B))
    await beside(take(A))


async def test_who_has_left_a_transaction_open_is_told(db: Database) -> None:
    async def wait() -> None:
        async with db.transaction(A) as conn:
            await conn.execute("SELECT FROM node")

    async def told() -> OpenTransaction:
        async with db.session() as conn:
            found = await reconciliation.long_transactions(conn, seconds=0)
        return next(t for t in found if t.pid == pid)

    with psycopg.connect(db.conninfo, application_name="psql") as left_open:
        left_open.execute("LOCK TABLE node IN ACCESS EXCLUSIVE MODE")
        pid = left_open.info.backend_pid
        waiting = asyncio.ensure_future(wait())
        while (seen := await told()).waiting == 0:
            pass
        left_open.rollback()
        await waiting
    assert (seen.program, seen.waiting) == ("psql", 1)
