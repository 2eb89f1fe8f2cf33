"""Keeps large companies fast to search. Until its work is done, searches are slower or order their results slightly
differently, but no result is missing."""

from lethe.core.search.renewal import renew
from lethe.store import access
from lethe.store.database.pool import Database
from lethe.store.postgres import indexes
from lethe.store.queue import tasks
from lethe.store.search import upkeep, vector_index
from lethe.store.search.statement import SMALL_FOR_VECTORS, SMALL_FOR_WORDS
from lethe.store.upkeep import statistics

SETTLE_AT_ONCE = 100
"""Embeddings added to the index in one transaction of about 0.4 s, for which a removal may have to wait."""
SETTLE_IN_A_ROUND = 2_000
"""Embeddings per company in one round, so that every company gets its turn."""
CHANGED_SHARE = 0.1
"""The lexemes are recounted when more than this share of the chunks was added or removed."""
MOST_GONE = 0.12
"""The largest share of deleted chunks in the vector index; each slows down the searches that meet it."""
FEWEST_GONE = 2_000
"""The index is not rebuilt for fewer deleted chunks than this."""


async def keep_all_up(db: Database, *, changed_seconds: float | None = None) -> bool:
    """One round for every company; True if there is more to do at once.

    Args:
        changed_seconds: only companies of which a task has ended within so many seconds. What was erased without a
            task waits for a round over all companies.
    """
    async with db.system(durable=False) as conn:
        if changed_seconds is None:
            companies = await access.company_ids(conn)
        else:
            companies = await tasks.companies_with_ended(conn, seconds=changed_seconds)
    return any([await keep_up(db, company_id=company_id) for company_id in companies])


async def keep_up(db: Database, *, company_id: str) -> bool:
    """One round for a company; True if there is more to do at once. Safe to run concurrently."""
    renewed = await renew(db, company_id=company_id)
    async with db.transaction(company_id, durable=False, unhurried=True) as tx:
        size = await upkeep.text_size(tx)
        if size.chunks <= SMALL_FOR_WORDS:
            if size.counted:
                await upkeep.forget_lexemes(tx)
            return renewed
        await upkeep.forget_words(tx)
    if size.first and not await _begin_to_count(db, company_id, size.chunks):
        return renewed
    async with db.transaction(company_id, durable=False, unhurried=True) as tx:
        changed = max(size.newer, abs(size.chunks - size.counted))
        if changed > CHANGED_SHARE * size.chunks and await upkeep.claim(tx):
            await upkeep.count_lexemes(tx)
    return (size.chunks > SMALL_FOR_VECTORS and await _settle(db, company_id)) or renewed


async def _begin_to_count(db: Database, company_id: str, chunks: int) -> bool:
    """Prepare the first count of words; True once every removal of chunks records their words."""
    async with db.transaction(company_id, durable=False) as tx:
        await upkeep.announce_count(tx, chunks=chunks)
    async with db.transaction(company_id, durable=False) as tx:
        return await upkeep.removals_note_words(tx)


async def _settle(db: Database, company_id: str) -> bool:
    for _ in range(SETTLE_IN_A_ROUND // SETTLE_AT_ONCE):
        async with db.transaction(company_id, durable=False) as tx:
            if not await upkeep.claim(tx):
                return False
            if await upkeep.settle(tx, limit=SETTLE_AT_ONCE) < SETTLE_AT_ONCE:
                return False
    return True


async def rebuild_vector_index(db: Database) -> bool:
    """Rebuild the vector index if too much of it was deleted; True if it was rebuilt.

    Runs in one worker at a time. Searches and ingestions continue meanwhile. Leftovers of a killed rebuild are dropped.

    Raises OperatorError if the database role lacks the right.
    """
    async with db.session(unhurried=True) as conn, indexes.alone(conn, seconds=0) as ours:
        if not ours:
            return False
        await vector_index.drop_leftovers(conn)
        before = await vector_index.state(conn)
        if before is None or not _too_much_is_gone(before):
            return False
        await vector_index.rebuild(conn, deletions=before.deletions)
        after = await vector_index.state(conn)
        if after is not None and after.gone < FEWEST_GONE:  # otherwise the vacuum would take too long again
            await vector_index.clean(conn)
    return True


async def renew_statistics(db: Database) -> None:
    """Renew outdated statistics of the planner, each table in its own transaction so that none waits for another."""
    async with db.system(durable=False) as conn:
        tables = await statistics.outdated(conn)
    for table in tables:
        async with db.system(durable=False, unhurried=True) as conn:
            await statistics.renew(conn, table=table)


def _too_much_is_gone(index: vector_index.IndexState) -> bool:
    return index.gone >= FEWEST_GONE and index.gone > MOST_GONE * (index.rows + index.gone)
