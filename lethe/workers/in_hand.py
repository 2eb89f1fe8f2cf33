"""Gives back jobs that the queue assigns to a living worker but that the worker does not know of.

This happens if a connection breaks while it carries the answer to a worker's fetch, or the report of a job's end.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import structlog
from procrastinate import JobContext
from procrastinate.exceptions import ConnectorException
from procrastinate.worker import Worker

from lethe.domain.errors import Unavailable
from lethe.store.queue.jobs import Jobs

log = structlog.get_logger()

LOOK_SECONDS = 5.0
"""How often a process compares. A job that is unknown twice in a row is given back."""


class InHand:
    """The jobs that the workers of this process are running."""

    def __init__(self) -> None:
        self._ids = set[int]()
        self._workers = set[Worker]()

    @property
    def worker_ids(self) -> list[int]:
        """The workers' ids in the queue; a worker that is starting or ending has none."""
        return [worker.worker_id for worker in self._workers if worker.worker_id is not None]

    @contextmanager
    def of(self, worker: Worker) -> Iterator[None]:
        """While the block runs, the jobs assigned to this worker count too."""
        self._workers.add(worker)
        try:
            yield
        finally:
            self._workers.discard(worker)

    async def note(
        self, call_next: Callable[[], Awaitable[object]], context: JobContext, _: Worker
    ) -> object:
        """Run a job; a procrastinate middleware."""
        id = context.job.id
        assert id is not None  # noqa: S101 jobs from the queue have ids
        self._ids.add(id)
        try:
            return await call_next()
        finally:
            self._ids.discard(id)

    async def give_back_unknown(self, jobs: Jobs) -> None:
        """Until cancelled, give back jobs assigned to the workers that they are not running. A job may run twice."""
        unknown = set[int]()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                before, unknown = unknown, await jobs.taken_by(worker_ids=self.worker_ids) - self._ids
                for id in unknown & before:
                    log.warning("gave back a job that was lost with a connection", job=id)
                    await jobs.give_back(id)
            except (ConnectorException, Unavailable) as exc:
                log.warning("cannot look for lost jobs", reason=str(exc))
