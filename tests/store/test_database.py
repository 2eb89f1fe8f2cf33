"""The connection pool: what a call that was cut short leaves to the next one."""

import asyncio
from dataclasses import dataclass
from functools import partial

import psycopg
import pytest

from lethe.domain.errors import LimitExceeded, Unavailable
from lethe.domain.records.access import SYSTEM
from lethe.store.database.connections import Bounds
from lethe.store.database.pool import Database
from tests.store.beside import beside
from tests.waiting import PATIENCE_SECONDS


@dataclass(frozen=True, slots=True)
class Number:
    n: int


async def one(db: Database, n: int, *, seconds: float = 0) -> list[Number]:
    """A statement that takes its time."""
    params = {"n": n, "seconds": seconds}
    return await db.read(SYSTEM, "SELECT %(n)s::int AS n FROM pg_sleep(%(seconds)s)", params, Number)


async def test_a_read_that_fails_in_its_commit_leaves_no_connection_that_fails_the_next(db: Database) -> None:
    """As on a full disk: psycopg then cannot leave the pipeline, and the connection looks idle."""
    async with db.system() as conn:
        await conn.execute("CREATE TABLE p (n int PRIMARY KEY)")
        await conn.execute("CREATE TABLE q (n int REFERENCES p DEFERRABLE INITIALLY DEFERRED)")
    for _ in range(3):
        with pytest.raises(Unavailable, match="The database failed"):
            await db.read(SYSTEM, "INSERT INTO q VALUES (7) RETURNING n", {}, Number)
        await look_into(db)


async def test_a_read_whose_commit_fails_is_a_reason_to_try_again(db: Database) -> None:
    """Whether the driver tells the server's reason depends on how the end of its pipeline is cut into packets."""
    async with db.system() as conn:
        await conn.execute("CREATE TABLE full_disk (n int)")
        await conn.execute(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RAISE 'could not extend file' USING ERRCODE = '53100'; END $$"
        )
        await conn.execute(
            "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON full_disk DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION fail()"
        )
    with pytest.raises(Unavailable, match=r"no room left on its disk|The database failed"):
        await db.read(SYSTEM, "INSERT INTO full_disk VALUES (7) RETURNING n", {}, Number)
    await look_into(db)


async def test_a_fault_of_ours_in_a_read_is_not_taken_for_a_failed_commit(db: Database) -> None:
    class Faulty:
        def __init__(self, n: int) -> None:
            raise IndexError(n)

    with pytest.raises(IndexError):
        await db.read(SYSTEM, "SELECT 1 AS n", {}, Faulty)
    await look_into(db)


async def test_what_the_database_calls_its_own_fault_is_a_reason_to_try_again(db: Database) -> None:
    """So PostgreSQL tells a file system that takes no more for another reason than that it is full: a quota."""
    fault = "DO $$ BEGIN RAISE 'could not extend file' USING ERRCODE = 'XX000'; END $$"
    with pytest.raises(Unavailable, match="The database failed"):
        async with db.system() as conn:
            await conn.execute(fault)
    with pytest.raises(psycopg.errors.RaiseException):
        async with db.system() as conn:
            await conn.execute("DO $$ BEGIN RAISE 'a fault of ours'; END $$")


async def test_each_failure_of_the_database_tells_what_can_be_done_about_it(db: Database) -> None:
    told = {
        "40P01": "needed the same things",
        "53100": "no room left on its disk",
        "53200": "no memory left",
        "53300": "no connection left",
        "55P03": "holds what this one needs",
        "57014": "took too long",
        "57P01": "does not answer",
    }
    for code, words in told.items():
        with pytest.raises(Unavailable, match=words):
            async with db.system() as conn:
                await conn.execute(
                    f"DO $$ BEGIN RAISE 'as PostgreSQL would' USING ERRCODE = '{code}'; END $$".encode()
                )


@pytest.mark.parametrize(
    "statement",
    ["SELECT repeat('x', 3000)::tsvector", "DO $$ BEGIN RAISE 'as it would' USING ERRCODE = '54001'; END $$"],
)
async def test_what_is_more_than_the_database_can_process_is_not_worth_trying_again(
    db: Database, statement: str
) -> None:
    with pytest.raises(LimitExceeded, match="send it in parts"):
        async with db.system() as conn:
            await conn.execute(statement.encode())


@pytest.mark.parametrize("after", [0, 0.01])
async def test_a_read_that_is_cancelled_leaves_no_connection_that_fails_the_next(
    db: Database, after: float
) -> None:
    for _ in range(3):
        reading = asyncio.ensure_future(one(db, 1, seconds=PATIENCE_SECONDS))
        await asyncio.sleep(after)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await look_into(db)


async def test_a_transaction_that_is_cancelled_in_a_pipeline_leaves_no_connection_that_fails_the_next(
    db: Database,
) -> None:
    async def work() -> None:
        async with db.system() as conn, conn.pipeline():
            await conn.execute("SELECT pg_sleep(%s)", (PATIENCE_SECONDS,))
            await conn.execute("SELECT 1")

    for _ in range(3):
        working = asyncio.ensure_future(work())
        await asyncio.sleep(0.03)
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working
        await look_into(db)


async def test_a_read_that_fails_while_it_is_prepared_leaves_no_connection_that_fails_the_next(
    db: Database,
) -> None:
    """The driver prepares what it was asked five times, and takes it for prepared even if the server could not."""
    hasty = Database(db.conninfo, max_size=1, bounds=Bounds(lock_seconds=0.3))
    await hasty.open()
    asked = partial(hasty.read, SYSTEM, "SELECT count(*)::int AS n FROM node", {}, Number)
    for _ in range(5):
        assert await asked() == [Number(0)]
    async with db.transaction(SYSTEM) as tx:
        await tx.execute("LOCK TABLE node")
        with pytest.raises(Unavailable, match="holds what this one needs"):
            await beside(asked())
    assert await asked() == [Number(0)]
    await hasty.close()


@pytest.mark.parametrize("how", ["transaction", "pipelined"])
async def test_a_transaction_that_fails_leaves_its_connection_as_good_as_before(
    db: Database, how: str
) -> None:
    """The driver takes for prepared what it sent in a pipeline after a statement that failed; the server dropped it."""
    alone = Database(db.conninfo, max_size=1)
    await alone.open()

    async def work(*, well: bool) -> int:
        async with getattr(alone, how)("a" * 24) as tx:
            pid = int(await tx.value("SELECT pg_backend_pid()"))
            if not well:
                await tx.execute("SELECT 1 / 0")
            await tx.execute("SELECT count(*) FROM node")
        return pid

    used = await work(well=True)
    for _ in range(7):
        with pytest.raises(psycopg.errors.DivisionByZero):
            await work(well=False)
        assert await work(well=True) == used
    for _ in range(7):
        with pytest.raises(psycopg.errors.DivisionByZero):
            await work(well=False)
    assert await work(well=True) == used
    await alone.close()


async def look_into(db: Database) -> None:
    """All of the pool's connections answer what they are asked, in transactions and alone."""
    assert await asyncio.gather(*(one(db, n) for n in range(6))) == [[Number(n)] for n in range(6)]
    for n in range(4):
        async with db.system() as conn:
            assert await (await conn.execute("SELECT %s::int", (n,))).fetchone() == (n,)


async def test_a_second_connection_cannot_be_asked_for_while_one_is_held(db: Database) -> None:
    """As many callers as there are connections would each hold one and wait for another until all time out."""
    with pytest.raises(RuntimeError, match="second connection"):
        async with db.system():
            await one(db, 1)
    with pytest.raises(RuntimeError, match="second connection"):
        async with db.session():
            await asyncio.gather(one(db, 1))
    async with db.system():
        pass
    assert await one(db, 2) == [Number(2)]


async def test_a_connection_whose_pipeline_was_cancelled_is_not_used_again(db: Database) -> None:
    given_up: set[int] = set()

    async def cancelled() -> None:
        async with db.session() as conn, conn.pipeline():
            assert conn.pgconn.backend_pid not in given_up
            given_up.add(conn.pgconn.backend_pid)
            raise asyncio.CancelledError

    for _ in range(5):
        with pytest.raises(asyncio.CancelledError):
            await cancelled()


async def test_a_task_that_is_cancelled_just_as_it_gets_its_connection_ends(db: Database) -> None:
    """Whichever step of handing over the connection its cancellation meets."""

    async def hold(connection: asyncio.Event, free: asyncio.Event) -> None:
        async with db.session():
            connection.set()
            await free.wait()

    for steps in range(30):
        held, free = [asyncio.Event() for _ in range(db.pool.max_size)], asyncio.Event()
        holders = [asyncio.create_task(hold(each, free)) for each in held]
        await asyncio.gather(*(each.wait() for each in held))
        waiter = asyncio.create_task(hold(asyncio.Event(), asyncio.Event()))
        await asyncio.sleep(0)
        free.set()
        for _ in range(steps):
            await asyncio.sleep(0)
        waiter.cancel()
        _, waiting = await asyncio.wait({waiter}, timeout=PATIENCE_SECONDS)
        assert not waiting
        await asyncio.gather(*holders)
        await look_into(db)
