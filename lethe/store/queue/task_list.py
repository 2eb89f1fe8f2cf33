"""Tasks as the list of a company's work shows them."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

from lethe.domain.records.queries import TaskQuery
from lethe.domain.records.tasks import ListedTask
from lethe.store.database.pool import Database
from lethe.store.queue.tasks import DELETED

_LISTED: LiteralString = f"""
    SELECT t.id, t.kind, t.status, t.step, t.percentage, t.created_at, t.finished_at,
           CASE WHEN t.error IS NOT NULL AND n.state = 'deleted' AND t.kind = 'ingest'
                THEN '{DELETED}' ELSE t.error END AS error,
           coalesce(CASE WHEN live.id IS NOT NULL AND t.kind = 'ingest' THEN t.result->'warnings' END, '[]')
               AS warnings,
           CASE WHEN t.status = 'success' THEN t.receipt_id END AS receipt_id,
           live.id AS node_id, root.collection, live.artifact, live.title
    FROM task t
    LEFT JOIN node n ON n.company_id = t.company_id AND n.id = t.node_id
    LEFT JOIN live_node live ON live.company_id = t.company_id AND live.id = t.node_id
    LEFT JOIN live_node root ON root.company_id = live.company_id AND root.id = live.root_id
    WHERE t.company_id = %(company_id)s
"""
"""A company's tasks; they reveal nothing about documents that are no longer live."""


async def find(db: Database, *, company_id: str, id: UUID) -> ListedTask | None:
    """The company's task as a list shows it."""
    return await db.read_one(company_id, f"{_LISTED} AND t.id = %(id)s", {"id": id}, ListedTask)


async def page(
    db: Database, *, company_id: str, wanted: TaskQuery, after: tuple[datetime, UUID] | None, limit: int
) -> list[ListedTask]:
    """The company's tasks, newest first. They reveal nothing about documents that are no longer live.

    Args:
        after: creation time and id of the last task of the previous page; None for the first page.
    """
    return await db.read(
        company_id,
        f"""{_LISTED}
          AND (%(status)s::task_status IS NULL OR t.status = %(status)s::task_status)
          AND (%(since)s::timestamptz IS NULL OR t.finished_at IS NULL OR t.finished_at >= %(since)s)
          AND (%(after_time)s::timestamptz IS NULL OR (t.created_at, t.id) < (%(after_time)s, %(after_id)s::uuid))
        ORDER BY t.created_at DESC, t.id DESC LIMIT %(limit)s
        """,
        {
            "status": wanted.status,
            "since": wanted.since,
            "after_time": after[0] if after else None,
            "after_id": after[1] if after else None,
            "limit": limit,
        },
        ListedTask,
    )
