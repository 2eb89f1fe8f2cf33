"""Builds the context of the use cases for an API process, a worker or a command."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import structlog

from lethe.adapters.blobs import Blobs
from lethe.adapters.children import Children
from lethe.adapters.scratch import FOLDER, Scratch
from lethe.adapters.webhooks import Receivers
from lethe.core.context import Context
from lethe.core.limiter import Limiter
from lethe.core.receipts.keys import Keys, read_private
from lethe.core.room import Room
from lethe.core.scrub.markers import Markers
from lethe.core.webhooks.secrets import Secrets
from lethe.domain.checkpoints import look_for_armed_points
from lethe.domain.errors import OperatorError
from lethe.settings import Settings
from lethe.store.queue.jobs import Jobs
from lethe.store.queue.signals import Signals
from lethe.wiring.checks import embedder_spec
from lethe.wiring.database import open_database
from lethe.wiring.fetching import fetcher
from lethe.wiring.query_embedder import open_query_embedder

log = structlog.get_logger()

_CONTENTS_AT_ONCE = 2
"""Large contents built at once, on any machine: one is built while another is read from the database."""
_FOR_CONVERSIONS = ("lethe.parsers", "lethe.core.ingestion.prepare")
"""What the process that forks the children for conversions imports: unlike a worker's, no embedding model."""
_ANSWERS_AT_ONCE = 4
"""How many answers of the largest size fit on the disk while clients read them."""


@asynccontextmanager
async def open_context(settings: Settings, conninfo: str) -> AsyncIterator[Context]:
    """The context, once database, queue, notifications and blob store are known to answer."""
    _arm(settings)
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(open_database(settings, conninfo))
        signals = Signals(conninfo)
        jobs = Jobs(db, signals)
        await jobs.open()
        await stack.enter_async_context(signals.listening())
        blobs = Blobs(settings.blob_url or (settings.data_dir / "blobs").absolute().as_uri(), settings.aws)
        await blobs.ready()
        at_once = settings.searches_at_once or os.cpu_count() or 1
        embed_query = await stack.enter_async_context(
            open_query_embedder(embedder_spec(settings), db, at_once)
        )
        children = Children(_FOR_CONVERSIONS)
        stack.push_async_callback(children.close)
        scratch = Scratch(settings.data_dir / FOLDER)
        stack.callback(scratch.close)
        receivers = Receivers(allow_private=settings.webhook_allow_private)
        yield Context(
            db,
            jobs,
            signals,
            blobs,
            Keys(db, read_private(settings.receipt_key) if settings.receipt_key else None),
            Markers(db),
            settings.limits,
            Secrets(
                settings.webhook_key or settings.data_dir / "webhook.key", make=settings.webhook_key is None
            ),
            receivers,
            has_broker=settings.amqp_url is not None,
            embed_query=embed_query,
            retention_days=settings.retention_days,
            hybrid_weights=settings.weights,
            search_limiter=Limiter(at_once),
            embedding_limiter=Limiter(at_once),
            content_limiter=Limiter(_CONTENTS_AT_ONCE),
            conversion_limiter=Limiter(os.cpu_count() or 1),
            children=children,
            fetch=fetcher(settings),
            scratch=scratch,
            bodies=Room(settings.limits.bodies_bytes),
            answers=Room(_ANSWERS_AT_ONCE * settings.limits.answer_bytes),
        )


def _arm(settings: Settings) -> None:
    directory = settings.test_checkpoints
    if directory is not None:
        if not directory.is_dir():
            raise OperatorError(f"LETHE_TEST_CHECKPOINTS is not a directory ({directory}): unset it.")
        log.warning(
            "LETHE_TEST_CHECKPOINTS lets tests crash this process: unset it in production",
            directory=directory,
        )
    look_for_armed_points(directory)
