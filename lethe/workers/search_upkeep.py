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
WHOLE_SECONDS = 300.0
"""The interval of the rounds that leave out no company."""
_COMMIT_SECONDS = 30.0
"""Added to the window of a round, since a task's end may be committed this much later. The rounds over all companies
catch the rest."""
INDEX_INTERVAL_SECONDS = 15.0
STATISTICS_INTERVALS_SECONDS = (5.0, 30.0)
"""The shortest and the longest interval. Until a renewal, companies unknown to the planner are slow to read."""


async def run_search_upkeep(db: Database) -> None:
    """Run rounds until cancelled; while there is more to do, the next one starts at once.

    A round leaves out the companies in which nothing has changed since the last that found nothing to do.
    """
    looked = whole_due = time.monotonic()
    while True:
        start = time.monotonic()
        whole = start >= whole_due
        changed = None if whole else start - looked + _COMMIT_SECONDS
        more = await guarded("the search upkeep", keep_all_up(db, changed_seconds=changed))
        if more:
            continue
        pause = (time.monotonic() - start) / LONGEST_SHARE
        if more is not None:  # it has not failed
            looked = start
            whole_due = start + max(WHOLE_SECONDS, pause) if whole else whole_due
        await asyncio.sleep(max(INTERVAL_SECONDS, pause))


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
