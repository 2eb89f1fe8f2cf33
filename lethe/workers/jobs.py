"""Runs jobs: procrastinate's workers, retries, and jobs that fail for good."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from uuid import UUID

import structlog
from procrastinate import BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.worker import Worker

from lethe.core.context import Context
from lethe.core.deletion import by_filter, erasure
from lethe.core.ingestion import together, work
from lethe.core.ingestion.reindex import reindex
from lethe.core.ingestion.work import IngestDependencies
from lethe.core.queue import tasks
from lethe.core.tree import trash
from lethe.core.upkeep.recovery import STALLED_SECONDS
from lethe.domain.errors import (
    InputRejected,
    LimitExceeded,
    MachineFailed,
    OperatorError,
    Revoked,
    ServerFailed,
    Unavailable,
)
from lethe.domain.jobs import FETCH, INGEST, INGEST_SHARE, QUEUE_OF, REINDEX, REMOVE, REMOVE_MANY, UNINDEX
from lethe.domain.records.batches import Share
from lethe.domain.records.tasks import TaskFailure, TaskStatus
from lethe.store.queue.fair_queue import RESERVE_OF
from lethe.store.queue.signals import TASK_ENDED
from lethe.workers.in_hand import InHand

log = structlog.get_logger()

INGEST_TRIES = 6
"""Attempts while an outside service is unavailable: about half a minute in all."""
FAULTY_TRIES = 2
"""Attempts when Lethe itself fails: a second may succeed, a third hardly would."""
_RETURN_SECONDS = 10.0
"""How long an ingestion may take to return from the commit that ended its task."""
FETCHES = 4
"""Addresses fetched at once per ingestion slot: fetching is mostly waiting for other machines."""
REMOVE_TRIES = 1_000_000
"""Removals and restores never give up: the document is already invisible, and its bytes must go."""

_LOOK_AGAIN_SECONDS = 10.0
"""Fallback interval, in case both notification and pulse fail."""
_A_DAY = 86_400.0

_INTERNAL = "An internal error occurred at this document: see the server's log. Trying again may help."


Doing = Callable[..., Awaitable[None]]
"""Works on the task with this `company_id` and `task_id`, such as `work.ingest`."""


class Backoff(BaseRetryStrategy):
    """Retry after 1, 2, 4 ... at most 60 seconds, until all attempts are used up."""

    def __init__(self, tries: int) -> None:
        self._tries = tries

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """None ends the job. A job cancelled because the worker stops is always retried."""
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision(retry_in={"seconds": 0})
        if job.attempts + 1 >= self._tries:
            return None
        return RetryDecision(retry_in={"seconds": min(60, 2 ** min(job.attempts, 6))})


def register(ctx: Context, deps: IngestDependencies) -> None:
    """Register the function for each kind of job with procrastinate."""
    _register_ingestions(ctx, deps)

    _register(ctx, REMOVE, partial(erasure.run, ctx))
    _register(ctx, REMOVE_MANY, partial(by_filter.run, ctx))
    _register(ctx, UNINDEX, partial(trash.unindex, ctx.db))
    _register(ctx, REINDEX, partial(reindex, ctx, deps))


def _register(ctx: Context, name: str, doing: Doing) -> None:
    @ctx.jobs.app.task(name=name, queue=QUEUE_OF[name], retry=Backoff(REMOVE_TRIES))
    async def run(*, company_id: str, task_id: str) -> None:
        await doing(company_id=company_id, task_id=UUID(task_id))


def _register_ingestions(ctx: Context, deps: IngestDependencies) -> None:
    async def one_try(context: JobContext, company_id: str, task_id: str, doing: Doing) -> bool:
        if context.job.attempts >= INGEST_TRIES:  # its worker has died each time
            await work.fail(
                ctx,
                company_id=company_id,
                task_id=UUID(task_id),
                failure=TaskFailure.INTERNAL,
                error=_INTERNAL,
            )
            return False
        return await run_ingestion(ctx, doing, company_id, UUID(task_id), attempt=context.job.attempts + 1)

    @ctx.jobs.app.task(name=FETCH, queue=FETCH, pass_context=True, retry=Backoff(INGEST_TRIES))
    async def fetch(context: JobContext, *, company_id: str, task_id: str) -> None:
        await one_try(context, company_id, task_id, partial(work.fetch, ctx, priority=context.job.priority))

    @ctx.jobs.app.task(name=INGEST, queue=INGEST, pass_context=True, retry=Backoff(INGEST_TRIES))
    async def ingest(context: JobContext, *, company_id: str, task_id: str) -> None:
        if await one_try(context, company_id, task_id, partial(work.ingest, ctx, deps)):
            log.info("ingestion ended", company_id=company_id, task_id=task_id, outcome="success")

    @ctx.jobs.app.task(name=INGEST_SHARE, queue=INGEST, pass_context=True, retry=Backoff(INGEST_TRIES))
    async def ingest_share(context: JobContext, *, company_id: str, task_id: str, share: int) -> None:
        await run_share(ctx, deps, Share(company_id, UUID(task_id), share), attempt=context.job.attempts + 1)


async def run_ingestion(ctx: Context, doing: Doing, company_id: str, task_id: UUID, *, attempt: int) -> bool:
    """Try an ingestion, or a step of it, once; stop as soon as its task is revoked. True if it succeeded.

    Raises:
        LetheError: what went wrong, so that the job is retried; never on the last attempt.
    """
    failure, error = TaskFailure.INTERNAL, _INTERNAL
    try:
        await _until_ended(ctx, company_id, task_id, doing(company_id=company_id, task_id=task_id))
    except Revoked:
        return False
    except (InputRejected, LimitExceeded) as exc:
        failure, error = TaskFailure.REJECTED, str(exc)
    except (Unavailable, OperatorError) as exc:
        if attempt < INGEST_TRIES:
            raise
        failure, error = TaskFailure.UNAVAILABLE, str(exc)
    except OSError as exc:
        log.exception("an operating system call failed", company_id=company_id, task_id=str(task_id))
        reason = MachineFailed(exc)
        if attempt < INGEST_TRIES:
            raise reason from exc
        failure, error = TaskFailure.UNAVAILABLE, str(reason)
    except Exception as exc:  # the edge of the loop: a fault in one document must not stop the others
        log.exception("ingestion failed", company_id=company_id, task_id=str(task_id))
        if attempt < FAULTY_TRIES:
            raise ServerFailed(_INTERNAL) from exc
    else:
        return True
    # Without the message, which may quote the file; `lethe tasks` and the API show it.
    log.info("ingestion ended", company_id=company_id, task_id=str(task_id), outcome=failure)
    await work.fail(ctx, company_id=company_id, task_id=task_id, failure=failure, error=error)
    return False


async def run_share(ctx: Context, deps: IngestDependencies, share: Share, *, attempt: int) -> None:
    """Try the ingestion of a share of a batch once. If Lethe itself fails, or after the last attempt, each document
    gets a job of its own, so that one document's failure does not affect the others.

    Raises LetheError if an outside service is down, so that the job is retried.
    """
    what = {"company_id": share.company_id, "batch_id": str(share.batch_id), "share": share.number}
    if attempt > INGEST_TRIES:  # its worker has died each time
        return await together.separate_share(ctx, share)
    try:
        return await together.ingest_share(ctx, deps, share)
    except (Unavailable, OperatorError) as exc:
        if attempt < INGEST_TRIES:
            raise
        log.warning("documents of a batch could not be ingested together", reason=str(exc), **what)
    except OSError as exc:
        log.exception("an operating system call failed", **what)
        if attempt < INGEST_TRIES:
            raise MachineFailed(exc) from exc
    except Exception:  # the edge of the loop: a fault in one document must not stop the others
        log.exception("documents of a batch could not be ingested together", **what)
    await together.separate_share(ctx, share)


async def run_worker(ctx: Context, in_hand: InHand, *, concurrency: int) -> None:
    """Take jobs until cancelled; while the database is unavailable, try again every second.

    Each queue has its own slots, so that removals never wait and no ingestion waits for another's address. A few extra
    slots are reserved for companies that have none while another has taken all (`RESERVE_OF`).
    """
    # The group waits for all queues: an idle queue ends at once, the others first give back their jobs.
    async with asyncio.TaskGroup() as group:
        for queue, slots in {
            INGEST: concurrency,
            f"{RESERVE_OF}{INGEST}": 1,
            FETCH: FETCHES * concurrency,
            f"{RESERVE_OF}{FETCH}": concurrency,
            REMOVE: max(2, concurrency // 2),
        }.items():
            group.create_task(_run_queue(ctx, in_hand, queue, slots))
        group.create_task(in_hand.give_back_unknown(ctx.jobs))


async def _run_queue(ctx: Context, in_hand: InHand, queue: str, concurrency: int) -> None:
    while True:
        worker = Worker(
            ctx.jobs.app,
            queues=[queue],
            name=f"lethe-{queue}",
            concurrency=concurrency,
            fetch_job_polling_interval=_LOOK_AGAIN_SECONDS,
            shutdown_graceful_timeout=5.0,
            delete_jobs="always",
            install_signal_handlers=False,
            update_heartbeat_interval=_A_DAY,  # the pulse tells of all workers at once
            stalled_worker_timeout=STALLED_SECONDS,
            worker_middleware=[in_hand.note],
        )
        try:
            with in_hand.of(worker):
                await worker.run()  # type: ignore[no-untyped-call]  # without annotations in procrastinate 3
        except (ConnectorException, Unavailable) as exc:
            # procrastinate also raises this if it is cancelled while the database is unavailable.
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise asyncio.CancelledError from exc
            log.warning("the database is unavailable: trying again", queue=queue)
        await asyncio.sleep(1)


async def _until_ended(ctx: Context, company_id: str, task_id: UUID, doing: Awaitable[None]) -> None:
    """Await `doing`, but cancel it and raise Revoked as soon as someone else ends the task."""
    task = asyncio.ensure_future(doing)
    woken = asyncio.Event()
    async with ctx.signals.watch(TASK_ENDED, str(task_id), woken.set):
        ending = asyncio.ensure_future(_ended(ctx, company_id, task_id, woken))
        try:
            await asyncio.wait({task, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done() and ending.result() is TaskStatus.SUCCESS:
                # The notification may arrive before `doing` returns from its own commit.
                await asyncio.wait({task}, timeout=_RETURN_SECONDS)
            if not task.done():
                raise Revoked("The ingestion was revoked.")
            await task
        finally:
            task.cancel()
            ending.cancel()
            await asyncio.gather(task, ending, return_exceptions=True)


async def _ended(ctx: Context, company_id: str, task_id: UUID, woken: asyncio.Event) -> TaskStatus:
    """How the task ended, once it has. A wake-up alone proves nothing: a new connection wakes everyone."""
    while True:
        await woken.wait()
        woken.clear()
        with suppress(Unavailable):  # then the work itself will fail
            end = await tasks.end(ctx.db, company_id=company_id, task_id=task_id)
            if end is not None:
                return end
