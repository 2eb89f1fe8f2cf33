"""A file that a row refers to is never removed, and one that none will refer to at once: whatever fails, and when."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from lethe.adapters.blobs import Blobs
from lethe.core.context import Context
from lethe.core.ingestion.submit import Request, submit
from lethe.domain.errors import Conflict, Unavailable
from lethe.domain.limits import Limits
from lethe.store.database.pool import Database
from lethe.store.database.transactions import Tx
from lethe.store.erasure import blob_removals
from lethe.store.queue.jobs import Jobs
from lethe.store.queue.signals import Signals
from tests.store.beside import beside

A = "a" * 24
KEY = f"{A}/{'b' * 24}"
HOUR = 3600


async def due(db: Database) -> list[str]:
    async with db.system() as conn:
        return [key for _, key in await blob_removals.due(conn, limit=9)]


async def claim(db: Database) -> None:
    async with db.transaction(A) as conn:
        await blob_removals.claim(conn, keys=[KEY], seconds=HOUR)


async def give_up(db: Database) -> None:
    async with db.transaction(A) as conn:
        await blob_removals.give_up(conn, keys=[KEY])


async def let_fall_due(db: Database, after: str) -> None:
    async with db.transaction(A) as conn:
        await conn.execute("UPDATE blob_removal SET due_at = now() + %s::interval", (after,))


@pytest.mark.parametrize("committed", [True, False])
async def test_what_is_given_up_while_it_is_settled_is_due_only_if_it_is_not(
    db: Database, committed: bool
) -> None:
    """So it is after a connection that was lost in the commit, which the server may still be at."""
    await claim(db)
    async with db.transaction(A) as conn:
        assert await blob_removals.settle(conn, keys=[KEY])
        giving_up = beside(give_up(db))
        done, _ = await asyncio.wait({giving_up}, timeout=0.3)
        assert not done
        if not committed:
            await conn.conn.rollback()
    await giving_up
    assert await due(db) == ([] if committed else [KEY])


async def test_what_was_given_up_is_not_settled_by_a_transaction_that_began_long_before(db: Database) -> None:
    await claim(db)
    async with db.transaction(A) as conn:
        await conn.execute("SELECT")
        # As if it had begun some minutes ago: given up at a time that is later than its beginning.
        await beside(let_fall_due(db, "61 seconds"))
        await asyncio.sleep(1.1)
        assert not await blob_removals.settle(conn, keys=[KEY])


class Failing(Database):
    """Its second transaction, which takes the document in, fails: before its commit, or when that is done."""

    begun = 0

    def __init__(self, db: Database, error: BaseException, *, committed: bool) -> None:
        super().__init__(db.conninfo, max_size=2)
        self._error = error
        self._committed = committed

    @asynccontextmanager
    async def transaction(self, company_id: str, **more: Any) -> AsyncIterator[Tx]:
        self.begun += 1
        fails = self.begun == 2
        async with super().transaction(company_id, **more) as conn:
            yield conn
            if fails and not self._committed:
                raise self._error
        if fails:
            raise self._error


@pytest.mark.parametrize("error", [Unavailable("away"), Conflict("taken over"), asyncio.CancelledError()])
@pytest.mark.parametrize("committed", [True, False])
async def test_a_failed_submission_removes_its_file_unless_it_was_stored(
    db: Database, tmp_path: Path, error: BaseException, committed: bool
) -> None:
    async with db.system() as conn:
        await conn.execute("INSERT INTO company (id, name) VALUES (%s, %s)", (A, A))
    failing = Failing(db, error, committed=committed)
    await failing.open()
    jobs = Jobs(db, Signals(db.conninfo))
    await jobs.open()
    ctx = cast(
        "Context",
        SimpleNamespace(db=failing, jobs=jobs, blobs=Blobs((tmp_path / "b").as_uri()), limits=Limits()),
    )
    try:
        with pytest.raises(type(error)):
            await submit(ctx, Request("c", "a", {}, None, b"text"), company_id=A, callback=None, waiting=True)
    finally:
        await failing.close()
    async with db.transaction(A) as conn:
        named = await blob_removals.named(conn, after="", limit=9)
    assert (len(named), len(await due(db))) == ((1, 0) if committed else (0, 1))
