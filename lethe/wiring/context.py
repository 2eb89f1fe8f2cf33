"""What the use cases work with, in an API process or a worker."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from lethe.adapters.blobs import Blobs
from lethe.core.context import Context
from lethe.settings import Settings
from lethe.store.jobs import Jobs
from lethe.store.signals import Signals
from lethe.wiring.database import open_database


@asynccontextmanager
async def open_context(settings: Settings, conninfo: str) -> AsyncIterator[Context]:
    """Database, queue, notifications and blob store, all known to answer."""
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(open_database(settings, conninfo))
        jobs = Jobs(db)
        await jobs.open()
        signals = Signals(conninfo)
        await stack.enter_async_context(signals.listening())
        blobs = Blobs(settings.blob_url or (settings.data_dir / "blobs").absolute().as_uri(), settings.aws)
        await blobs.ready()
        yield Context(db, jobs, signals, blobs, settings.limits, has_broker=settings.amqp_url is not None)
