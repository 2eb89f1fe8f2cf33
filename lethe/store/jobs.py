"""The job queue: procrastinate on the same database. A job carries ids only; its task holds what is to be done."""

from datetime import UTC, datetime
from uuid import UUID

from procrastinate import App, PsycopgConnector

from lethe.domain.checkpoints import checkpoint
from lethe.store.database import Connection, Database

INGEST = "ingest"
REMOVE = "remove"
UNINDEX = "unindex"
REINDEX = "reindex"

_QUEUES = {INGEST: INGEST, REINDEX: INGEST, REMOVE: REMOVE, UNINDEX: REMOVE}
"""Two queues, so that removals never wait behind ingestions."""

SYNCHRONOUS, BACKGROUND = 10, 0
"""Priorities: somebody holds the line, or nobody does."""


class Jobs:
    """The queue as a writer sees it: `defer` inside a transaction, and nothing is queued unless it commits."""

    def __init__(self, db: Database) -> None:
        self.app = App(connector=PsycopgConnector())
        self._db = db

    async def open(self) -> None:
        """Use the database's own pool of connections."""
        await self.app.open_async(self._db.pool)

    async def defer(
        self, conn: Connection, name: str, *, company_id: str, task_id: UUID, priority: int = BACKGROUND
    ) -> None:
        """Queue the job `name` (INGEST, REMOVE, UNINDEX or REINDEX) for a task in the caller's transaction."""
        deferrer = self.app.configure_task(
            name, queue=_QUEUES[name], priority=priority, connection=conn, allow_unknown=True
        )
        await deferrer.defer_async(company_id=company_id, task_id=str(task_id))

    async def requeue_stalled(self, *, seconds: float) -> int:
        """Give back the jobs of workers that have been silent for `seconds`; how many they were."""
        manager = self.app.job_manager
        stalled = [*await manager.get_stalled_jobs(seconds_since_heartbeat=seconds)]
        for job in stalled:
            await manager.retry_job(job, retry_at=datetime.now(UTC))
            checkpoint("sweeper_after_requeue_of_one")
        return len(stalled)


async def without_job(conn: Connection, *, minutes: int, limit: int) -> list[tuple[str, UUID, str]]:
    """Company, id and kind of open tasks, older than `minutes`, that no job works for."""
    cur = await conn.execute(
        """
        SELECT t.company_id, t.id, t.kind::text FROM task t
        WHERE t.finished_at IS NULL AND t.created_at < now() - make_interval(mins => %s)
          AND NOT EXISTS (SELECT FROM procrastinate_jobs j WHERE j.args ->> 'task_id' = t.id::text)
        LIMIT %s
        """,
        (minutes, limit),
    )
    return [(str(company), id, str(kind)) for company, id, kind in await cur.fetchall()]
