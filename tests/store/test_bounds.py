"""Nobody waits without end, and no company makes another one wait for its own locks."""

import asyncio
import time
from collections.abc import AsyncIterator

import psycopg
import pytest

from lethe.domain.errors import Unavailable
from lethe.store.database import shares
from lethe.store.database.connections import Bounds
from lethe.store.database.pool import Database
from lethe.store.upkeep import reconciliation
from tests.store.beside import beside

A, B = "a" * 24, "b" * 24


@pytest.fixture
async def bounded(db: Database) -> AsyncIterator[Database]:
    """The same database, by a process that does not wait long."""
    database = Database(db.conninfo, max_size=4, bounds=Bounds(statement_seconds=0.5, lock_seconds=0.3))
    await database.open()
    yield database
    await database.close()


async def test_a_statement_that_takes_too_long_is_ended(bounded: Database) -> None:
    with pytest.raises(Unavailable, match="took too long"):
        async with bounded.transaction(A) as conn:
            await conn.execute("SELECT pg_sleep(5)")
    async with bounded.transaction(A, unhurried=True) as conn:
        await conn.execute("SELECT pg_sleep(0.7)")


async def test_a_session_that_is_unhurried_leaves_the_bounds_as_they_were(bounded: Database) -> None:
    async with bounded.session(unhurried=True) as conn:
        await conn.execute("SELECT pg_sleep(0.7)")
    for _ in range(4):
        with pytest.raises(Unavailable, match="took too long"):
            async with bounded.session() as conn:
                await conn.execute("SELECT pg_sleep(5)")


async def test_who_waits_for_a_lock_that_is_held_gives_up(db: Database, bounded: Database) -> None:
    async with db.transaction(A) as conn:
        await conn.execute("LOCK TABLE node IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(Unavailable, match="holds what this one needs"):
            async with bounded.transaction(A) as other:
                await other.execute("SELECT FROM node")
    async with bounded.transaction(A) as conn:
        await conn.execute("SELECT FROM node")


async def test_a_company_that_waits_for_its_locks_leaves_connections_to_the_others(
    bounded: Database,
) -> None:
    async def hold(company: str, seconds: float) -> float:
        start = time.monotonic()
        async with bounded.transaction(company, unhurried=True) as conn:
            await conn.execute("SELECT pg_sleep(%s)", (seconds,))
        return time.monotonic() - start

    mine = [asyncio.ensure_future(hold(A, 1)) for _ in range(4)]
    await asyncio.sleep(0.2)
    assert await hold(B, 0) < 0.5
    assert sorted(round(took) for took in await asyncio.gather(*mine)) == [1, 1, 2, 2]


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


async def test_who_has_left_a_transaction_open_is_told(db: Database, bounded: Database) -> None:
    async def wait() -> None:
        with pytest.raises(Unavailable):
            async with bounded.transaction(A) as conn:
                await conn.execute("SELECT FROM node")

    with psycopg.connect(db.conninfo, application_name="psql") as left_open:
        left_open.execute("LOCK TABLE node IN ACCESS EXCLUSIVE MODE")
        pid = left_open.info.backend_pid
        waiting = asyncio.ensure_future(wait())
        await asyncio.sleep(0.15)
        async with db.session() as conn:
            found = await reconciliation.long_transactions(conn, seconds=0)
        await waiting
    told = next(t for t in found if t.pid == pid)
    assert (told.program, told.waiting) == ("psql", 1)
