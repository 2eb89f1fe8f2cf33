"""Connections of the pool."""

from lethe.store.database import Database


async def test_a_connection_that_was_left_in_a_pipeline_is_not_used_again(db: Database) -> None:
    async with db.pool.connection() as left:
        left.pgconn.enter_pipeline_mode()
    for _ in range(5):
        async with db.transaction("a" * 24) as conn:
            assert conn is not left
            await conn.execute("SELECT 1")


async def test_a_connection_that_was_used_in_good_order_is_used_again(db: Database) -> None:
    async with db.transaction("a" * 24) as first, first.pipeline():
        await first.execute("SELECT 1")
    async with db.transaction("a" * 24) as second:
        assert second is first
