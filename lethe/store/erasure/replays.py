"""Repeats, in a restored database, the erasures made since the backup, according to their receipts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from lethe.domain.json import Json
from lethe.store.database.connections import Connection
from lethe.store.database.transactions import Tx


async def remove_folders(tx: Tx, *, node_ids: Sequence[str]) -> list[str]:
    """Remove these folders and those below them, except where they contain a document; returns those that remain.

    A document below that no receipt names was moved away before the deletion; the folders above it stay.
    """
    params = {"ids": list(node_ids)}
    await tx.execute(
        """
        DELETE FROM node f USING node top CROSS JOIN path_end(top.path) stop
        WHERE top.company_id = %(company_id)s AND top.id = ANY (%(ids)s) AND top.kind = 'folder'
          AND f.company_id = %(company_id)s AND f.kind = 'folder'
          AND f.path >= top.path AND f.path < stop
          AND NOT EXISTS (
              SELECT FROM path_end(f.path) stop
              JOIN node d ON d.company_id = %(company_id)s AND d.path > f.path AND d.path < stop
              WHERE d.kind = 'document')
        """,
        params,
    )
    return await tx.values(
        """
        SELECT id FROM node
        WHERE company_id = %(company_id)s AND id = ANY (%(ids)s) AND kind = 'folder' ORDER BY id
        """,
        params,
    )


async def insert_documents(tx: Tx, *, id: UUID, documents: Sequence[Mapping[str, Json]]) -> None:
    """Store what a receipt says about each document: id and the hashes of name and content."""
    await tx.execute(
        """
        INSERT INTO erased_document (company_id, receipt_id, node_id, name, content)
        SELECT %(company_id)s, %(receipt)s, d.id, d.name, d.content
        FROM unnest(%(ids)s::text[], %(names)s::text[], %(contents)s::text[]) AS d (id, name, content)
        ON CONFLICT (company_id, receipt_id, node_id) DO UPDATE SET name = excluded.name, content = excluded.content
        """,
        {
            "receipt": id,
            "ids": [d["id"] for d in documents],
            "names": [d["name"] for d in documents],
            "contents": [d["content"] for d in documents],
        },
    )


async def insert_erasure(
    tx: Tx,
    *,
    id: UUID,
    subject: tuple[str, str, str],
    salted: bool,
    requested_at: datetime,
    requested_by: str,
    invisible_at: datetime,
) -> None:
    """Insert an erasure as it was requested, unless it exists. `subject` is (kind, id, name); the name is hashed
    with the company's secret if `salted`."""
    await tx.execute(
        """
        INSERT INTO erasure (company_id, id, subject_kind, subject_id, subject_name, salted, requested_at, requested_by,
                             invisible_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
        """,
        (tx.company_id, id, *subject, salted, requested_at, requested_by, invisible_at),
    )


async def release(conn: Connection) -> None:
    """Release what processes held when the backup was made: job workers, and files being uploaded."""
    await conn.execute("DELETE FROM procrastinate_workers")
    await conn.execute("UPDATE blob_removal SET due_at = now() WHERE due_at > now()")
