"""Whether the server is ready, for load balancers and operators."""

import asyncio
from collections.abc import Collection
from uuid import UUID

from lethe.domain.errors import Unavailable
from lethe.store import installation
from lethe.store.database.failures import AWAY
from lethe.store.database.pool import Database
from lethe.store.postgres import migrate

WORKER_SECONDS = 5.0
"""A worker silent for longer counts as dead; it reports every second."""
ANSWER_SECONDS = 2.0
"""The answer comes within this time, even if no connection is free by then."""


async def say_alive(db: Database, *, worker_id: UUID, takers: Collection[int] = ()) -> None:
    """Record that a worker is alive; this counts for WORKER_SECONDS.

    Args:
        takers: the ids in the queue of those of its parts that take jobs; they are alive too.
    """
    async with db.system(durable=False) as conn:
        await installation.note_worker(conn, id=worker_id, takers=takers)


async def say_gone(db: Database, *, worker_id: UUID) -> None:
    """Record that a worker has stopped, so that it stops counting as alive at once."""
    async with db.system() as conn:
        await installation.forget_worker(conn, id=worker_id)


async def missing(db: Database) -> list[str]:
    """What is missing, one sentence each; empty if the server is ready."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS), db.session(admission=True) as conn:
            if pending := await migrate.pending(conn):
                return [f"Migrations are not applied ({', '.join(pending)}): run 'lethe migrate'."]
            workers = await installation.workers_alive(conn, seconds=WORKER_SECONDS)
    except Unavailable as exc:
        return [str(exc)]
    except TimeoutError:
        return [AWAY]
    return [] if workers else ["No worker is alive: start 'lethe worker'."]
