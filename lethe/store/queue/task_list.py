"""Tasks as the list of a company's work shows them."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

from lethe.domain.records.queries import TaskQuery
from lethe.domain.records.tasks import ListedTask, TaskStatus
from lethe.store.database.pool import Database
from lethe.store.queue.tasks import DELETED

_OF_STATUS: dict[TaskStatus | None, LiteralString] = {
    None: "true",
    TaskStatus.PENDING: "status = 'pending' AND finished_at IS NULL",
    TaskStatus.STARTED: "status = 'started' AND finished_at IS NULL",
    TaskStatus.SUCCESS: "status = 'success'",
    TaskStatus.FAILURE: "status = 'failure'",
    TaskStatus.REVOKED: "status = 'revoked'",
}
"""Literals, so that the planner can use partial indexes; with a parameter, a rare status would need a full scan."""


def _listed(which: LiteralString) -> LiteralString:
    """Lists the company's tasks that meet the condition, newest first.

    It selects the tasks before it joins anything, so that a page reads no more nodes than it shows. The result reveals
    nothing about documents that are no longer live.
    """
    return f"""
        SELECT t.id, t.kind, t.status, t.step, t.percentage, t.created_at, t.finished_at,
               CASE WHEN t.error IS NOT NULL AND n.state = 'deleted' AND t.kind = 'ingest'
                    THEN '{DELETED}' ELSE t.error END AS error,
               coalesce(CASE WHEN live.id IS NOT NULL AND t.kind = 'ingest' THEN t.result->'warnings' END, '[]')
                   AS warnings,
               CASE WHEN t.status = 'success' THEN t.receipt_id END AS receipt_id,
               live.id AS node_id, root.collection, live.artifact, live.title
        FROM (
            SELECT * FROM task WHERE company_id = %(company_id)s AND {which}
            ORDER BY created_at DESC, id DESC LIMIT %(limit)s
        ) t
        LEFT JOIN node n ON n.company_id = t.company_id AND n.id = t.node_id
        LEFT JOIN live_node live ON live.company_id = t.company_id AND live.id = t.node_id
        LEFT JOIN live_node root ON root.company_id = live.company_id AND root.id = live.root_id
        ORDER BY t.created_at DESC, t.id DESC
    """


async def find(db: Database, *, company_id: str, id: UUID) -> ListedTask | None:
    """The company's task as a list shows it."""
    return await db.read_one(company_id, _listed("id = %(id)s"), {"id": id, "limit": 1}, ListedTask)


async def page(
    db: Database, *, company_id: str, wanted: TaskQuery, after: tuple[datetime, UUID] | None, limit: int
) -> list[ListedTask]:
    """The company's tasks, newest first. They reveal nothing about documents that are no longer live.

    Args:
        after: creation time and id of the last task of the previous page; None for the first page.
    """
    of_status = _OF_STATUS[wanted.status]
    return await db.read(
        company_id,
        _listed(f"""
            {of_status}
            AND (%(since)s::timestamptz IS NULL OR finished_at IS NULL OR finished_at >= %(since)s)
            AND (%(after_time)s::timestamptz IS NULL OR (created_at, id) < (%(after_time)s, %(after_id)s::uuid))
        """),
        {
            "since": wanted.since,
            "after_time": after[0] if after else None,
            "after_id": after[1] if after else None,
            "limit": limit,
        },
        ListedTask,
    )
