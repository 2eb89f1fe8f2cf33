"""A company that came after PostgreSQL's last ANALYZE, of which the planner expects next to no rows."""

import asyncio

from lethe.store import documents
from lethe.store.database.pool import Database
from lethe.store.tree import siblings
from lethe.store.upkeep import statistics
from lethe.workers.search_upkeep import run_statistics_upkeep
from tests.store.planted import plant, texts
from tests.store.test_plans import MANY_DOCUMENTS, rows_read, take_statistics

A, B = "a" * 24, "b" * 24


async def test_a_level_gets_new_keys_without_comparing_each_node_with_each_other(db: Database) -> None:
    root = await many_of_a_company_that_came_after_the_statistics(db, 1000)
    async with db.transaction(B) as tx:
        last = await tx.value(
            "SELECT id FROM node WHERE parent_id = %s ORDER BY position DESC LIMIT 1", (root,)
        )
    before = await rows_read(db)
    async with db.transaction(B) as tx:  # its siblings' keys leave no room
        await siblings.reorder(tx, node_id=str(last), parent_id=root, place=500)
    assert await rows_read(db) - before < 10_000


async def test_a_company_that_came_after_the_statistics_is_soon_read_by_keys(db: Database) -> None:
    await many_of_a_company_that_came_after_the_statistics(db, 1000)
    upkeep = asyncio.create_task(run_statistics_upkeep(db))
    for _ in range(1200):
        if await planner_knows(db):
            break
        await asyncio.sleep(0.1)
    upkeep.cancel()
    before = await rows_read(db)
    page = await documents.page(db, company_id=B, collection="many", after=None, limit=100)
    assert len(page) == 100
    assert await rows_read(db) - before < 1_000


async def many_of_a_company_that_came_after_the_statistics(db: Database, documents: int) -> str:
    """The folder of the new company's documents. PostgreSQL takes no statistics of its own in between."""
    async with db.system() as conn:
        for table in statistics.TABLES:
            await conn.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)".encode())
    await plant(db, A, texts(20))
    await take_statistics(db)
    await plant(db, B, [])
    root = "b" * 23 + "1"
    async with db.transaction(B) as tx:
        await tx.execute(MANY_DOCUMENTS, {"company": B, "root": root, "documents": documents})
    await rows_read(db)  # which reports what the connection has written
    assert not await planner_knows(db)
    return root


async def planner_knows(db: Database) -> bool:
    """Whether no table has many rows that the planner has not heard of."""
    async with db.system() as conn:
        return not await statistics.outdated(conn)
