"""The work of ingestions: what each one has to store, and where it comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from lethe.domain.json import Json
from lethe.domain.records.documents import Ingestion, Source
from lethe.store.database.pool import Database
from lethe.store.database.transactions import Tx


@dataclass(frozen=True, slots=True)
class _Holder:
    node_id: str
    collection: str
    artifact: str


async def insert(
    tx: Tx,
    *,
    task_id: UUID,
    metadata: Mapping[str, Json],
    file_name: str | None,
    uri: str | None,
    source: Source | None,
    input_hash: str | None,
    kept: bool,
) -> None:
    """Insert the work of a pending task: an original in the blob store, or an address to fetch it from.

    Args:
        kept: the content was acknowledged to the caller as stored, so the trash must keep it.
    """
    await tx.execute(
        """
        INSERT INTO ingestion (company_id, task_id, metadata, file_name, uri, blob_key, hash, bytes, input_hash, kept)
        VALUES (%(company_id)s, %(task_id)s, %(metadata)s, %(file_name)s, %(uri)s,
                %(blob_key)s, %(hash)s, %(bytes)s, %(input_hash)s, %(kept)s)
        """,
        {
            "task_id": task_id,
            "metadata": Jsonb(dict(metadata)),
            "file_name": file_name,
            "uri": uri,
            "blob_key": source.blob_key if source else None,
            "hash": source.hash if source else None,
            "bytes": source.bytes if source else None,
            "input_hash": input_hash,
            "kept": kept,
        },
    )


_FOUND: LiteralString = """
    SELECT i.company_id, i.task_id, t.node_id, t.generation, root.collection, n.artifact,
           i.metadata, i.file_name, i.uri, i.blob_key, i.hash, i.bytes, i.input_hash
    FROM ingestion i
    JOIN task t ON t.company_id = i.company_id AND t.id = i.task_id
    JOIN node n ON n.company_id = t.company_id AND n.id = t.node_id
    JOIN node root ON root.company_id = n.company_id AND root.id = n.root_id
    WHERE i.company_id = %(company_id)s
"""


async def find(tx: Tx, *, task_id: UUID) -> Ingestion | None:
    """The work of a task; None if the task has ended."""
    found = await find_all(tx, task_ids=[task_id])
    return found[0] if found else None


async def find_all(tx: Tx, *, task_ids: Sequence[UUID]) -> list[Ingestion]:
    """The work of these tasks, except those that have ended, in the order of their nodes' ids."""
    async with tx.cursor(row_factory=dict_row) as cur:
        await cur.execute(
            f"{_FOUND} AND i.task_id = ANY (%(ids)s) ORDER BY t.node_id", {"ids": list(task_ids)}
        )
        rows = await cur.fetchall()
    return [_ingestion(**row) for row in rows]


def _ingestion(blob_key: str | None, hash: str, bytes: int, **rest: Any) -> Ingestion:
    return Ingestion(**rest, source=Source(blob_key, hash, bytes) if blob_key else None)


async def renewed(tx: Tx, *, jobs: Sequence[Ingestion]) -> list[Ingestion]:
    """Jobs with their current metadata: the documents may have been renamed or changed since the jobs were read."""
    cur = await tx.execute(
        "SELECT task_id, metadata, input_hash FROM ingestion WHERE company_id = %s AND task_id = ANY (%s)",
        (tx.company_id, [job.task_id for job in jobs]),
    )
    now = {
        id: {"metadata": metadata, "input_hash": hash or ""} for id, metadata, hash in await cur.fetchall()
    }
    return [replace(job, **now.get(job.task_id, {})) for job in jobs]


async def set_source(
    tx: Tx,
    *,
    task_id: UUID,
    source: Source,
    file_name: str | None,
    input_hash: str,
) -> bool:
    """Record the original fetched for a task.

    False if the task has ended, or if another worker has recorded an original: that one stays, as its worker may be
    about to commit.
    """
    cur = await tx.execute(
        """
        UPDATE ingestion SET blob_key = %(blob_key)s, hash = %(hash)s, bytes = %(bytes)s,
                             file_name = %(file_name)s, input_hash = %(input_hash)s
        WHERE company_id = %(company_id)s AND task_id = %(task_id)s AND blob_key IS NULL
        """,
        {
            "task_id": task_id,
            "blob_key": source.blob_key,
            "hash": source.hash,
            "bytes": source.bytes,
            "file_name": file_name,
            "input_hash": input_hash,
        },
    )
    return cur.rowcount == 1


async def holders(
    db: Database, *, company_id: str, inputs: Mapping[tuple[str, str], str]
) -> dict[tuple[str, str], str]:
    """The nodes of the artifacts that already have exactly this input and no newer request in progress.

    Args:
        inputs: hashes of inputs by collection and artifact.
    """
    rows = await db.read(
        company_id,
        """
        SELECT d.node_id, d.collection, d.artifact
        FROM unnest(%(collections)s::text[], %(artifacts)s::text[], %(hashes)s::text[])
          AS given (collection, artifact, input_hash)
        JOIN live_document d USING (collection, artifact, input_hash)
        WHERE d.company_id = %(company_id)s AND d.stored_generation = d.generation
        """,
        {
            "collections": [collection for collection, _ in inputs],
            "artifacts": [artifact for _, artifact in inputs],
            "hashes": [*inputs.values()],
        },
        _Holder,
        by_keys=len(inputs) > 1,
    )
    return {(row.collection, row.artifact): row.node_id for row in rows}


async def keeps_input(db: Database, *, company_id: str, jobs: Sequence[Ingestion]) -> set[str]:
    """The jobs' nodes that already contain their job's input, from an earlier generation."""
    found = await db.read_values(
        company_id,
        """
        SELECT d.node_id FROM unnest(%(ids)s::text[], %(hashes)s::text[]) AS given (node_id, input_hash)
        JOIN document d ON d.node_id = given.node_id AND d.input_hash = given.input_hash
        WHERE d.company_id = %(company_id)s
        """,
        {"ids": [job.node_id for job in jobs], "hashes": [job.input_hash for job in jobs]},
    )
    return set(found)


async def adopt(tx: Tx, *, job: Ingestion, source_uri: str | None) -> bool:
    """Adopt the node's content as that of the job's generation; False if it is not the job's input."""
    cur = await tx.execute(
        """
        UPDATE document SET generation = %s, source_uri = coalesce(%s, source_uri)
        WHERE company_id = %s AND node_id = %s AND input_hash = %s
        """,
        (job.generation, source_uri, tx.company_id, job.node_id, job.input_hash),
    )
    return cur.rowcount == 1
