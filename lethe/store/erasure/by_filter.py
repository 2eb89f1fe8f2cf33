"""Deletion by filter: finds the matching documents, hides them in one statement, and lists those left to process."""

from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

from lethe.domain.records.queries import DocumentFilter
from lethe.store.database.pool import Database
from lethe.store.database.transactions import Tx
from lethe.store.search.metadata import conditions
from lethe.store.tree import life


@dataclass(frozen=True, slots=True)
class Sampled:
    """A matching document."""

    id: str
    title: str
    collection: str | None
    artifact: str


@dataclass(frozen=True, slots=True)
class Preview:
    """The number of matching documents, that of further ones in the trash, and a sample of the former, by title."""

    documents: int
    in_trash: int
    sample: list[Sampled]


@dataclass(frozen=True, slots=True)
class _Counted:
    documents: int
    in_trash: int
    sample: list[dict[str, Any]]


async def preview(db: Database, *, company_id: str, wanted: DocumentFilter, limit: int) -> Preview:
    """What a deletion would delete now, and how many matching documents are in the trash already."""
    meant, params = _meant(wanted)
    trashed, _ = _matching(wanted, _IN_TRASH)
    (found,) = await db.read(
        company_id,
        f"""{meant}
        SELECT (SELECT count(*) FROM meant) AS documents, (SELECT count(*) FROM ({trashed}) trashed) AS in_trash,
               (SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY s.title, s.id), '[]') FROM (
                   SELECT id, title, collection, artifact FROM meant ORDER BY title, id LIMIT %(limit)s) s) AS sample
        """,
        {**params, "limit": limit},
        _Counted,
    )
    return Preview(found.documents, found.in_trash, [Sampled(**document) for document in found.sample])


async def count_in_trash(tx: Tx, *, wanted: DocumentFilter) -> int:
    """How many documents in the trash match."""
    trashed, params = _matching(wanted, _IN_TRASH)
    return int(await tx.value(f"SELECT count(*) FROM ({trashed}) trashed", params) or 0)


async def hide(
    tx: Tx,
    *,
    wanted: DocumentFilter,
    deletion_id: UUID,
    erasure_id: UUID | None,
    retention_days: int,
    by: str,
) -> list[str]:
    """Move the matching documents to the trash, or assign them to an erasure; returns their ids."""
    found, params = _meant(wanted)
    return await life.delete_found(
        tx,
        found,
        params,
        deletion_id=deletion_id,
        erasure_id=erasure_id,
        retention_days=retention_days,
        by=by,
    )


async def next_ones(tx: Tx, *, deletion_id: UUID, after: str, limit: int) -> list[str]:
    """The next documents of a deletion, ordered by id, locked."""
    return await tx.values(
        """
        SELECT id FROM node WHERE company_id = %s AND deletion_id = %s AND id > %s
        ORDER BY id LIMIT %s FOR UPDATE
        """,
        (tx.company_id, deletion_id, after, limit),
    )


_THERE: LiteralString = "n.state <> 'deleted' AND root.state <> 'deleted'"
_IN_TRASH: LiteralString = "n.deleted_with IS NOT NULL AND n.purge_at > now()"


def _meant(wanted: DocumentFilter) -> tuple[LiteralString, dict[str, object]]:
    """The documents that match, as the table `meant`, and the parameters."""
    matching, params = _matching(wanted, _THERE)
    return f"WITH meant AS MATERIALIZED ({matching})", params


def _matching(wanted: DocumentFilter, which: LiteralString) -> tuple[LiteralString, dict[str, object]]:
    """A query for the matching documents, and its parameters; `which` restricts it to the tree or to the trash.

    A document matches by its current metadata, and by that of an ingestion in progress: otherwise it could appear
    after the response.
    """
    where, params = conditions(wanted.metadata)
    sql: LiteralString = f"""
WITH subtree AS MATERIALIZED (
    SELECT path FROM node
    WHERE company_id = %(company_id)s AND id = ANY (coalesce(%(node_ids)s::text[], '{{}}'))
)
    SELECT DISTINCT id, title, collection, artifact, path FROM (
        SELECT n.id, n.title, n.path, root.collection, n.artifact,
               known.metadata
               || jsonb_build_object('collection', root.collection, 'artifact_id', n.artifact) AS metadata
        FROM node n
        JOIN node root ON root.company_id = n.company_id AND root.id = n.root_id
        CROSS JOIN LATERAL (
            SELECT d.metadata FROM document d WHERE d.company_id = n.company_id AND d.node_id = n.id
            UNION ALL
            SELECT i.metadata FROM task t JOIN ingestion i ON i.company_id = t.company_id AND i.task_id = t.id
            WHERE t.company_id = n.company_id AND t.node_id = n.id
            UNION ALL
            SELECT '{{}}' WHERE NOT EXISTS (
                SELECT FROM document d WHERE d.company_id = n.company_id AND d.node_id = n.id
                UNION ALL
                SELECT FROM task t JOIN ingestion i ON i.company_id = t.company_id AND i.task_id = t.id
                WHERE t.company_id = n.company_id AND t.node_id = n.id)
        ) known
        WHERE n.company_id = %(company_id)s AND n.kind = 'document' AND {which}
          AND (%(collection)s::text IS NULL OR root.collection = %(collection)s)
          AND (%(node_ids)s::text[] IS NULL OR EXISTS (SELECT FROM subtree s WHERE n.path ^@ s.path))
    ) document WHERE true {where}
"""
    return sql, {**params, "collection": wanted.collection, "node_ids": wanted.node_ids}
