"""Whether the server is of use: what a load balancer and an operator want to know."""

from lethe.domain.errors import Unavailable
from lethe.domain.records import SYSTEM
from lethe.store import installation, migrate
from lethe.store.database import Database

WORKER_SECONDS = 5.0
"""A worker that was silent for longer counts as dead; it speaks every second."""


async def missing(db: Database) -> list[str]:
    """What is missing, a sentence each; empty when the server is ready."""
    try:
        async with db.session() as conn:
            pending = await migrate.pending(conn)
        if pending:
            return [f"Migrations are not applied ({', '.join(pending)}): run 'lethe migrate'."]
        async with db.transaction(SYSTEM) as conn:
            workers = await installation.workers_alive(conn, seconds=WORKER_SECONDS)
    except Unavailable as exc:
        return [str(exc)]
    return [] if workers else ["No worker is alive: start 'lethe worker'."]
