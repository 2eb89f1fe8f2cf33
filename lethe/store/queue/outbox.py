"""Callback events, from the transaction they report until the broker's confirmation."""

from collections.abc import Sequence
from typing import LiteralString

from psycopg.types.json import Jsonb

from lethe.domain.json import Json
from lethe.domain.records.tasks import Event
from lethe.store.database.connections import Connection
from lethe.store.database.pool import Database
from lethe.store.database.transactions import Tx
from lethe.store.queue.tasks import LEFT_BOUNDS

# An event of the task `t` without the document's data: names, metadata, warnings, the message of a failure. The
# caller's callback_properties and the message of a revocation stay.
_WITHOUT_CONTENT: LiteralString = """
    jsonb_set(jsonb_set(jsonb_set(o.body, '{data,data}', '[]', false), '{data,warnings}', 'null', false),
        '{error,errors}',
        CASE t.status WHEN 'failure' THEN '["The document was deleted."]'
                      ELSE coalesce(o.body #> '{error,errors}', 'null') END,
        false)
"""


async def insert(tx: Tx, *, task_id: object, exchange: str, routing_key: str, body: Json) -> None:
    """Insert an event, sent after this transaction commits and after the task's earlier events. Wakes the relay."""
    await tx.execute(
        """
        WITH event AS (
            INSERT INTO outbox (company_id, task_id, exchange, routing_key, body)
            VALUES (%(company_id)s, %(task_id)s, %(exchange)s, %(routing_key)s, %(body)s)
        )
        SELECT pg_notify('lethe_outbox', '')
        """,
        {
            "task_id": task_id,
            "exchange": exchange,
            "routing_key": routing_key,
            "body": Jsonb(body),
        },
    )


async def lease(conn: Connection, *, limit: int, seconds: int) -> list[Event]:
    """Lease the first waiting event of up to `limit` tasks for `seconds`; no other relay takes them meanwhile.

    An event is leased only if no earlier event of its task is left, so a task's events are sent in order. If a relay
    dies, its lease expires and its events are sent again with the same event_id.
    """
    return await conn.rows(
        Event,
        """
        UPDATE outbox o SET due_at = now() + make_interval(secs => %(seconds)s), attempt = o.attempt + 1
        FROM (
            SELECT company_id, id FROM outbox head
            WHERE due_at <= now() AND NOT EXISTS (
                SELECT FROM outbox earlier WHERE earlier.company_id = head.company_id
                  AND earlier.task_id = head.task_id AND earlier.id < head.id)
            ORDER BY due_at, id LIMIT %(limit)s
            FOR UPDATE SKIP LOCKED
        ) taken
        WHERE o.company_id = taken.company_id AND o.id = taken.id
        RETURNING o.company_id, o.id, o.event_id, o.task_id, o.exchange, o.routing_key, o.attempt,
                  (SELECT t.receipt_id FROM task t
                   WHERE t.company_id = o.company_id AND t.id = o.task_id) AS receipt_id
        """,
        {"limit": limit, "seconds": seconds},
    )


async def told(db: Database, *, company_id: str, id: int) -> Json | None:
    """The body of an event as it must be sent now; None if the event is gone.

    It omits a document's data if the document has since been deleted, so that none is sent after the response to its
    deletion, or if it has left the bounds of the token that made the request.
    """
    found = await db.read_values(
        company_id,
        f"""
        SELECT CASE WHEN t.kind = 'ingest' AND n.state = 'deleted' THEN {_WITHOUT_CONTENT}
                    WHEN t.kind = 'ingest' AND {LEFT_BOUNDS}
                    THEN jsonb_set(jsonb_set(o.body, '{{data,data}}', '[]', false), '{{data,warnings}}', 'null', false)
                    ELSE o.body END
        FROM outbox o JOIN task t ON t.company_id = o.company_id AND t.id = o.task_id
        LEFT JOIN node n ON n.company_id = t.company_id AND n.id = t.node_id
        WHERE o.company_id = %(company_id)s AND o.id = %(id)s
        """,
        {"id": id},
    )
    return found[0] if found else None


async def delete(tx: Tx, *, id: int) -> None:
    """Delete an event: the broker has confirmed it, or has reported it undeliverable."""
    await tx.execute("DELETE FROM outbox WHERE company_id = %s AND id = %s", (tx.company_id, id))


async def give_back(tx: Tx, *, id: int, seconds: int) -> None:
    """Make an event that could not be sent available again after `seconds`."""
    await tx.execute(
        "UPDATE outbox SET due_at = now() + make_interval(secs => %s) WHERE company_id = %s AND id = %s",
        (seconds, tx.company_id, id),
    )


async def count_late(conn: Connection, *, minutes: int) -> int:
    """The number of events that have waited longer than `minutes`."""
    found = await conn.value(
        "SELECT count(*) FROM outbox WHERE created_at < now() - make_interval(mins => %s)", (minutes,)
    )
    return int(found or 0)


async def forget_data(tx: Tx, *, node_ids: Sequence[str]) -> None:
    """Remove names and metadata of deleted documents from the waiting events of the nodes' ingestions."""
    await tx.execute(
        f"""
        UPDATE outbox o SET body = {_WITHOUT_CONTENT}
        FROM task t
        WHERE t.company_id = %s AND t.node_id = ANY (%s) AND t.kind = 'ingest'
          AND o.company_id = t.company_id AND o.task_id = t.id
        """,
        (tx.company_id, list(node_ids)),
    )
