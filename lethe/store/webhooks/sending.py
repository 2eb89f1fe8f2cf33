"""Leases due deliveries, reads what they say, and records how each attempt ended."""

from collections.abc import Mapping

from lethe.domain.webhooks import Leased, Message
from lethe.store.database.connections import Connection
from lethe.store.database.pool import Database
from lethe.store.database.transactions import Tx
from lethe.store.queue.tasks import DELETED, LEFT_BOUNDS


async def lease(
    conn: Connection,
    *,
    limit: int,
    of_target: int,
    of_company: int,
    busy: Mapping[tuple[str, str], int],
    seconds: int,
) -> list[Leased]:
    """Lease due deliveries for `seconds`, first those of the companies with the fewest under way.

    A delivery is leased only if no earlier one of its subject to the same target is left, so they are sent in order. If
    a worker dies, its leases expire and the deliveries are sent again with the same event id.

    Args:
        limit: how many to lease at most.
        of_target, of_company: how many may be under way to one target and of one company, including `busy`.
        busy: how many are under way in this process, by company and target.

    The targets are walked by index, one lookup each, so a target with many deliveries delays no other.
    """
    return await conn.rows(
        Leased,
        """
        WITH RECURSIVE busy AS MATERIALIZED (
            SELECT * FROM unnest(%(companies)s::text[], %(targets)s::text[], %(counts)s::int[])
                AS b (company_id, target, count)
        ), target AS (
            (SELECT company_id, target FROM webhook_delivery WHERE status = 'waiting'
             ORDER BY company_id, target LIMIT 1)
            UNION ALL
            SELECT n.company_id, n.target FROM target t CROSS JOIN LATERAL (
                SELECT company_id, target FROM webhook_delivery
                WHERE status = 'waiting' AND (company_id, target) > (t.company_id, t.target)
                ORDER BY company_id, target LIMIT 1) n
        ), head AS (
            SELECT h.company_id, h.id, row_number() OVER (PARTITION BY h.company_id ORDER BY h.nth, h.due_at, h.id)
                   + coalesce((SELECT sum(count) FROM busy b WHERE b.company_id = h.company_id), 0) AS place
            FROM target t CROSS JOIN LATERAL (
                SELECT d.company_id, d.id, d.due_at, row_number() OVER (ORDER BY d.due_at, d.id) AS nth
                FROM webhook_delivery d
                WHERE d.company_id = t.company_id AND d.target = t.target AND d.status = 'waiting' AND d.due_at <= now()
                  AND NOT EXISTS (
                    SELECT FROM webhook_delivery e
                    WHERE e.company_id = d.company_id AND e.target = d.target AND e.subject = d.subject
                      AND e.status = 'waiting' AND e.id < d.id)
                ORDER BY d.due_at, d.id
                LIMIT greatest(0, %(of_target)s - coalesce((
                    SELECT sum(count) FROM busy b WHERE b.company_id = t.company_id AND b.target = t.target), 0))
            ) h
        ), taken AS (
            SELECT d.company_id, d.id FROM webhook_delivery d
            JOIN head ON head.company_id = d.company_id AND head.id = d.id
            WHERE d.status = 'waiting' AND d.due_at <= now() AND head.place <= %(of_company)s
            ORDER BY head.place, d.due_at LIMIT %(limit)s
            FOR UPDATE OF d SKIP LOCKED
        )
        UPDATE webhook_delivery d
        SET due_at = now() + make_interval(secs => %(seconds)s), attempts = d.attempts + 1,
            first_tried_at = coalesce(d.first_tried_at, now())
        FROM taken WHERE d.company_id = taken.company_id AND d.id = taken.id
        RETURNING d.company_id, d.id, d.target, d.attempts
        """,
        {
            "companies": [company for company, _ in busy],
            "targets": [target for _, target in busy],
            "counts": list(busy.values()),
            "of_target": of_target,
            "of_company": of_company,
            "limit": limit,
            "seconds": seconds,
        },
    )


async def message(db: Database, *, company_id: str, id: int) -> Message | None:
    """What a delivery says if it is sent now; None if it is gone. It reveals nothing about a document that is not live,
    and a callback nothing about a document that has left the bounds of its token."""
    return await db.read_one(
        company_id,
        f"""
        SELECT d.event_id, coalesce(d.url, w.url) AS url, d.type, d.facts, d.webhook_id IS NULL AS is_callback,
               CASE WHEN d.webhook_id IS NULL THEN array_remove(ARRAY[d.sealed], NULL) ELSE array(
                   SELECT s.sealed FROM webhook_secret s
                   WHERE s.company_id = d.company_id AND s.webhook_id = d.webhook_id
                     AND (s.expires_at IS NULL OR s.expires_at > now()) ORDER BY s.id DESC) END AS sealed,
               d.created_at, coalesce(d.first_tried_at, now()) AS first_tried_at, now() AS now, d.task_id,
               coalesce(d.receipt_id, t.receipt_id) AS receipt_id, t.node_id, root.collection, live.artifact,
               CASE WHEN t.kind <> 'ingest' OR t.node_id IS NULL
                      OR (live.id IS NOT NULL AND NOT (d.webhook_id IS NULL AND {LEFT_BOUNDS})) THEN t.result
                    ELSE jsonb_set(t.result, '{{data}}', '[]') - 'warnings' END AS result,
               CASE WHEN t.kind = 'ingest' AND t.status = 'failure' AND n.state = 'deleted'
                    THEN '{DELETED}' ELSE t.error END AS error,
               t.callback -> 'properties' AS properties
        FROM webhook_delivery d
        LEFT JOIN webhook w ON w.company_id = d.company_id AND w.id = d.webhook_id
        LEFT JOIN task t ON t.company_id = d.company_id AND t.id = d.task_id
        LEFT JOIN node n ON n.company_id = t.company_id AND n.id = t.node_id
        LEFT JOIN live_node live ON live.company_id = t.company_id AND live.id = t.node_id
        LEFT JOIN live_node root ON root.company_id = live.company_id AND root.id = live.root_id
        WHERE d.company_id = %(company_id)s AND d.id = %(id)s
        """,
        {"id": id},
        Message,
    )


async def end(tx: Tx, *, id: int, status: str, last_status: int | None, error: str | None) -> None:
    """End a delivery as delivered or dead."""
    await tx.execute(
        """
        UPDATE webhook_delivery
        SET status = %(status)s, ended_at = now(), last_status = %(last)s, last_error = %(error)s
        WHERE company_id = %(company_id)s AND id = %(id)s AND status = 'waiting'
        """,
        {"id": id, "status": status, "last": last_status, "error": error},
    )


async def put_off(tx: Tx, *, id: int, seconds: float, last_status: int | None, error: str) -> None:
    """Schedule another attempt of a delivery after `seconds`."""
    await tx.execute(
        """
        UPDATE webhook_delivery SET due_at = now() + make_interval(secs => %(seconds)s), last_status = %(last)s,
                                    last_error = %(error)s
        WHERE company_id = %(company_id)s AND id = %(id)s AND status = 'waiting'
        """,
        {"id": id, "seconds": seconds, "last": last_status, "error": error},
    )
