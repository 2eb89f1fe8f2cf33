"""Nobody waits without end, and no company makes another one wait for its own locks."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from lethe.domain.errors import Unavailable
from lethe.domain.records.orphans import OpenTransaction
from lethe.store.database import shares
from lethe.store.database.connections import Bounds
from lethe.store.database.pool import Database
from lethe.store.upkeep import reconciliation
from tests.store.beside import beside
from tests.waiting import until

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
    inside, over = 0, asyncio.Event()

    async def hold() -> None:
        nonlocal inside
        async with bounded.transaction(A, unhurried=True):
            inside += 1
            await over.wait()

    mine = [asyncio.ensure_future(hold()) for _ in range(4)]
    await asyncio.to_thread(until, lambda: inside == 2)
    async with bounded.transaction(B, unhurried=True) as conn:
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
