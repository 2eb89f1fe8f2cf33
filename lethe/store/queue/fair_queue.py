"""Chooses a worker's next job: companies take turns, so that none waits behind thousands of another's jobs."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from typing import LiteralString

from procrastinate.connector import BaseConnector
from procrastinate.jobs import Job
from procrastinate.manager import JobManager, NotificationCallback

from lethe.store.queue.signals import JOB_QUEUED, Signals

RESERVE_OF = "reserve of "
"""Prefix of a reserve: the same queue, but its slots take only jobs of companies that have none in progress while
others have some. So one company cannot occupy all slots."""

_REMEMBERED = 1_000
"""How many companies are remembered in order of last service."""

# Considers several jobs of each waiting company, because another worker may be taking the first one right now.
_TAKE: LiteralString = """
WITH RECURSIVE waiting (company_id) AS (
    (SELECT args ->> 'company_id' FROM procrastinate_jobs
     WHERE status = 'todo' AND queue_name = %(queue)s ORDER BY args ->> 'company_id' LIMIT 1)
    UNION ALL
    SELECT (SELECT j.args ->> 'company_id' FROM procrastinate_jobs j
            WHERE j.status = 'todo' AND j.queue_name = %(queue)s AND j.args ->> 'company_id' > w.company_id
            ORDER BY j.args ->> 'company_id' LIMIT 1)
    FROM waiting w WHERE w.company_id IS NOT NULL
), doing AS MATERIALIZED (
    SELECT args ->> 'company_id' AS company_id, count(*) AS jobs FROM procrastinate_jobs
    WHERE status = 'doing' AND worker_id IS NOT NULL AND queue_name = %(queue)s GROUP BY 1
), next AS (
    SELECT j.id FROM waiting w
    LEFT JOIN doing d ON d.company_id = w.company_id
    CROSS JOIN LATERAL (
        SELECT id FROM procrastinate_jobs
        WHERE status = 'todo' AND queue_name = %(queue)s AND args ->> 'company_id' = w.company_id
          AND (scheduled_at IS NULL OR scheduled_at <= now())
        ORDER BY priority DESC, id LIMIT 8
    ) first
    JOIN procrastinate_jobs j ON j.id = first.id
    WHERE j.status = 'todo' AND (NOT %(reserve)s OR (d.jobs IS NULL AND EXISTS (SELECT FROM doing)))
    ORDER BY coalesce(d.jobs, 0), j.priority DESC,
             array_position(%(served)s::text[], w.company_id) NULLS FIRST, j.id
    LIMIT 1 FOR UPDATE OF j SKIP LOCKED
)
UPDATE procrastinate_jobs j SET status = 'doing', worker_id = %(worker_id)s FROM next WHERE j.id = next.id
RETURNING j.id, j.status, j.task_name, j.priority, j.lock, j.queueing_lock, j.args, j.scheduled_at, j.queue_name,
          j.attempts, j.worker_id
"""


class FairJobs(JobManager):
    """Takes the next job of the company with the fewest jobs in progress; among equals the job with the highest
    priority (a caller waits for it), then that of the company this process served longest ago.

    Apart from that last rule, only the jobs' rows decide, so nothing needs repair when a worker is killed.
    """

    def __init__(self, connector: BaseConnector, signals: Signals) -> None:
        super().__init__(connector)
        self._signals = signals
        self._served: dict[str, dict[str, None]] = defaultdict(dict)

    async def listen_for_jobs(
        self, *, on_notification: NotificationCallback, queues: Iterable[str] | None = None
    ) -> None:
        """Until cancelled, wake a worker for new jobs. All workers share the process's listening connection."""
        (queue,) = queues or ()
        channel, told = f"{JOB_QUEUED}{queue}", asyncio.Event()
        async with self._signals.watch(channel, None, told.set):
            while True:
                await told.wait()
                told.clear()
                await on_notification(channel=channel, notification={"type": "job_inserted", "job_id": 0})

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """Assign the next job of a queue, or of a reserve of one, to the worker and return it; None if there is none
        for it."""
        (name,) = queues or ()
        queue = name.removeprefix(RESERVE_OF)
        served = self._served[queue]
        rows = await self.connector.execute_query_all_async(
            query=_TAKE,
            queue=queue,
            worker_id=worker_id,
            served=[*served],
            reserve=name.startswith(RESERVE_OF),
        )
        if not rows:
            return None
        job = Job.from_row(rows[0])
        company_id = str(job.task_kwargs["company_id"])
        served.pop(company_id, None)
        served[company_id] = None
        if len(served) > _REMEMBERED:
            del served[next(iter(served))]
        return job
