"""A company's figures at a glance. Each statement reads indexes, or a bounded number of rows."""

from datetime import date

from lethe.domain.records.overview import Erased, Stock
from lethe.store.database.pool import Database


async def stock(db: Database, *, company_id: str, most: int | None, failures: int) -> Stock:
    """Counts of documents and tasks. Documents are counted up to one more than `most` (None: all of them), with
    their chunks and bytes; failed tasks up to `failures`."""
    rows = await db.read(
        company_id,
        """
        SELECT kept.*, work.*, failed.*
        FROM (
            SELECT count(*) AS documents, coalesce(sum(chunks), 0)::bigint AS chunks,
                   coalesce(sum(bytes), 0)::bigint AS bytes
            FROM (
                SELECT d.chunks, d.bytes FROM live_node n
                JOIN document d ON d.company_id = n.company_id AND d.node_id = n.id
                WHERE n.company_id = %(company_id)s AND n.kind = 'document' LIMIT %(most)s::bigint + 1
            ) counted
        ) kept, (
            SELECT count(*) FILTER (WHERE status = 'pending') AS waiting,
                   count(*) FILTER (WHERE status = 'started') AS running
            FROM task WHERE company_id = %(company_id)s AND finished_at IS NULL
        ) work, (
            SELECT count(*) AS failures FROM (
                SELECT FROM task WHERE company_id = %(company_id)s AND status = 'failure'
                   AND finished_at > now() - interval '1 day' LIMIT %(failures)s
            ) f
        ) failed
        """,
        {"most": most, "failures": failures},
        Stock,
    )
    return rows[0]


async def erased(db: Database, *, company_id: str, since: date, limit: int) -> list[Erased]:
    """Figures for each day since `since` on which something was erased, then for all of them together. They cover the
    newest `limit` receipts."""
    return await db.read(
        company_id,
        """
        WITH newest AS MATERIALIZED (
            SELECT (erased_at AT TIME ZONE 'UTC')::date AS day, erased_at, body::jsonb AS body
            FROM receipt
            WHERE company_id = %(company_id)s AND erased_at >= %(since)s::timestamp AT TIME ZONE 'UTC'
              AND subject_id IS NOT NULL
            ORDER BY erased_at DESC LIMIT %(limit)s
        ), timed AS (
            SELECT day, (body -> 'erased' ->> 'documents')::bigint AS documents,
                   extract(epoch FROM (body ->> 'invisible_at')::timestamptz - (body ->> 'requested_at')::timestamptz)
                       AS invisible,
                   extract(epoch FROM erased_at - (body ->> 'requested_at')::timestamptz) AS whole
            FROM newest
        )
        SELECT day, count(*) AS erasures, coalesce(sum(documents), 0)::bigint AS documents,
               coalesce(greatest(max(invisible), 0), 0)::float AS invisible,
               coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY whole), 0)::float AS usual,
               coalesce(max(whole), 0)::float AS slowest
        FROM timed GROUP BY GROUPING SETS ((day), ()) ORDER BY day NULLS LAST
        """,
        {"since": since, "limit": limit},
        Erased,
    )
