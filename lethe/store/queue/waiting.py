"""For whom in a worker something waits, found by one look at the tables: notifications may be lost, and of what falls
due with time none tells."""

from lethe.domain.jobs import QUEUES
from lethe.store.database.connections import Connection
from lethe.store.queue.signals import JOB_QUEUED, OUTBOX_FILLED, WEBHOOKS_TOLD


async def channels(conn: Connection) -> list[str]:
    """The channels, as in `signals`, whose watchers have something to do; `conn` acts for SYSTEM.

    The deliveries are not asked for when they are due, as that would cost a look at each: while some wait, it is for
    their lease to tell.
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
