"""Deliveries to webhooks and HTTP callbacks: one row per event and receiver, written in the transaction it reports.

The rows hold ids, numbers and times. What a delivery says of a document is read when it is sent (sending.py), so an
erasure has nothing to remove from them.
"""

from collections.abc import Sequence
from uuid import UUID

from psycopg.types.json import Jsonb

from lethe.domain.json import Json
from lethe.domain.webhooks import PING, Delivery, DeliveryStatus
from lethe.store.database.connections import Connection
from lethe.store.database.pool import Database
from lethe.store.database.transactions import Tx


async def insert_of_tasks(
    tx: Tx, *, task_ids: Sequence[UUID], event: str | None, type_: str, facts: Json = None
) -> None:
    """Insert an event about each of these tasks, for its own callback and for the company's webhooks.

    Args:
        event: the event type for webhooks; None: they are not told.
        type_: the event type for callbacks.
    """
    await tx.execute(
        """
        WITH hook AS MATERIALIZED (
            SELECT id FROM webhook WHERE company_id = %(company_id)s AND %(event)s::text = ANY (events)
            FOR KEY SHARE -- one that is being deleted is not told
        ), told AS (
            INSERT INTO webhook_delivery (company_id, webhook_id, target, subject, type, facts, task_id, url, sealed)
            SELECT t.company_id, NULL, 'callback ' || (t.callback #>> '{webhook,origin}'), t.id::text, %(type)s,
                   %(facts)s, t.id, t.callback #>> '{webhook,url}', decode(t.callback #>> '{webhook,sealed}', 'base64')
            FROM task t
            WHERE t.company_id = %(company_id)s AND t.id = ANY (%(ids)s) AND t.callback #>> '{webhook,url}' IS NOT NULL
            UNION ALL
            SELECT t.company_id, hook.id, hook.id::text, t.node_id, %(event)s, %(facts)s, t.id, NULL, NULL
            FROM task t CROSS JOIN hook
            WHERE t.company_id = %(company_id)s AND t.id = ANY (%(ids)s) AND t.node_id IS NOT NULL
            RETURNING 1
        )
        SELECT pg_notify('lethe_webhook', '') WHERE EXISTS (SELECT FROM told)
        """,
        {"ids": list(task_ids), "event": event, "type": type_, "facts": Jsonb(facts or {})},
    )


async def insert_of_nodes(
    tx: Tx, *, event: str, subjects: Sequence[str], facts: Json, receipt_id: UUID | None = None
) -> None:
    """Insert an event for the company's webhooks, once for each subject: a node's id, or an erasure's subject."""
    await tx.execute(
        """
        WITH hook AS MATERIALIZED (
            SELECT id FROM webhook WHERE company_id = %(company_id)s AND %(event)s = ANY (events) FOR KEY SHARE
        ), told AS (
            INSERT INTO webhook_delivery (company_id, webhook_id, target, subject, type, facts, receipt_id)
            SELECT %(company_id)s, hook.id, hook.id::text, s.id, %(event)s,
                   %(facts)s || jsonb_build_object('id', s.id), %(receipt)s
            FROM hook CROSS JOIN unnest(%(subjects)s::text[]) AS s (id)
            RETURNING 1
        )
        SELECT pg_notify('lethe_webhook', '') WHERE EXISTS (SELECT FROM told)
        """,
        {"event": event, "subjects": list(subjects), "facts": Jsonb(facts), "receipt": receipt_id},
    )


async def insert_ping(tx: Tx, *, webhook_id: UUID) -> UUID | None:
    """Insert a test delivery, which waits for no other; returns its event id. None if there is no such webhook."""
    return await tx.value(
        """
        WITH told AS (
            INSERT INTO webhook_delivery (company_id, webhook_id, target, subject, type)
            SELECT company_id, id, id::text, gen_random_uuid()::text, %(type)s FROM webhook
            WHERE company_id = %(company_id)s AND id = %(id)s
            RETURNING event_id
        )
        SELECT event_id FROM told, pg_notify('lethe_webhook', '')
        """,
        {"id": webhook_id, "type": PING},
    )


async def page(
    db: Database,
    *,
    company_id: str,
    event_id: UUID | None = None,
    webhook_id: UUID | None = None,
    status: DeliveryStatus | None = None,
    before: UUID | None = None,
    limit: int,
) -> list[Delivery]:
    """The company's deliveries, newest first.

    Args:
        event_id: only the delivery of this event.
        before: only deliveries older than that of this event.
    """
    return await db.read(
        company_id,
        """
        SELECT d.event_id, d.webhook_id, d.type, coalesce(d.url, w.url) AS url, d.status, d.attempts, d.due_at,
               d.last_status, d.last_error, d.task_id, d.receipt_id, d.created_at, d.ended_at
        FROM webhook_delivery d LEFT JOIN webhook w ON w.company_id = d.company_id AND w.id = d.webhook_id
        WHERE d.company_id = %(company_id)s AND (%(id)s::uuid IS NULL OR d.event_id = %(id)s)
          AND (%(webhook)s::uuid IS NULL OR d.webhook_id = %(webhook)s)
          AND (%(status)s::text IS NULL OR d.status = %(status)s)
          AND (%(before)s::uuid IS NULL OR d.id < (
            SELECT id FROM webhook_delivery WHERE company_id = %(company_id)s AND event_id = %(before)s))
        ORDER BY d.id DESC LIMIT %(limit)s
        """,
        {
            "id": event_id,
            "webhook": webhook_id,
            "status": status,
            "before": before,
            "limit": limit,
        },
        Delivery,
    )


async def redeliver(tx: Tx, *, event_id: UUID) -> bool:
    """Make a delivery due at once, as if it had never been tried. False if the company has no such delivery."""
    cur = await tx.execute(
        """
        UPDATE webhook_delivery
        SET status = 'waiting', ended_at = NULL, due_at = now(), attempts = 0, first_tried_at = NULL
        WHERE company_id = %s AND event_id = %s AND (status <> 'waiting' OR last_error IS NOT NULL)
        """,
        (tx.company_id, event_id),
    )
    if cur.rowcount == 1:
        await tx.execute("SELECT pg_notify('lethe_webhook', '')")
        return True
    return bool(
        await tx.value(
            "SELECT true FROM webhook_delivery WHERE company_id = %s AND event_id = %s",
            (tx.company_id, event_id),
        )
    )


async def delete_ended(conn: Connection, *, days: int, limit: int) -> int:
    """Delete deliveries that ended more than `days` ago; returns their number."""
    cur = await conn.execute(
        """
        DELETE FROM webhook_delivery WHERE (company_id, id) IN (
            SELECT company_id, id FROM webhook_delivery
            WHERE ended_at < now() - make_interval(days => %s) ORDER BY ended_at LIMIT %s FOR UPDATE SKIP LOCKED)
        """,
        (days, limit),
    )
    return cur.rowcount
