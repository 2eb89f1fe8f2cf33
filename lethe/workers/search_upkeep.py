"""Runs the upkeep of search: word counts company by company, the indexes of all companies, and the planner's
statistics."""

import asyncio
import time

import structlog

from lethe.core.search.upkeep import keep_all_up, rebuild_vector_index, renew_statistics
from lethe.store.database.pool import Database
from lethe.store.postgres import indexes
from lethe.workers.guarded import guarded

log = structlog.get_logger()

INTERVAL_SECONDS = 15.0
LONGEST_SHARE = 0.1
"""The largest share of time spent on rounds; in large installations the intervals grow."""
INDEX_INTERVAL_SECONDS = 15.0
STATISTICS_INTERVALS_SECONDS = (5.0, 30.0)
"""The shortest and the longest interval. Until a renewal, companies unknown to the planner are slow to read."""


async def run_search_upkeep(db: Database) -> None:
    """Run rounds until cancelled; while there is more to do, the next one starts at once."""
    while True:
        start = time.monotonic()
        if not await guarded("the search upkeep", keep_all_up(db)):
            await asyncio.sleep(max(INTERVAL_SECONDS, (time.monotonic() - start) / LONGEST_SHARE))


async def run_index_upkeep(db: Database) -> None:
    """Until cancelled, create missing indexes and rebuild the vector index. Either may take minutes."""
    while True:
        for index in await guarded("the index upkeep", indexes.mend(db)) or ():
            log.warning("created a missing index (a killed scrub may leave one out)", index=index)
        if await guarded("the index upkeep", rebuild_vector_index(db)):
            log.info("rebuilt the vector index without deleted vectors")
        await asyncio.sleep(INDEX_INTERVAL_SECONDS)


async def run_statistics_upkeep(db: Database) -> None:
    """Until cancelled, renew the planner's statistics of tables that have changed much."""
    while True:
        start = time.monotonic()
        await guarded("the statistics upkeep", renew_statistics(db))
        shortest, longest = STATISTICS_INTERVALS_SECONDS
        await asyncio.sleep(max(shortest, min(longest, (time.monotonic() - start) / LONGEST_SHARE)))
