"""The job queue: procrastinate on the same database. A job contains only ids; its task has the work."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import LiteralString
from uuid import UUID

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.types import JSONValue

from lethe.domain.checkpoints import checkpoint
from lethe.domain.jobs import BACKGROUND, QUEUE_OF, QUEUES
from lethe.store.database.connections import Connection
from lethe.store.database.pool import Database
from lethe.store.database.transactions import Tx
from lethe.store.queue.fair_queue import FairJobs
from lethe.store.queue.signals import Signals

_DUE = datetime(2000, 1, 1, tzinfo=UTC)
"""A time in the past, whatever a machine's clock says."""


class Jobs:
    """The queue: `defer` inside a transaction queues a job if that transaction commits."""

    def __init__(self, db: Database, signals: Signals) -> None:
        self.app = App(connector=PsycopgConnector())
        self.fair = self.app.job_manager = FairJobs(self.app.connector, signals)
        self._db = db

    async def open(self) -> None:
        """Use the database's connection pool."""
        await self.app.open_async(self._db.pool)

    async def defer(self, tx: Tx, name: str, *, task_id: UUID, priority: int = BACKGROUND) -> None:
        """Queue the job `name` (domain/jobs.py) for a task, in the caller's transaction."""
        deferrer = self.app.configure_task(
            name, queue=QUEUE_OF[name], priority=priority, connection=tx.conn, allow_unknown=True
        )
        try:
            await deferrer.defer_async(company_id=tx.company_id, task_id=str(task_id))
        except ConnectorException as exc:  # the transaction translates the database's own error
            raise exc.__cause__ or exc from None

    async def defer_all(self, tx: Tx, name: str, *, jobs: Sequence[Mapping[str, JSONValue]]) -> None:
        """Queue several background jobs as `defer` does. Each mapping has a `task_id` and the job's other arguments."""
        if not jobs:
            return
        deferrer = self.app.configure_task(
            name, queue=QUEUE_OF[name], priority=BACKGROUND, connection=tx.conn, allow_unknown=True
        )
        try:
            await deferrer.batch_defer_async(*({"company_id": tx.company_id, **job} for job in jobs))
        except ConnectorException as exc:
            raise exc.__cause__ or exc from None

    async def requeue_stalled(self, *, seconds: float) -> int:
        """Requeue the jobs of workers that have been silent for `seconds`; returns their number."""
        stalled = [*await self.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=seconds)]
        for job in stalled:
            assert job.id is not None  # noqa: S101 it comes from the queue
            await self.give_back(job.id)
            checkpoint("sweeper_after_requeue_of_one")
        return len(stalled)

    async def taken_by(self, *, worker_ids: Collection[int]) -> set[int]:
        """The ids of the jobs assigned to any of these workers."""
        async with self._db.system() as conn:
            return {
                *await conn.values(
                    "SELECT id FROM procrastinate_jobs WHERE worker_id = ANY (%s) AND status = 'doing'",
                    (list(worker_ids),),
                )
            }

    async def give_back(self, id: int) -> None:
        """Requeue a job at once, unless it ends or is requeued at this moment."""
        with suppress(ConnectorException):
            await self.app.job_manager.retry_job_by_id_async(id, retry_at=_DUE)


# A batch has no job: it ends with its last member. The members of a share have one job together.
_WITHOUT_JOB: LiteralString = """
    t.finished_at IS NULL AND t.created_at < now() - make_interval(mins => %(minutes)s) AND t.kind <> 'batch'
    AND NOT EXISTS (SELECT FROM procrastinate_jobs j
                    WHERE j.args ->> 'task_id' = t.id::text AND j.status IN ('todo', 'doing'))
    AND NOT EXISTS (SELECT FROM batch_member m JOIN procrastinate_jobs j ON j.args ->> 'task_id' = m.batch_id::text
                    WHERE m.company_id = t.company_id AND m.task_id = t.id AND m.share IS NOT NULL
                      AND j.status IN ('todo', 'doing'))
"""

_UNTAKEN: LiteralString = "(j.status NOT IN ('todo', 'doing') OR j.queue_name <> ALL (%(queues)s))"


async def without_job(conn: Connection, *, minutes: int, limit: int) -> list[tuple[str, UUID, str]]:
    """Company, id and kind of open tasks, older than `minutes`, without a job."""
    cur = await conn.execute(
        f"SELECT t.company_id, t.id, t.kind::text FROM task t WHERE {_WITHOUT_JOB} LIMIT %(limit)s",
        {"minutes": minutes, "limit": limit},
    )
    return [(str(company), id, str(kind)) for company, id, kind in await cur.fetchall()]


async def count_lost(conn: Connection, *, minutes: int, silent_seconds: float) -> tuple[int, int]:
    """The number of open tasks, older than `minutes`, without a job; and the number of abandoned jobs, whose worker has
    been silent for `silent_seconds` or whose queue no worker serves."""
    cur = await conn.execute(
        f"""
        SELECT (SELECT count(*) FROM task t WHERE {_WITHOUT_JOB}), count(*)
        FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
        WHERE j.status = 'doing' AND coalesce(w.last_heartbeat, '-infinity') < now() - make_interval(secs => %(silent)s)
           OR {_UNTAKEN}
        """,
        {"minutes": minutes, "silent": silent_seconds, "queues": list(QUEUES)},
    )
    row = await cur.fetchone()
    assert row is not None  # noqa: S101 an aggregate has one row
    return int(row[0]), int(row[1])


async def remove_untaken(conn: Connection) -> None:
    """Remove the jobs that no worker takes; their tasks then count as without a job."""
    await conn.execute(f"DELETE FROM procrastinate_jobs j WHERE {_UNTAKEN}", {"queues": list(QUEUES)})
