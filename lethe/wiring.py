"""The one place where objects are built from the settings."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from lethe.adapters.amqp import Publisher
from lethe.adapters.blobs import Blobs
from lethe.adapters.children import Children
from lethe.adapters.embedders import open_embedder, parse_embedder
from lethe.adapters.fetch import S3Access, fetch
from lethe.adapters.scratch import Scratch
from lethe.core.context import Context
from lethe.core.ingestion.work import Workshop
from lethe.domain.records import SYSTEM
from lethe.settings import Settings
from lethe.store import installation
from lethe.store.database import Database
from lethe.store.embedded import EmbeddedPostgres
from lethe.store.jobs import Jobs
from lethe.store.signals import Signals


@dataclass(frozen=True, slots=True)
class Worker:
    """All that a worker process works with."""

    context: Context
    workshop: Workshop
    publisher: Publisher | None
    concurrency: int


def embedded(settings: Settings) -> EmbeddedPostgres:
    """The PostgreSQL that is used when LETHE_DATABASE_URL names none."""
    return EmbeddedPostgres(settings.data_dir / "postgres")


@asynccontextmanager
async def open_database(settings: Settings, conninfo: str) -> AsyncIterator[Database]:
    """The database with its pool of connections."""
    db = Database(conninfo, max_size=settings.database_connections)
    await db.open()
    try:
        yield db
    finally:
        await db.close()


@asynccontextmanager
async def open_context(settings: Settings, conninfo: str) -> AsyncIterator[Context]:
    """What the use cases work with, in an API process or a worker."""
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(open_database(settings, conninfo))
        jobs = Jobs(db)
        await jobs.open()
        signals = Signals(conninfo)
        await stack.enter_async_context(signals.listening())
        blobs = Blobs(settings.blob_url or (settings.data_dir / "blobs").absolute().as_uri(), settings.aws)
        await blobs.ready()
        yield Context(db, jobs, signals, blobs, settings.limits, has_broker=settings.amqp_url is not None)


@asynccontextmanager
async def open_worker(settings: Settings, conninfo: str) -> AsyncIterator[Worker]:
    """A worker. Raises OperatorError when the embedder is not the one whose vectors are stored."""
    cores = os.cpu_count() or 1
    async with AsyncExitStack() as stack:
        context = await stack.enter_async_context(open_context(settings, conninfo))
        children = Children(preload=["lethe.preload"], slots=cores)
        stack.push_async_callback(children.close)
        spec = parse_embedder(settings.embedder, _secret(settings.embedder_key))
        embedder = await open_embedder(spec, run=children.run)
        stack.push_async_callback(embedder.close)
        async with context.db.transaction(SYSTEM) as conn:
            await installation.record_embedder(conn, model=embedder.model, dimension=embedder.dimension)
        scratch = Scratch(settings.data_dir / "scratch")
        stack.callback(scratch.close)
        buckets = frozenset(b.strip() for b in settings.fetch_s3_buckets.split(",") if b.strip())
        workshop = Workshop(
            children,
            embedder,
            scratch,
            partial(
                fetch,
                limits=settings.limits,
                allow_private=settings.fetch_allow_private,
                s3_access=S3Access(buckets, settings.aws),
            ),
        )
        publisher = None
        if settings.amqp_url is not None:
            publisher = Publisher(settings.amqp_url.get_secret_value(), declare=settings.amqp_declare)
            stack.push_async_callback(publisher.close)
        yield Worker(context, workshop, publisher, settings.worker_concurrency or 2 * cores)


def _secret(value: object) -> str | None:
    return None if value is None else str(value.get_secret_value())  # type: ignore[attr-defined]
