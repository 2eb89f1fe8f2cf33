"""Erasures in progress: requested, not yet proved. Each ends in a receipt with the same id (store/erasure/receipts.py).

A deleted node names the erasure that waits for it (`node.erasure_id`); the erasure counts what was removed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lethe.store.database.transactions import Tx
from lethe.store.erasure.salts import BLOCKS


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was requested and what was removed. `company` is the company's name, `now` the database's clock.

    `salt_id` identifies the secret used for its hashes; None if the request is older than these secrets.
    """

    id: UUID
    company: str
    subject_kind: str
    subject_id: str
    subject_name: str
    salt_id: str | None
    requested_at: datetime
    requested_by: str
    invisible_at: datetime
    chunks: int
    words: int
    vectors: int
    blobs: int
    bytes: int
    now: datetime


@dataclass(frozen=True, slots=True)
class UnderWay:
    """An unproved erasure with the ids of its documents.

    `salted`: its name is hashed with the company's secret.
    """

    id: UUID
    subject_kind: str
    subject_id: str
    subject_name: str
    salted: bool
    requested_at: datetime
    requested_by: str
    invisible_at: datetime
    documents: list[str]


@dataclass(frozen=True, slots=True)
class Remains:
    """What is left of an erasure's documents: `files` awaiting removal, and `rows`, which must be 0."""

    files: int
    rows: int


async def begin(tx: Tx, *, id: UUID, kind: str, subject_id: str, name: str, by: str) -> None:
    """Begin an erasure requested now.

    Args:
        kind: document, folder or filter.
        subject_id: the id by which its receipt is found.
        name: the receipt contains its hash, keyed with the company's secret.
    """
    await tx.execute(
        f"""
        INSERT INTO erasure (company_id, id, subject_kind, subject_id, subject_name, salted, requested_by)
        SELECT %(company_id)s, %(id)s, %(kind)s, %(subject)s, keyed_hash({BLOCKS}, %(subject)s, %(name)s), true, %(by)s
        """,
        {"id": id, "kind": kind, "subject": subject_id, "name": name, "by": by},
    )


async def begin_of_trashed(tx: Tx, *, id: UUID, node_id: str, by: str | None) -> None:
    """Begin the erasure of a node in the trash.

    Args:
        by: who requests it now; None at the end of its retention: then the requester is whoever deleted the node.
    """
    await tx.execute(
        f"""
        INSERT INTO erasure (company_id, id, subject_kind, subject_id, subject_name, salted,
                             requested_at, requested_by, invisible_at)
        SELECT n.company_id, %(erasure)s, n.kind::text, n.id,
               CASE WHEN n.kind = 'document'
                    THEN keyed_hash({BLOCKS}, n.id, coalesce(root.collection, ''), n.artifact)
                    ELSE keyed_hash({BLOCKS}, n.id, coalesce(n.collection, n.title)) END, true,
               CASE WHEN %(by)s::text IS NULL THEN n.deleted_at ELSE now() END,
               coalesce(%(by)s, n.deleted_by, 'unknown'), n.deleted_at
        FROM node n LEFT JOIN node root ON root.company_id = n.company_id AND root.id = n.root_id
        WHERE n.company_id = %(company_id)s AND n.id = %(id)s
        """,
        {"erasure": id, "id": node_id, "by": by},
    )


async def take_attempts(
    tx: Tx,
    *,
    id: UUID,
    node_ids: Sequence[str],
    collection: str,
    artifact: str,
    by: str,
) -> None:
    """Add documents that were never stored to the erasure of their name, and begin that if necessary."""
    await tx.execute(
        f"""
        WITH asked AS (
            INSERT INTO erasure (company_id, id, subject_kind, subject_id, subject_name, salted, requested_by)
            SELECT %(company_id)s, %(erasure)s, 'document', %(first)s,
                   keyed_hash({BLOCKS}, %(first)s, %(collection)s, %(artifact)s), true, %(by)s
            ON CONFLICT DO NOTHING
        )
        INSERT INTO erased_document (company_id, receipt_id, node_id, name)
        SELECT %(company_id)s, %(erasure)s, id, keyed_hash({BLOCKS}, id, %(collection)s, %(artifact)s)
        FROM unnest(%(ids)s::text[]) AS attempt (id)
        """,
        {
            "erasure": id,
            "first": node_ids[0],
            "collection": collection,
            "artifact": artifact,
            "by": by,
            "ids": list(node_ids),
        },
    )


async def due_without_one(tx: Tx, *, limit: int) -> list[tuple[str, str]]:
    """Id and path of nodes whose erasure is due but not begun: only the top of each deletion, locked."""
    cur = await tx.execute(
        """
        SELECT id, path FROM node
        WHERE company_id = %s AND purge_at < now() - interval '1 minute' AND erasure_id IS NULL
          AND (deleted_with = id OR deleted_with IS NULL)
        ORDER BY purge_at, path LIMIT %s FOR UPDATE SKIP LOCKED
        """,
        (tx.company_id, limit),
    )
    return [(str(id), str(path)) for id, path in await cur.fetchall()]


async def open_ones(tx: Tx, *, seconds: float) -> list[UUID]:
    """Unproved erasures requested at least `seconds` ago."""
    return await tx.values(
        """
        SELECT id FROM erasure
        WHERE company_id = %s AND requested_at < now() - make_interval(secs => %s) ORDER BY requested_at LIMIT 100
        """,
        (tx.company_id, seconds),
    )


async def to_finish(tx: Tx, *, node_ids: Sequence[str]) -> tuple[list[str], list[UUID]]:
    """What is left to do once the rows of these nodes are gone: keys of files to remove, and erasures to finish."""
    cur = await tx.execute(
        """
        SELECT array(SELECT key FROM blob_removal
                     WHERE company_id = %(company_id)s AND node_id = ANY (%(ids)s) AND due_at <= now()),
               array(SELECT DISTINCT e.id FROM erased_document d
                     JOIN erasure e ON e.company_id = d.company_id AND e.id = d.receipt_id
                     WHERE d.company_id = %(company_id)s AND d.node_id = ANY (%(ids)s))
        """,
        {"ids": list(node_ids)},
    )
    keys, ids = await cur.fetchone() or ([], [])
    return keys, ids


async def emptied(tx: Tx, *, id: UUID) -> Erasure | None:
    """An erasure whose nodes are all gone, locked; None while some remain, or once its receipt is written."""
    return await tx.row(
        Erasure,
        """
        SELECT e.id, c.name AS company, e.subject_kind, e.subject_id, e.subject_name,
               CASE WHEN e.salted THEN left(encode(sha256(c.receipt_salt), 'hex'), 16) END AS salt_id,
               e.requested_at, e.requested_by, e.invisible_at, e.chunks, e.words, e.vectors, e.blobs, e.bytes,
               clock_timestamp() AS now
        FROM erasure e JOIN company c ON c.id = e.company_id
        WHERE e.company_id = %(company_id)s AND e.id = %(id)s
          AND NOT EXISTS (SELECT FROM node WHERE company_id = %(company_id)s AND erasure_id = %(id)s)
        FOR UPDATE OF e
        """,
        {"id": id},
    )


async def remains(tx: Tx, *, id: UUID) -> Remains:
    """Count what is left of the documents that an erasure removed: files, and rows of every kind."""
    found = await tx.row(
        Remains,
        """
        WITH gone AS MATERIALIZED (
            SELECT node_id FROM erased_document WHERE company_id = %(company_id)s AND receipt_id = %(id)s
        )
        SELECT
            (SELECT count(*) FROM gone JOIN blob_removal b
               ON b.company_id = %(company_id)s AND b.node_id = gone.node_id) AS files,
            (SELECT count(*) FROM gone JOIN node x
               ON x.company_id = %(company_id)s AND x.id = gone.node_id)
          + (SELECT count(*) FROM gone JOIN document x
               ON x.company_id = %(company_id)s AND x.node_id = gone.node_id)
          + (SELECT count(*) FROM gone JOIN document_part x
               ON x.company_id = %(company_id)s AND x.node_id = gone.node_id)
          + (SELECT count(*) FROM gone JOIN chunk_text x
               ON x.company_id = %(company_id)s AND x.node_id = gone.node_id)
          + (SELECT count(*) FROM gone JOIN chunk_lex x
               ON x.company_id = %(company_id)s AND x.node_id = gone.node_id)
          + (SELECT count(*) FROM gone JOIN chunk_vec x
               ON x.company_id = %(company_id)s AND x.node_id = gone.node_id)
          + (SELECT count(*) FROM gone JOIN idempotency x
               ON x.company_id = %(company_id)s AND x.node_id = gone.node_id)
          + (SELECT count(*) FROM gone JOIN task t ON t.company_id = %(company_id)s AND t.node_id = gone.node_id
               JOIN ingestion i ON i.company_id = t.company_id AND i.task_id = t.id) AS rows
        """,
        {"id": id},
    )
    assert found is not None  # noqa: S101 an aggregate has one row
    return found


async def close(tx: Tx, *, id: UUID) -> None:
    """Delete an erasure, in the transaction that writes its receipt."""
    await tx.execute("DELETE FROM erasure WHERE company_id = %s AND id = %s", (tx.company_id, id))


async def under_way(tx: Tx) -> list[UnderWay]:
    """All unproved erasures with their documents, removed or not."""
    return await tx.rows(
        UnderWay,
        """
        SELECT e.id, e.subject_kind, e.subject_id, e.subject_name, e.salted,
               e.requested_at, e.requested_by, e.invisible_at,
               array(SELECT id FROM node WHERE company_id = e.company_id AND erasure_id = e.id AND kind = 'document'
                     UNION SELECT node_id FROM erased_document
                     WHERE company_id = e.company_id AND receipt_id = e.id) AS documents
        FROM erasure e WHERE e.company_id = %s ORDER BY e.requested_at, e.id
        """,
        (tx.company_id,),
    )
