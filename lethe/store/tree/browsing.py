"""The tree as people see it: a folder's nodes page by page, with sizes and states, and what a deletion would take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from lethe.domain.records.bounds import roots_of
from lethe.domain.records.tree import ListedNode, Taken
from lethe.store.database.pool import Database
from lethe.store.database.transactions import Tx
from lethe.store.tree.nodes import PATH_CACHE
from lethe.store.tree.siblings import PARENT, level, top_of_bounds

COUNTED = 1_000
"""A list counts the documents of each folder up to this number."""


def _listing(which: LiteralString) -> LiteralString:
    """Lists the live nodes that meet the condition, in order."""
    return f"""
        SELECT n.id, n.title, n.kind::text AS kind, {PARENT} AS parent_id, n.position, n.created_at, n.updated_at,
               d.bytes, d.chunks, d.file_type, coalesce(cardinality(d.warnings), 0) AS warnings,
               t.status::text AS status, t.step, t.percentage, t.error, b.documents
        FROM (
            SELECT * FROM live_node l WHERE company_id = %(company_id)s AND {which}
            ORDER BY position, created_at, id LIMIT %(limit)s
        ) n
        LEFT JOIN document d ON d.company_id = n.company_id AND d.node_id = n.id
        LEFT JOIN LATERAL (
            SELECT status, step, percentage, error FROM task
            WHERE company_id = n.company_id AND node_id = n.id AND kind = 'ingest'
            ORDER BY generation DESC, created_at DESC LIMIT 1
        ) t ON n.kind = 'document'
        CROSS JOIN path_end(n.path) stop
        LEFT JOIN LATERAL (
            SELECT count(*) AS documents FROM (
                SELECT FROM live_node s
                WHERE n.kind = 'folder' AND s.company_id = n.company_id AND s.path > n.path AND s.path < stop
                  AND s.kind = 'document' LIMIT %(counted)s + 1
            ) counted
        ) b ON n.kind = 'folder'
        ORDER BY n.position, n.created_at, n.id
        """


@dataclass(frozen=True, slots=True)
class _State:
    nodes: int
    changed: datetime | None
    generations: int


@dataclass(frozen=True, slots=True)
class Crumb:
    """A folder above a node."""

    id: str
    title: str


async def children(
    db: Database,
    *,
    company_id: str,
    parent_id: str | None,
    after: tuple[int, datetime, str] | None,
    limit: int,
) -> list[ListedNode]:
    """A page of the live nodes in a folder (None: at the root), in order; `after` is the key of the previous page's
    last one. For a caller with bounds, the root has the nodes that the caller is bound to.
    """
    roots = roots_of(company_id)
    within = level(parent_id) if parent_id or roots is None else top_of_bounds("l")
    key: LiteralString = "(position, created_at, id) > (%(position)s, %(time)s, %(id)s)"
    which = f"{within} AND position >= %(position)s AND {key}" if after else within
    position, time, id = after or (None, None, None)
    params = {
        "parent_id": parent_id,
        "position": position,
        "time": time,
        "id": id,
        "roots": list(roots or ()),
    }
    return await _listed(db, which, {**params, "limit": limit}, company_id=company_id)


async def some(db: Database, *, company_id: str, node_ids: Sequence[str]) -> list[ListedNode]:
    """The live ones of these nodes."""
    params = {"ids": list(node_ids), "limit": len(node_ids)}
    return await _listed(db, "id = ANY (%(ids)s)", params, company_id=company_id)


async def _listed(
    db: Database, which: LiteralString, params: dict[str, object], *, company_id: str
) -> list[ListedNode]:
    return await db.read(
        company_id,
        _listing(which),
        {**params, "counted": COUNTED},
        ListedNode,
    )


async def crumbs(db: Database, *, company_id: str, node_id: str) -> list[Crumb]:
    """The live folders from the root to a node, and the node itself last; empty if the node is not live."""
    return await db.read(
        company_id,
        """
        SELECT a.id, a.title FROM live_node n
        CROSS JOIN LATERAL unnest(string_to_array(rtrim(n.path, '/'), '/')) above (id)
        JOIN live_node a ON a.company_id = n.company_id AND a.id = above.id
        WHERE n.company_id = %(company_id)s AND n.id = %(id)s ORDER BY length(a.path)
        """,
        {"id": node_id},
        Crumb,
    )


async def folders(
    db: Database, *, company_id: str, limit: int, within: Sequence[str] | None = None
) -> list[tuple[str, str]]:
    """The ids and paths (in titles) of live folders, sorted by path.

    Args:
        within: only these and those below them; None: all.
    """
    rows = await db.read(
        company_id,
        """
        SELECT n.id, (
            SELECT string_agg(a.title, ' / ' ORDER BY length(a.path))
            FROM unnest(string_to_array(rtrim(n.path, '/'), '/')) above (id)
            JOIN live_node a ON a.company_id = n.company_id AND a.id = above.id
        ) AS title
        FROM (
            SELECT company_id, id, path FROM live_node
            WHERE company_id = %(company_id)s AND kind = 'folder'
              AND (%(within)s::text[] IS NULL OR string_to_array(path, '/') && %(within)s) ORDER BY path LIMIT %(limit)s
        ) n ORDER BY title
        """,
        {"limit": limit, "within": None if within is None else list(within)},
        Crumb,
    )
    return [(row.id, row.title) for row in rows]


async def folders_named(tx: Tx, *, parent_id: str | None, title: str) -> list[str]:
    """The live folders with this title in a folder (None: at the root), at most 10."""
    return await tx.values(
        f"""
        SELECT id FROM live_node
        WHERE company_id = %(company_id)s AND kind = 'folder' AND title = %(title)s AND {level(parent_id)}
        ORDER BY position, created_at, id LIMIT 10
        """,
        {"parent_id": parent_id, "title": title},
    )


async def folder_given(tx: Tx, *, name: str) -> str | None:
    """The live folder with this id, else the collection of this name."""
    return await tx.value(
        """
        SELECT id FROM live_node
        WHERE company_id = %(company_id)s AND kind = 'folder' AND (id = %(name)s OR collection = %(name)s)
        ORDER BY collection IS NOT DISTINCT FROM %(name)s LIMIT 1
        """,
        {"name": name},
    )


async def paths(tx: Tx, *, node_ids: Sequence[str]) -> dict[str, str]:
    """The paths, in titles, of the live ones of these nodes."""
    found = await tx.rows(
        Crumb,
        f"""
        SELECT n.id, {PATH_CACHE} AS title FROM live_node n
        WHERE n.company_id = %(company_id)s AND n.id = ANY (%(ids)s)
        """,
        {"ids": list(node_ids)},
    )
    return {crumb.id: crumb.title for crumb in found}


async def state(db: Database, *, company_id: str, roots: Sequence[str]) -> Sequence[object]:
    """Numbers that differ when anything at or below these nodes has changed."""
    return await db.read(
        company_id,
        """
        SELECT count(*) AS nodes, max(n.updated_at) AS changed, coalesce(sum(n.generation), 0)::bigint AS generations
        FROM live_node top CROSS JOIN path_end(top.path) stop
        JOIN live_node n ON n.company_id = top.company_id AND n.path >= top.path AND n.path < stop
        WHERE top.company_id = %(company_id)s AND top.id = ANY (%(roots)s)
        """,
        {"roots": list(roots)},
        _State,
    )


async def taken(db: Database, *, company_id: str, node_ids: Sequence[str], most: int | None) -> Taken:
    """What a deletion of these nodes would take: each node at and below them once; and the assistants that search it.

    Args:
        most: counting stops at one node more than this; None: all are counted.
    """
    rows = await db.read(
        company_id,
        """
        WITH given AS MATERIALIZED (
            SELECT id, path FROM live_node WHERE company_id = %(company_id)s AND id = ANY (%(ids)s)
        ), top AS (
            SELECT id, path FROM given WHERE NOT string_to_array(left(path, -25), '/') && ARRAY(SELECT id FROM given)
        ), gone AS (
            SELECT n.id, n.kind FROM top t CROSS JOIN path_end(t.path) stop
            JOIN live_node n ON n.company_id = %(company_id)s AND n.path >= t.path AND n.path < stop
            LIMIT %(most)s::bigint + 1
        )
        SELECT count(*) FILTER (WHERE g.kind = 'folder') AS folders,
               count(*) FILTER (WHERE g.kind = 'document') AS documents,
               coalesce(sum(d.chunks), 0)::bigint AS chunks, coalesce(sum(d.bytes), 0)::bigint AS bytes,
               ARRAY(
                   SELECT DISTINCT s.name FROM assignment a
                   JOIN live_node v ON v.company_id = a.company_id AND v.id = a.node_id
                   JOIN top t ON starts_with(v.path, t.path) OR starts_with(t.path, v.path)
                   JOIN assistant_worker w ON w.company_id = a.company_id AND w.id = a.worker_id
                   JOIN assistant s ON s.company_id = w.company_id AND s.id = w.assistant_id
                   WHERE a.company_id = %(company_id)s ORDER BY s.name LIMIT 20
               ) AS assistants
        FROM gone g LEFT JOIN document d ON d.company_id = %(company_id)s AND d.node_id = g.id
        """,
        {"ids": list(node_ids), "most": most},
        Taken,
    )
    return rows[0]
