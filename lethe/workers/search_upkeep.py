"""Runs the upkeep of the search: word counts company by company, and the indexes of all companies."""

import asyncio
import time

import structlog

from lethe.core.search.upkeep import keep_all_up, rebuild_vector_index
from lethe.domain.errors import LetheError
from lethe.store.database.pool import Database
from lethe.store.postgres import indexes

log = structlog.get_logger()

INTERVAL_SECONDS = 15.0
LONGEST_SHARE = 0.1
"""The largest share of time spent on rounds; in large installations the intervals grow."""
INDEX_INTERVAL_SECONDS = 15.0


async def run_search_upkeep(db: Database) -> None:
    """Run rounds until cancelled; while there is more to do, the next one starts at once."""
    while True:
        more, start = False, time.monotonic()
        try:
            more = await keep_all_up(db)
        except LetheError as exc:
            log.warning("the search upkeep cannot work", reason=str(exc))
        except Exception:  # the edge of the loop: ingesting and erasing must go on
            log.exception("the search upkeep failed")
        if not more:
            await asyncio.sleep(max(INTERVAL_SECONDS, (time.monotonic() - start) / LONGEST_SHARE))


async def run_index_upkeep(db: Database) -> None:
    """Until cancelled, create missing indexes and rebuild the vector index: either may take minutes."""
    while True:
        try:
            for index in await indexes.mend(db):
                log.warning("created a missing index (a killed scrub may leave one out)", index=index)
            if await rebuild_vector_index(db):
                log.info("rebuilt the vector index without deleted vectors")
        except LetheError as exc:
            log.warning("the index upkeep cannot work", reason=str(exc))
        except Exception:  # the edge of the loop, as above
            log.exception("the index upkeep failed")
        await asyncio.sleep(INDEX_INTERVAL_SECONDS)
