"""How much work is waiting in the whole installation: counts for /metrics, without any company's data."""

from typing import LiteralString

from lethe.domain.records.measures import Measure
from lethe.store.database.connections import Connection

_WAITING: LiteralString = """
    SELECT 'jobs' AS thing, queue_name::text AS first, status::text AS second, count(*) AS count,
           0::float AS oldest_seconds
    FROM procrastinate_jobs GROUP BY queue_name, status
    UNION ALL
    SELECT 'tasks', kind::text, status::text, count(*), extract(epoch FROM now() - min(created_at))::float
    FROM task WHERE finished_at IS NULL GROUP BY kind, status
    UNION ALL
    SELECT 'events', '', '', count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0)::float FROM outbox
    UNION ALL
    SELECT 'deliveries', CASE WHEN attempts > 0 AND last_error IS NOT NULL THEN 'failing' ELSE 'pending' END AS state,
           '', count(*), extract(epoch FROM now() - min(created_at))::float
    FROM webhook_delivery WHERE status = 'waiting' GROUP BY state
    UNION ALL
    SELECT 'deliveries', 'dead', '', count(*), 0 FROM webhook_delivery WHERE status = 'dead'
    UNION ALL
    SELECT 'files', '', '', count(*), coalesce(extract(epoch FROM now() - min(due_at)), 0)::float
    FROM blob_removal WHERE due_at <= now()
    UNION ALL
    SELECT 'workers', '', '', count(*), 0 FROM worker_alive WHERE seen_at > now() - interval '5 seconds'
"""


async def waiting(conn: Connection) -> list[Measure]:
    """Jobs and open tasks by status, events, deliveries to webhooks by state, files to remove, live workers."""
    return await conn.rows(Measure, _WAITING)
