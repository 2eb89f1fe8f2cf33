"""Tasks as the list of a company's work shows them.

For a token with bounds the database checks each task that a statement reads. `core/queue/tasks.page` keeps their number
small.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from lethe.domain.records.bounds import BoundCompany
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


@dataclass(frozen=True, slots=True)
class _Place:
    created_at: datetime
    id: UUID


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


Place = tuple[datetime, UUID]
"""A position in the list: a task's creation time and id."""

_MET: LiteralString = """
    (%(since)s::timestamptz IS NULL OR finished_at IS NULL OR finished_at >= %(since)s)
    AND (%(after_time)s::timestamptz IS NULL OR (created_at, id) < (%(after_time)s, %(after_id)s::uuid))
    AND (%(to_time)s::timestamptz IS NULL OR (created_at, id) >= (%(to_time)s, %(to_id)s::uuid))
"""

_WITHIN: LiteralString = """
    SELECT DISTINCT n.id FROM node top CROSS JOIN path_end(top.path) stop
    JOIN node n ON n.company_id = top.company_id AND n.path >= top.path AND n.path < stop
    WHERE top.company_id = %(company_id)s AND top.id = ANY (%(roots)s)
"""


async def page(
    db: Database,
    *,
    company_id: str,
    wanted: TaskQuery,
    after: Place | None,
    to: Place | None = None,
    limit: int,
) -> list[ListedTask]:
    """The company's tasks, newest first. They reveal nothing about documents that are no longer live.

    Args:
        after: the last task of the previous page; None for the first page.
        to: the last task that may be on the page; None for any.
    """
    of_status = _OF_STATUS[wanted.status]
    which: LiteralString = f"{of_status} AND {_MET}"
    params = _conditions(wanted, after, to)
    return await db.read(company_id, _listed(which), {**params, "limit": limit}, ListedTask)


async def page_within(
    db: Database, *, company_id: BoundCompany, wanted: TaskQuery, after: Place, limit: int
) -> list[ListedTask]:
    """Like `page`, for a token with bounds: the tasks that it asked for, and those of the nodes that it may read.

    Takes about 30 us for each of these, however many other tasks the company has.
    """
    of_status = _OF_STATUS[wanted.status]
    met: LiteralString = f"{of_status} AND {_MET}"
    which: LiteralString = f"""
        id = ANY (ARRAY(
            SELECT id FROM (
                (
                    SELECT id, created_at FROM task
                    WHERE company_id = %(company_id)s AND token_id = %(token_id)s AND {met}
                    ORDER BY created_at DESC, id DESC LIMIT %(limit)s
                ) UNION (
                    SELECT t.id, t.created_at FROM ({_WITHIN}) n CROSS JOIN LATERAL (
                        SELECT id, created_at FROM task
                        WHERE company_id = %(company_id)s AND node_id = n.id AND {met} OFFSET 0
                    ) t ORDER BY t.created_at DESC, t.id DESC LIMIT %(limit)s
                )
            ) own ORDER BY created_at DESC, id DESC LIMIT %(limit)s
        ))"""
    bounds = {"token_id": company_id.token_id, "roots": list(company_id.reads)}
    params = _conditions(wanted, after, None)
    return await db.read(company_id, _listed(which), {**params, **bounds, "limit": limit}, ListedTask)


async def place(db: Database, *, company_id: str, after: Place | None, number: int) -> Place | None:
    """The position of the task that comes `number` tasks after another one; None if there are fewer.

    Args:
        after: the other one; None to count from the newest task.
    """
    found = await db.read_one(
        company_id,
        """
        SELECT created_at, id FROM task
        WHERE company_id = %(company_id)s
          AND (%(after_time)s::timestamptz IS NULL OR (created_at, id) < (%(after_time)s, %(after_id)s::uuid))
        ORDER BY created_at DESC, id DESC OFFSET %(number)s - 1 LIMIT 1
        """,
        {"after_time": after and after[0], "after_id": after and after[1], "number": number},
        _Place,
    )
    return (found.created_at, found.id) if found else None


def _conditions(wanted: TaskQuery, after: Place | None, to: Place | None) -> dict[str, object]:
    return {
        "since": wanted.since,
        "after_time": after and after[0],
        "after_id": after and after[1],
        "to_time": to and to[0],
        "to_id": to and to[1],
    }
