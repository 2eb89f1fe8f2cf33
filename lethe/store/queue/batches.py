"""Batches: the tasks of each, and the names under which its documents were sent.

A trigger of the table `task` counts the members that end, and ends the batch with the last of them (0033_batches.sql).
"""

from collections.abc import Sequence
from uuid import UUID

from psycopg.types.json import Jsonb

from lethe.domain.records.batches import Member, NewMember
from lethe.domain.records.tasks import IngestResult
from lethe.store.database.pool import Database
from lethe.store.database.transactions import Tx
from lethe.store.queue.tasks import DELETED


async def insert(
    tx: Tx, *, batch_id: UUID, members: Sequence[NewMember], unchanged_result: IngestResult
) -> None:
    """Insert the members of a batch, whose own task is pending, with their tasks and their work.

    Args:
        unchanged_result: the result of members whose document is unchanged.
    """
    async with tx.pipeline():
        await _insert_tasks(tx, members)
        await _insert_work(tx, [member for member in members if member.open])
        await tx.execute(
            """
            INSERT INTO batch (company_id, task_id, documents) VALUES (%s, %s, %s)
            """,
            (tx.company_id, batch_id, len(members)),
        )
        await tx.execute(
            """
            INSERT INTO batch_member (company_id, batch_id, position, task_id, collection, artifact, share)
            SELECT %(company_id)s, %(batch)s, number - 1, task_id, collection, artifact, share
            FROM unnest(%(tasks)s::uuid[], %(collections)s::text[], %(artifacts)s::text[], %(shares)s::int[])
              WITH ORDINALITY AS r (task_id, collection, artifact, share, number)
            """,
            {
                "batch": batch_id,
                "tasks": [member.task_id for member in members],
                "collections": [member.collection for member in members],
                "artifacts": [member.artifact for member in members],
                "shares": [member.share for member in members],
            },
        )
        await _end(tx, [member for member in members if not member.open], unchanged_result)


async def _insert_tasks(tx: Tx, members: Sequence[NewMember]) -> None:
    """The task of an unchanged document gets the generation of its content, so later requests count as newer."""
    await tx.execute(
        """
        INSERT INTO task (company_id, id, kind, status, node_id, generation)
        SELECT %(company_id)s, id, 'ingest', 'pending', node_id, coalesce(generation, (
            SELECT d.generation FROM document d WHERE d.company_id = %(company_id)s AND d.node_id = r.node_id))
        FROM unnest(%(ids)s::uuid[], %(nodes)s::text[], %(generations)s::bigint[]) AS r (id, node_id, generation)
        """,
        {
            "ids": [member.task_id for member in members],
            "nodes": [member.node_id for member in members],
            "generations": [member.generation for member in members],
        },
    )


async def _end(tx: Tx, members: Sequence[NewMember], result: IngestResult) -> None:
    """End the tasks of members that need no work. A refused member is recorded like a first ingestion that failed
    (tree/artifacts.remove_pending)."""
    await tx.execute(
        """
        UPDATE task t SET finished_at = now(),
               status = CASE WHEN r.error IS NULL THEN 'success'::task_status ELSE 'failure' END,
               result = CASE WHEN r.error IS NULL THEN %(result)s::jsonb END,
               failure = CASE WHEN r.error IS NOT NULL THEN 'rejected'::task_failure END, error = r.error,
               attempt_name = CASE WHEN r.error IS NOT NULL THEN salted_hash(t.node_id, r.collection, r.artifact) END,
               attempt_collection = CASE WHEN r.error IS NOT NULL THEN salted_hash(t.node_id, r.collection) END
        FROM unnest(%(ids)s::uuid[], %(errors)s::text[], %(collections)s::text[], %(artifacts)s::text[])
          AS r (id, error, collection, artifact)
        WHERE t.company_id = %(company_id)s AND t.id = r.id
        """,
        {
            "ids": [member.task_id for member in members],
            "errors": [member.error for member in members],
            "collections": [member.collection for member in members],
            "artifacts": [member.artifact for member in members],
            "result": Jsonb(result),
        },
    )


async def _insert_work(tx: Tx, members: Sequence[NewMember]) -> None:
    await tx.execute(
        """
        INSERT INTO ingestion (company_id, task_id, metadata, file_name, uri, blob_key, hash, bytes, input_hash, kept)
        SELECT %(company_id)s, r.*, false
        FROM unnest(%(ids)s::uuid[], %(metadata)s::jsonb[], %(file_names)s::text[], %(uris)s::text[], %(keys)s::text[],
                    %(hashes)s::text[], %(bytes)s::bigint[], %(input_hashes)s::text[]) AS r
        """,
        {
            "ids": [member.task_id for member in members],
            "metadata": [Jsonb(dict(member.metadata or {})) for member in members],
            "file_names": [member.file_name for member in members],
            "uris": [member.uri for member in members],
            "keys": [member.source.blob_key if member.source else None for member in members],
            "hashes": [member.source.hash if member.source else None for member in members],
            "bytes": [member.source.bytes if member.source else None for member in members],
            "input_hashes": [member.input_hash for member in members],
        },
    )


async def open_of_share(tx: Tx, *, batch_id: UUID, share: int) -> list[UUID]:
    """The open tasks of a share, the members that one job works on together."""
    return await tx.values(
        """
        SELECT m.task_id FROM batch_member m JOIN task t ON t.company_id = m.company_id AND t.id = m.task_id
        WHERE m.company_id = %s AND m.batch_id = %s AND m.share = %s AND t.finished_at IS NULL
        ORDER BY m.position
        """,
        (tx.company_id, batch_id, share),
    )


async def separate(tx: Tx, *, task_ids: Sequence[UUID]) -> list[UUID]:
    """Take members out of their shares, to give each a job of its own; returns the tasks that need one."""
    return await tx.values(
        """
        UPDATE batch_member m SET share = NULL FROM task t
        WHERE m.company_id = %s AND m.task_id = ANY (%s) AND m.share IS NOT NULL
          AND t.company_id = m.company_id AND t.id = m.task_id AND t.finished_at IS NULL
        RETURNING m.task_id
        """,
        (tx.company_id, list(task_ids)),
    )


async def members(db: Database, *, company_id: str, batch_id: UUID) -> list[Member]:
    """The members of a batch in order. They reveal nothing about documents that are no longer live."""
    return await db.read(
        company_id,
        f"""
        SELECT m.task_id, t.status,
               CASE WHEN n.state = 'deleted' THEN NULL ELSE m.collection END AS collection,
               CASE WHEN n.state = 'deleted' THEN NULL ELSE m.artifact END AS artifact,
               live.id AS node_id,
               t.status = 'success' AND live.id IS NOT NULL AND t.result -> 'data' = '[]' AS unchanged,
               CASE WHEN live.id IS NOT NULL THEN t.result -> 'warnings' END AS warnings,
               CASE WHEN t.status = 'failure' AND n.state = 'deleted' THEN '{DELETED}' ELSE t.error END AS error
        FROM batch_member m
        JOIN task t ON t.company_id = m.company_id AND t.id = m.task_id
        LEFT JOIN node n ON n.company_id = t.company_id AND n.id = t.node_id
        LEFT JOIN live_node live ON live.company_id = t.company_id AND live.id = t.node_id
        WHERE m.company_id = %(company_id)s AND m.batch_id = %(batch)s
        ORDER BY m.position
        """,
        {"batch": batch_id},
        Member,
    )


async def forget_names(tx: Tx, *, node_ids: Sequence[str]) -> None:
    """Remove the names of erased documents from their batches."""
    await tx.execute(
        """
        UPDATE batch_member m SET collection = NULL, artifact = NULL FROM task t
        WHERE t.company_id = %s AND t.node_id = ANY (%s) AND t.kind = 'ingest'
          AND m.company_id = t.company_id AND m.task_id = t.id
        """,
        (tx.company_id, list(node_ids)),
    )
