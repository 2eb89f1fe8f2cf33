"""The health of each part of the installation, for human readers. For load balancers see core/upkeep/readiness.py."""

import asyncio
import shutil
from dataclasses import dataclass
from datetime import datetime

from lethe.core.context import Context
from lethe.core.upkeep.readiness import ANSWER_SECONDS, WORKER_SECONDS
from lethe.domain.errors import LetheError
from lethe.store import installation
from lethe.store.database.pool import Database
from lethe.store.postgres import migrate
from lethe.store.upkeep import reconciliation


@dataclass(frozen=True, slots=True)
class DatabaseHealth:
    """`pending`: migrations still to be applied. `model`: the embedding model, None before the first worker.

    `leftovers`: how many orphans the last reconciliation found; None before the first.
    """

    version: str
    pending: int
    workers: int
    model: str | None
    leftovers: int | None


@dataclass(frozen=True, slots=True)
class Health:
    """`database` is None if it does not answer. `free_bytes`: on the disk with the originals; None for a bucket."""

    database: DatabaseHealth | None
    files: bool
    free_bytes: int | None
    broker: bool


async def look(ctx: Context) -> Health:
    """Check all parts, each within ANSWER_SECONDS."""
    database, files = await asyncio.gather(_database(ctx.db), _files(ctx))
    return Health(database, files, await free_bytes(ctx) if files else None, ctx.has_broker)


async def leftovers(ctx: Context) -> tuple[int, datetime] | None:
    """How many orphans the last reconciliation found, and when; None before the first."""
    async with ctx.db.session(admission=True) as conn:
        last = await reconciliation.last_round(conn)
    return (sum(last.counts.values()), last.ended_at) if last else None


async def free_bytes(ctx: Context) -> int | None:
    """The free bytes on the disk with the originals; None for a bucket."""
    directory = ctx.blobs.directory
    return None if directory is None else (await asyncio.to_thread(shutil.disk_usage, directory)).free


async def _database(db: Database) -> DatabaseHealth | None:
    try:
        async with asyncio.timeout(ANSWER_SECONDS), db.session(admission=True) as conn:
            pending = len(await migrate.pending(conn))
            last = None if pending else await reconciliation.last_round(conn)
            return DatabaseHealth(
                await installation.server_version(conn),
                pending,
                await installation.workers_alive(conn, seconds=WORKER_SECONDS),
                await installation.recorded_embedder(conn),
                sum(last.counts.values()) if last else None,
            )
    except (LetheError, TimeoutError):
        return None


async def _files(ctx: Context) -> bool:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await ctx.blobs.ready()
    except (LetheError, TimeoutError):
        return False
    return True
