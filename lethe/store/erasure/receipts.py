"""Receipts: one log per company, each entry with the hash of the previous one. Entries are never changed."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from lethe.domain.records.queries import ReceiptQuery
from lethe.store.database.pool import Database
from lethe.store.database.transactions import Tx
from lethe.store.erasure.salts import BLOCKS

_DOCUMENTS = """
    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', d.node_id, 'name', d.name, 'content', d.content)
                               ORDER BY d.node_id), '[]')
     FROM erased_document d WHERE d.company_id = r.company_id AND d.receipt_id = r.id)
"""


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a log: its number and its hash."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it was signed, in canonical JSON."""

    seq: int
    body: str


DOCUMENTS_AT_ONCE = 1_000
"""An erasure may have millions of documents; this many are read at a time."""


@dataclass(frozen=True, slots=True)
class FoundEntry(Entry):
    """An entry with some of its documents: id, hash of the name, hash of the content."""

    documents: list[dict[str, str | None]]


@dataclass(frozen=True, slots=True)
class FullEntry:
    """An entry with the columns it is found by and all its documents: id, hash of the name, hash of the content."""

    seq: int
    id: UUID
    subject_id: str | None
    erased_at: datetime
    hash: str
    body: str
    documents: list[dict[str, str | None]]


async def lock_head(tx: Tx) -> Head | None:
    """The last entry of the company's log, which is locked against appending until the transaction ends."""
    # Two statements: the second must see entries added while the first waited.
    async with tx.pipeline(), tx.cursor(row_factory=class_row(Head)) as cur:
        await tx.execute("SELECT FROM company WHERE id = %s FOR NO KEY UPDATE", (tx.company_id,))
        await cur.execute(
            "SELECT seq, hash FROM receipt WHERE company_id = %s ORDER BY seq DESC LIMIT 1", (tx.company_id,)
        )
        return await cur.fetchone()


async def insert(
    tx: Tx,
    *,
    seq: int,
    id: UUID,
    subject_id: str | None,
    erased_at: datetime,
    hash: str,
    body: str,
) -> None:
    """Append an entry after the one that `lock_head` returned, before its erasure is closed. Notifies the processes
    that wait for erasures."""
    await tx.execute(
        """
        WITH entry AS (
            INSERT INTO receipt (company_id, seq, id, subject_id, erased_at, hash, body, token_id)
            VALUES (%(company_id)s, %(seq)s, %(id)s, %(subject_id)s, %(erased_at)s, %(hash)s, %(body)s,
                    (SELECT token_id FROM erasure WHERE company_id = %(company_id)s AND id = %(id)s))
            RETURNING company_id
        )
        SELECT pg_notify('lethe_receipt', company_id) FROM entry
        """,
        {
            "seq": seq,
            "id": id,
            "subject_id": subject_id,
            "erased_at": erased_at,
            "hash": hash,
            "body": body,
        },
    )


async def documents(tx: Tx, *, id: UUID, after: str, limit: int) -> list[dict[str, str | None]]:
    """What is left of an erasure's documents, ordered by id, after `after`: id and the hashes of name and content."""
    cur = await tx.execute(
        """
        SELECT node_id, name, content FROM erased_document
        WHERE company_id = %s AND receipt_id = %s AND node_id > %s ORDER BY node_id LIMIT %s
        """,
        (tx.company_id, id, after, limit),
    )
    return [{"id": node, "name": name, "content": content} for node, name, content in await cur.fetchall()]


async def find(db: Database, *, company_id: str, id: UUID, after: str = "", limit: int) -> FoundEntry | None:
    """The company's receipt with this id, with its next documents after `after`."""
    return await db.read_one(
        company_id,
        """
        SELECT r.seq, r.body,
               (SELECT coalesce(jsonb_agg(jsonb_build_object('id', d.node_id, 'name', d.name, 'content', d.content)
                                          ORDER BY d.node_id), '[]')
                FROM (SELECT node_id, name, content FROM erased_document
                      WHERE company_id = r.company_id AND receipt_id = r.id AND node_id > %(after)s
                      ORDER BY node_id LIMIT %(limit)s) d) AS documents
        FROM receipt r WHERE r.company_id = %(company_id)s AND r.id = %(id)s
        """,
        {"id": id, "after": after, "limit": limit},
        FoundEntry,
    )


async def page(
    db: Database, *, company_id: str, wanted: ReceiptQuery, before: int | None, limit: int
) -> list[Entry]:
    """The company's receipts that match, newest first. A name matches in either way of hashing, salted or keyed.

    Args:
        before: only receipts with a smaller number.
    """
    return await db.read(
        company_id,
        f"""
        SELECT r.seq, r.body FROM receipt r
        WHERE r.company_id = %(company_id)s AND (%(before)s::bigint IS NULL OR r.seq < %(before)s)
          AND (%(since)s::timestamptz IS NULL OR r.erased_at >= %(since)s)
          AND (%(until)s::timestamptz IS NULL OR r.erased_at < %(until)s)
          AND (%(node)s::text IS NULL OR r.subject_id = %(node)s OR EXISTS (
                SELECT FROM erased_document d
                WHERE d.company_id = r.company_id AND d.receipt_id = r.id AND d.node_id = %(node)s))
          AND (%(collection)s::text IS NULL
               OR (%(artifact)s::text IS NULL AND r.subject_id IS NOT NULL
                   AND r.body::jsonb #>> '{{subject,name}}' IN (
                       salted_hash(r.subject_id, %(collection)s), keyed_hash({BLOCKS}, r.subject_id, %(collection)s)))
               OR (%(artifact)s::text IS NOT NULL AND EXISTS (
                SELECT FROM erased_document d
                WHERE d.company_id = r.company_id AND d.receipt_id = r.id
                  AND d.name IN (salted_hash(d.node_id, %(collection)s, %(artifact)s),
                                 keyed_hash({BLOCKS}, d.node_id, %(collection)s, %(artifact)s)))))
        ORDER BY r.seq DESC LIMIT %(limit)s
        """,
        {
            "before": before,
            "since": wanted.since,
            "until": wanted.until,
            "node": wanted.node_id,
            "collection": wanted.collection,
            "artifact": wanted.artifact,
            "limit": limit,
        },
        Entry,
    )


async def chain(tx: Tx, *, after: int = 0) -> AsyncGenerator[FullEntry]:
    """The company's log after the number `after`, streamed while the transaction stays open."""
    async with tx.conn.cursor("chain", row_factory=class_row(FullEntry)) as cur:
        cur.itersize = 100
        await cur.execute(
            f"""
            SELECT r.seq, r.id, r.subject_id, r.erased_at, r.hash, r.body, {_DOCUMENTS} AS documents
            FROM receipt r WHERE r.company_id = %s AND r.seq > %s ORDER BY r.seq
            """,
            (tx.company_id, after),
        )
        async for entry in cur:
            yield entry


WITHOUT_ENTRY: LiteralString = """
    SELECT count(DISTINCT d.receipt_id) FROM erased_document d
    WHERE d.company_id = %(company_id)s
      AND NOT EXISTS (SELECT FROM receipt r WHERE r.company_id = d.company_id AND r.id = d.receipt_id)
      AND NOT EXISTS (SELECT FROM erasure e WHERE e.company_id = d.company_id AND e.id = d.receipt_id)
"""


async def without_entry(tx: Tx) -> int:
    """The number of erasures that have documents but neither a receipt nor work left: their receipt was removed."""
    return int(await tx.value(WITHOUT_ENTRY, {}) or 0)
