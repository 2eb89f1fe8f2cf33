"""Assistants, their workers, and the nodes assigned to those workers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from lethe.domain.records.assistants import Assistant
from lethe.store.database.pool import Database
from lethe.store.database.transactions import Tx


@dataclass(frozen=True, slots=True)
class Given:
    """An assistant with the number of its workers and of the nodes they may search; a folder counts as one."""

    id: str
    name: str
    description: str | None
    created_at: datetime
    workers: int
    supervisors: int
    nodes: int


@dataclass(frozen=True, slots=True)
class GivenNode:
    """A node assigned to an assistant's workers: to how many of them, and since when."""

    id: str
    title: str
    kind: str
    workers: int
    since: datetime


@dataclass(frozen=True, slots=True)
class _Counted(Assistant):
    total: int


async def insert(tx: Tx, *, id: str, name: str, description: str | None) -> None:
    """Insert an assistant without workers."""
    await tx.execute(
        "INSERT INTO assistant (company_id, id, name, description) VALUES (%s, %s, %s, %s)",
        (tx.company_id, id, name, description),
    )


async def insert_workers(tx: Tx, *, assistant_id: str, workers: Sequence[tuple[str, bool]]) -> None:
    """Insert workers of an assistant, each as (id, whether it is a supervisor)."""
    await tx.execute(
        """
        INSERT INTO assistant_worker (company_id, assistant_id, id, supervisor)
        SELECT %s, %s, w.id, w.supervisor FROM unnest(%s::text[], %s::boolean[]) w (id, supervisor)
        """,
        (tx.company_id, assistant_id, [id for id, _ in workers], [supervisor for _, supervisor in workers]),
    )


async def page(
    db: Database, *, company_id: str, part: str, offset: int, limit: int
) -> tuple[list[Assistant], int]:
    """Assistants whose name contains `part`, ignoring case, sorted by name; and their total number."""
    params = {"part": part, "offset": offset, "limit": limit}
    # One statement returns page and count; past the last page it returns only the count.
    rows = await db.read(
        company_id,
        """
        WITH found AS MATERIALIZED (
            SELECT * FROM assistant
            WHERE company_id = %(company_id)s AND position(lower(%(part)s) IN lower(name)) > 0
        ), page AS (
            SELECT * FROM found ORDER BY lower(name), id LIMIT %(limit)s OFFSET %(offset)s
        )
        SELECT coalesce(p.id, '') AS id, coalesce(p.name, '') AS name, p.description, p.avatar_url, p.model,
               coalesce(p.voice_response_enabled, false) AS voice_response_enabled,
               coalesce(p.created_at, now()) AS created_at, t.total
        FROM (SELECT count(*) AS total FROM found) t LEFT JOIN page p ON true
        ORDER BY lower(p.name), p.id
        """,
        params,
        _Counted,
    )
    return [row for row in rows if row.id], rows[0].total


async def all_of(tx: Tx) -> list[Assistant]:
    """All assistants of the company, sorted by name."""
    return await tx.rows(
        Assistant,
        """
        SELECT id, name, description, avatar_url, model, voice_response_enabled, created_at
        FROM assistant WHERE company_id = %s ORDER BY lower(name), id
        """,
        (tx.company_id,),
    )


_GIVEN: LiteralString = """
    SELECT s.id, s.name, s.description, s.created_at, team.workers, team.supervisors, given.nodes
    FROM assistant s
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE NOT supervisor) AS workers, count(*) FILTER (WHERE supervisor) AS supervisors
        FROM assistant_worker w WHERE w.company_id = s.company_id AND w.assistant_id = s.id
    ) team
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT n.id) AS nodes
        FROM assistant_worker w
        JOIN assignment a ON a.company_id = w.company_id AND a.worker_id = w.id
        JOIN live_node n ON n.company_id = a.company_id AND n.id = a.node_id
        WHERE w.company_id = s.company_id AND w.assistant_id = s.id
    ) given
    WHERE s.company_id = %(company_id)s
"""


async def given(db: Database, *, company_id: str, after: tuple[str, str], limit: int) -> list[Given]:
    """A page of assistants, sorted by name and id; `after` is the (name, id) of the previous page's last one."""
    return await db.read(
        company_id,
        _GIVEN
        + " AND (lower(s.name), s.id) > (lower(%(name)s), %(id)s) ORDER BY lower(s.name), s.id LIMIT %(limit)s",
        {"name": after[0], "id": after[1], "limit": limit},
        Given,
    )


async def given_to(db: Database, *, company_id: str, id: str) -> Given | None:
    """The assistant with this id, if it exists."""
    return await db.read_one(company_id, _GIVEN + " AND s.id = %(id)s", {"id": id}, Given)


async def given_nodes(db: Database, *, company_id: str, id: str, limit: int) -> list[GivenNode]:
    """The live nodes assigned to an assistant's workers, sorted by title."""
    return await db.read(
        company_id,
        """
        SELECT n.id, n.title, n.kind::text AS kind, count(*) AS workers, min(a.created_at) AS since
        FROM assistant_worker w
        JOIN assignment a ON a.company_id = w.company_id AND a.worker_id = w.id
        JOIN live_node n ON n.company_id = a.company_id AND n.id = a.node_id
        WHERE w.company_id = %(company_id)s AND w.assistant_id = %(id)s
        GROUP BY n.id, n.title, n.kind ORDER BY n.title, n.id LIMIT %(limit)s
        """,
        {"id": id, "limit": limit},
        GivenNode,
    )


async def delete(tx: Tx, *, id: str) -> bool:
    """Delete an assistant with its workers and their assignments. False if it does not exist."""
    cur = await tx.execute("DELETE FROM assistant WHERE company_id = %s AND id = %s", (tx.company_id, id))
    return cur.rowcount == 1


async def exists(tx: Tx, *, id: str) -> bool:
    """Whether the company has this assistant; if so, it cannot be deleted until the transaction ends."""
    cur = await tx.execute(
        "SELECT FROM assistant WHERE company_id = %s AND id = %s FOR KEY SHARE", (tx.company_id, id)
    )
    return cur.rowcount == 1


async def live_nodes(tx: Tx, *, ids: Sequence[str]) -> set[str]:
    """Which of these nodes are live."""
    found = await tx.values(
        "SELECT id FROM live_node WHERE company_id = %s AND id = ANY (%s)",
        (tx.company_id, list(ids)),
    )
    return set(found)


async def assign(tx: Tx, *, assistant_id: str, node_ids: Sequence[str]) -> int:
    """Assign nodes to the assistant's workers, except supervisors. Returns the number of these workers."""
    workers = await tx.value(
        """
        WITH worker AS (
            SELECT id FROM assistant_worker
            WHERE company_id = %(company_id)s AND assistant_id = %(assistant_id)s AND NOT supervisor
        ), given AS (
            INSERT INTO assignment (company_id, worker_id, node_id)
            SELECT %(company_id)s, w.id, n.id FROM worker w, unnest(%(node_ids)s::text[]) n (id)
            ON CONFLICT DO NOTHING
        )
        SELECT count(*) FROM worker
        """,
        {"assistant_id": assistant_id, "node_ids": sorted(set(node_ids))},
    )
    return int(workers or 0)
