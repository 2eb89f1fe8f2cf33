"""Deletion by filter: finds the matching documents, hides them in one statement, and lists what is left to do."""

from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from lethe.domain.records.queries import DocumentFilter
from lethe.store.database.pool import Database
from lethe.store.database.transactions import Tx
from lethe.store.search.metadata import conditions
from lethe.store.tree import life


@dataclass(frozen=True, slots=True)
class Sampled:
    """A matching document; `total` is the number of all matches."""

    id: str
    title: str
    collection: str | None
    artifact: str
    total: int


async def sample(db: Database, *, company_id: str, wanted: DocumentFilter, limit: int) -> list[Sampled]:
    """Some of the matching documents, sorted by title."""
    meant, params = _meant(wanted)
    return await db.read(
        company_id,
        f"""{meant}
        SELECT id, title, collection, artifact, count(*) OVER () AS total
        FROM meant ORDER BY title, id LIMIT %(limit)s
        """,
        {**params, "limit": limit},
        Sampled,
    )


async def trash(
    tx: Tx, *, wanted: DocumentFilter, deletion_id: UUID, retention_days: int, by: str
) -> list[str]:
    """Move the matching documents to the trash, each on its own; returns their ids."""
    found, params = _meant(wanted)
    return await life.trash_found(
        tx, found, params, deletion_id=deletion_id, retention_days=retention_days, by=by
    )


async def erase(tx: Tx, *, wanted: DocumentFilter, deletion_id: UUID, erasure_id: UUID, by: str) -> list[str]:
    """Assign the matching documents to an erasure; returns their ids."""
    found, params = _meant(wanted)
    return await life.erase_found(tx, found, params, deletion_id=deletion_id, erasure_id=erasure_id, by=by)


async def next_ones(tx: Tx, *, deletion_id: UUID, after: str, limit: int) -> list[str]:
    """The next documents of a deletion, ordered by id, locked."""
    return await tx.values(
        """
        SELECT id FROM node WHERE company_id = %s AND deletion_id = %s AND id > %s
        ORDER BY id LIMIT %s FOR UPDATE
        """,
        (tx.company_id, deletion_id, after, limit),
    )


def _meant(wanted: DocumentFilter) -> tuple[LiteralString, dict[str, object]]:
    """The documents that match, as the table `meant`, and the parameters.

    A document matches by its current metadata, and by that of an ingestion in progress: otherwise it could appear
    after the response.
    """
    where, params = conditions(wanted.metadata)
    sql: LiteralString = f"""
WITH subtree AS MATERIALIZED (
    SELECT path FROM node
    WHERE company_id = %(company_id)s AND id = ANY (coalesce(%(node_ids)s::text[], '{{}}')) AND state <> 'deleted'
), meant AS MATERIALIZED (
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
        WHERE n.company_id = %(company_id)s AND n.kind = 'document' AND n.state <> 'deleted'
          AND (%(collection)s::text IS NULL OR root.collection = %(collection)s) AND root.state <> 'deleted'
          AND (%(node_ids)s::text[] IS NULL OR EXISTS (SELECT FROM subtree s WHERE n.path ^@ s.path))
    ) document WHERE true {where}
)
"""
    return sql, {**params, "collection": wanted.collection, "node_ids": wanted.node_ids}
