"""Builds a worker: the context, child processes, the embedder, the broker's publisher."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import structlog

from lethe.adapters import webhooks
from lethe.adapters.amqp import Publisher
from lethe.adapters.children import Children
from lethe.adapters.children_bars import held
from lethe.adapters.embedders import open_embedder
from lethe.core import embedding_model
from lethe.core.context import Context
from lethe.core.ingestion.work import IngestDependencies
from lethe.core.webhooks.sending import Patience, Post
from lethe.settings import Settings
from lethe.wiring.checks import embedder_spec
from lethe.wiring.context import open_context

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Worker:
    """Everything that a worker process needs."""

    context: Context
    dependencies: IngestDependencies
    publisher: Publisher | None
    post: Post
    patience: Patience
    concurrency: int


@asynccontextmanager
async def open_worker(settings: Settings, conninfo: str, children: Children) -> AsyncIterator[Worker]:
    """A worker, open during the block; the `children` end with it.

    Raises OperatorError if the stored vectors come from another embedder.
    """
    async with AsyncExitStack() as stack:
        stack.push_async_callback(children.close)
        context = await stack.enter_async_context(open_context(settings, conninfo))
        embedder = await open_embedder(embedder_spec(settings), run=children.run)
        stack.push_async_callback(embedder.close)
        await embedding_model.record(context.db, embedder)
        for missing in (await children.run(held)).missing:
            log.warning("parsers are not fully confined", reason=missing)
        dependencies = IngestDependencies(children, embedder, await context.markers.in_use())
        publisher = None
        if settings.amqp_url is not None:
            publisher = Publisher(settings.amqp_url.get_secret_value(), declare=settings.amqp_declare)
            stack.push_async_callback(publisher.close)
        yield Worker(
            context,
            dependencies,
            publisher,
            partial(
                webhooks.post, seconds=settings.webhook_seconds, allow_private=settings.webhook_allow_private
            ),
            Patience(
                settings.webhook_seconds,
                settings.webhook_first_retry_seconds,
                settings.webhook_most_retry_seconds,
                settings.webhook_retry_hours,
            ),
            settings.worker_concurrency or 2 * (os.cpu_count() or 1),
        )
