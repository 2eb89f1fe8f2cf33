"""Reading the tree: live nodes, their order and place; and the lock for changing it.

Changes to the shape of a company's tree hold its lock (`lock`), so that no position is given twice and nothing is put
into a folder that is being deleted or moved. The Artifacts API adds to a collection without that lock, but locks the
root folder; changes to a root folder lock it too.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import LiteralString

import psycopg

from lethe.domain.errors import Conflict
from lethe.domain.json import Json
from lethe.domain.records.bounds import roots_of
from lethe.domain.records.documents import OWN_METADATA
from lethe.domain.records.tree import Branch, Node, NodeDetails
from lethe.store.database.pool import Database
from lethe.store.database.transactions import Tx
from lethe.store.tree.siblings import PARENT, PLACE, top_of_bounds

MAX_DEPTH = 50
"""Levels of the tree. A path has 25 characters per level, and an index entry at most about 2,700."""

PATH_CACHE: LiteralString = """
    (SELECT '/' || string_agg(a.title, '/' ORDER BY length(a.path)) FROM node a
     WHERE a.company_id = n.company_id AND a.id = ANY (string_to_array(rtrim(n.path, '/'), '/')))
"""

COMING_METADATA: LiteralString = """
    (SELECT i.metadata FROM task t JOIN ingestion i ON i.company_id = t.company_id AND i.task_id = t.id
     WHERE t.company_id = n.company_id AND t.node_id = n.id ORDER BY t.generation DESC LIMIT 1)
"""
"""The metadata of the ingestion in progress."""

_COLLECTION: LiteralString = (
    "(SELECT r.collection FROM live_node r WHERE r.company_id = n.company_id AND r.id = n.root_id)"
)

_NODE: LiteralString = f"""
    n.id, n.title, n.kind::text AS kind, {PARENT} AS parent_id, n.artifact, n.created_at, n.updated_at,
    {PLACE} AS position, {PATH_CACHE} AS path_cache,
    {_COLLECTION} AS collection,
    (SELECT d.source_uri FROM document d WHERE d.company_id = n.company_id AND d.node_id = n.id) AS source_uri,
    coalesce((SELECT d.warnings FROM document d WHERE d.company_id = n.company_id AND d.node_id = n.id), '{{}}')
        AS warnings,
    CASE WHEN n.kind = 'document' THEN coalesce(
        (SELECT d.metadata FROM document d WHERE d.company_id = n.company_id AND d.node_id = n.id),
        {COMING_METADATA}, '{{}}') - %(own)s::text[] END AS metadata"""

_TAKEN = {
    "node_collection_taken": "A collection of this name already exists: choose another title.",
    "node_artifact_taken": (
        "The collection already has a document with this artifact name: delete that one, or use another folder."
    ),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node is. `path` consists of the ids from the root to it, each followed by a slash."""

    id: str
    kind: str
    title: str
    parent_id: str | None
    path: str
    generation: int

    @property
    def depth(self) -> int:
        """The node's level; 1 at the root."""
        return len(self.path) // 25


@asynccontextmanager
async def names_kept_apart() -> AsyncIterator[None]:
    """Raise Conflict if a name is taken."""
    try:
        yield
    except psycopg.errors.UniqueViolation as exc:
        sentence = _TAKEN.get(exc.diag.constraint_name or "")
        if sentence is None:
            raise
        raise Conflict(sentence) from exc


async def lock(tx: Tx) -> None:
    """Lock the company's tree until the transaction ends."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (tx.company_id,))


async def branches(
    db: Database, *, company_id: str, below: str | None, depth: int | None, limit: int
) -> list[Branch]:
    """Live nodes, siblings in order. If there are more than `limit`, an arbitrary selection; no others are read.

    Args:
        below: only this node and what is below it; nothing if it does not exist.
        depth: the number of levels, counted from the root or below that node.

    For a caller with bounds, the tree begins with the nodes that the caller is bound to.
    """
    roots = roots_of(company_id)
    top = _PART if below is not None else _TOP if roots is None else _BOUND
    params = {"below": below, "depth": depth, "limit": limit}
    return await db.read(
        company_id, top, params if roots is None else {**params, "roots": list(roots)}, Branch
    )


def _branches(*, top: LiteralString, level: LiteralString) -> LiteralString:
    """Descends from `top` folder by folder and stops at the limit, without reading further."""
    return f"""
        WITH RECURSIVE reached AS (
            SELECT n.*, {level} AS level FROM live_node n WHERE n.company_id = %(company_id)s AND {top}
            UNION ALL
            SELECT n.*, r.level + 1 FROM reached r CROSS JOIN LATERAL (
                SELECT * FROM live_node WHERE company_id = %(company_id)s AND parent_id = r.id
                LIMIT %(limit)s
            ) n
            WHERE r.kind = 'folder' AND (%(depth)s::int IS NULL OR r.level < %(depth)s)
        )
        SELECT id, title, kind::text AS kind, CASE WHEN level > {level} THEN parent_id ELSE {PARENT} END AS parent_id,
               artifact, created_at, updated_at, CASE WHEN level = {level} THEN {_COLLECTION} END AS collection,
               CASE WHEN id = %(below)s THEN {PATH_CACHE} END AS path_cache,
               CASE WHEN id = %(below)s THEN {PLACE}
                    ELSE row_number() OVER (PARTITION BY CASE WHEN level > {level} THEN parent_id END
                                             ORDER BY position, created_at, id) - 1
               END AS position
        FROM (SELECT * FROM reached LIMIT %(limit)s) n
        ORDER BY n.position, created_at, id
        """


_TOP = _branches(top="n.parent_id IS NULL", level="1")
_PART = _branches(top="n.id = %(below)s", level="0")
_BOUND = _branches(top=top_of_bounds("n"), level="1")


async def find(db: Database, *, company_id: str, node_id: str) -> Node | None:
    """The live node with this id."""
    return await db.read_one(company_id, _FIND, _sought(node_id), Node)


async def get(tx: Tx, *, node_id: str) -> Node:
    """A node that this transaction created or changed."""
    node = await tx.row(Node, _FIND, _sought(node_id))
    if node is None:
        raise LookupError(node_id)
    return node


def _sought(node_id: str) -> dict[str, object]:
    return {"id": node_id, "own": list(OWN_METADATA)}


_FIND: LiteralString = (
    f"SELECT {_NODE} FROM live_node n WHERE n.company_id = %(company_id)s AND n.id = %(id)s"
)


async def describe(
    db: Database, *, company_id: str, node_id: str, with_text: bool, most: int
) -> NodeDetails | None:
    """Details of a live node, with its text if requested and at most `most` characters long."""
    return await db.read_one(
        company_id,
        """
        SELECT below.folders, below.documents, d.characters, d.chunks, d.bytes, d.file_type, d.language, d.hash,
               t.status::text AS status, t.step, t.percentage, t.error, t.failure,
               CASE WHEN %(with_text)s AND d.characters <= %(most)s THEN
                   (SELECT string_agg(p.text, '' ORDER BY p.part) FROM document_part p
                    WHERE p.company_id = n.company_id AND p.node_id = n.id) END AS markdown
        FROM live_node n
        LEFT JOIN document d ON d.company_id = n.company_id AND d.node_id = n.id
        LEFT JOIN LATERAL (
            SELECT status, step, percentage, error, failure FROM task
            WHERE company_id = n.company_id AND node_id = n.id AND kind = 'ingest'
            ORDER BY generation DESC, created_at DESC LIMIT 1
        ) t ON true
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE b.kind = 'folder') AS folders,
                   count(*) FILTER (WHERE b.kind = 'document') AS documents
            FROM live_node b
            WHERE b.company_id = n.company_id AND b.path > n.path AND b.path < path_end(n.path)
        ) below
        WHERE n.company_id = %(company_id)s AND n.id = %(id)s
        """,
        {"id": node_id, "with_text": with_text, "most": most},
        NodeDetails,
    )


async def place(tx: Tx, *, node_id: str) -> Place | None:
    """A live node, locked: nobody can add to it, store content or delete it until the transaction ends."""
    return await tx.row(
        Place,
        """
        SELECT id, kind::text AS kind, title, parent_id, path, generation FROM live_node
        WHERE company_id = %s AND id = %s FOR UPDATE
        """,
        (tx.company_id, node_id),
    )


async def metadata_of(tx: Tx, *, node_id: str) -> Mapping[str, Json]:
    """The latest metadata given to a document: of the ingestion in progress, or of its content."""
    metadata = await tx.value(
        f"""
        SELECT coalesce({COMING_METADATA},
            (SELECT metadata FROM document d WHERE d.company_id = n.company_id AND d.node_id = n.id), '{{}}')
        FROM node n WHERE n.company_id = %(company_id)s AND n.id = %(id)s
        """,
        {"id": node_id},
    )
    return metadata or {}
