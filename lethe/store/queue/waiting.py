"""Which loops of a worker have work, found by one query: a notification may be lost, and none is sent for work that
falls due."""

from lethe.domain.jobs import QUEUES
from lethe.store.database.connections import Connection
from lethe.store.queue.signals import JOB_QUEUED, OUTBOX_FILLED, WEBHOOKS_TOLD


async def channels(conn: Connection) -> list[str]:
    """The channels, as in `signals`, whose watchers have something to do; `conn` acts for SYSTEM.

    Deliveries count even before they are due: checking the time would read each of them, and their lease checks it.
    """
    return await conn.values(
        """
        SELECT %(jobs)s || queue FROM unnest(%(queues)s::text[]) AS q (queue)
        WHERE EXISTS (SELECT FROM procrastinate_jobs WHERE status = 'todo' AND queue_name = queue
                      AND (scheduled_at IS NULL OR scheduled_at <= now()))
        UNION ALL SELECT %(events)s WHERE EXISTS (SELECT FROM outbox WHERE due_at <= now())
        UNION ALL SELECT %(deliveries)s WHERE EXISTS (SELECT FROM webhook_delivery WHERE status = 'waiting')
        """,
        {
            "jobs": JOB_QUEUED,
            "queues": list(QUEUES),
            "events": OUTBOX_FILLED,
            "deliveries": WEBHOOKS_TOLD,
        },
    )
