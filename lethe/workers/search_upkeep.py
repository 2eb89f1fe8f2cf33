"""When the search of large texts is kept up: now and then, company by company; and the vector index of all."""

import asyncio
import time

import structlog

from lethe.core.search.upkeep import keep_all_up, rebuild_vector_index
from lethe.domain.errors import LetheError
from lethe.store.database import Database
from lethe.store.postgres import indexes

log = structlog.get_logger()

INTERVAL_SECONDS = 15.0
LONGEST_SHARE = 0.1
"""Most of the time that rounds may take, in large installations; then the intervals grow."""
INDEX_INTERVAL_SECONDS = 15.0


async def run_search_upkeep(db: Database) -> None:
    """Keep up until cancelled; a round follows at once while there is more to do."""
    while True:
        more, start = False, time.monotonic()
        try:
            more = await keep_all_up(db)
        except LetheError as exc:
            log.warning("the search cannot be kept up", reason=str(exc))
        except Exception:  # the edge of the loop: whoever ingests and erases must go on
            log.exception("the upkeep of the search failed")
        if not more:
            await asyncio.sleep(max(INTERVAL_SECONDS, (time.monotonic() - start) / LONGEST_SHARE))


async def run_index_upkeep(db: Database) -> None:
    """Make indexes that are missing and build the vector index anew until cancelled, beside the rest: either may
    take minutes."""
    while True:
        try:
            for index in await indexes.mend(db):
                log.warning("made an index that was missing, as after a scrub that was killed", index=index)
            if await rebuild_vector_index(db):
                log.info("the vector index was built anew, without what was deleted")
        except LetheError as exc:
            log.warning("the indexes of the search cannot be looked after", reason=str(exc))
        except Exception:  # the edge of the loop, as above
            log.exception("the upkeep of the indexes failed")
        await asyncio.sleep(INDEX_INTERVAL_SECONDS)
