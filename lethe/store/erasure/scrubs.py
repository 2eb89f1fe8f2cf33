"""Input of `lethe scrub`: erasures whose bytes have not been searched for yet, and the data that is still stored."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import LiteralString

import numpy as np
from psycopg.rows import scalar_row

from lethe.store.database.connections import Connection
from lethe.store.database.transactions import Tx

_LIVING: tuple[LiteralString, ...] = (
    "SELECT title, collection, artifact FROM node",
    "SELECT metadata, source_uri FROM document",
    "SELECT metadata, file_name, uri FROM ingestion",
    "SELECT text FROM document_part",
    "SELECT text, headings, turns FROM chunk_text",
)
_VECTOR_HEAD = 4
"""Bytes before the numbers in PostgreSQL's binary format of a halfvec."""

_UNCOVERED: LiteralString = """
    SELECT r.seq, r.id FROM receipt r
    WHERE r.company_id = %(company_id)s AND r.subject_id IS NOT NULL AND (
        r.seq > coalesce((
            SELECT max((s.body::jsonb #>> '{covers,to}')::bigint) FROM receipt s
            WHERE s.company_id = %(company_id)s AND s.subject_id IS NULL), 0)
        OR EXISTS (SELECT FROM erased_document d WHERE d.company_id = r.company_id AND d.receipt_id = r.id
                   AND d.fingerprints IS NOT NULL))
"""
# A scrub removes the fingerprints it searched for. A receipt that was covered before has some again if its documents
# were erased again after a backup was restored: the earlier scrub cleaned another disk.


@dataclass(frozen=True, slots=True)
class Uncovered:
    """The erasures of a company that no scrub covers: numbers of the first and last receipt, how many erasures and
    documents, the documents' fingerprints, and how many erasures have no receipt yet."""

    company: str
    first: int | None
    last: int | None
    erasures: int
    documents: int
    fingerprints: list[bytes]
    unproved: int
    now: datetime


async def uncovered(tx: Tx) -> Uncovered:
    """What a scrub starting now would cover."""
    found = await tx.row(
        Uncovered,
        f"""WITH r AS MATERIALIZED ({_UNCOVERED})
        , d AS MATERIALIZED (
            SELECT d.fingerprints FROM erased_document d JOIN r ON r.id = d.receipt_id
            WHERE d.company_id = %(company_id)s
        )
        SELECT c.name AS company, (SELECT min(seq) FROM r) AS first, (SELECT max(seq) FROM r) AS last,
               (SELECT count(*) FROM r) AS erasures, (SELECT count(*) FROM d) AS documents,
               (SELECT coalesce(array_agg(fingerprints) FILTER (WHERE fingerprints IS NOT NULL), '{{}}') FROM d)
               AS fingerprints,
               (SELECT count(*) FROM erasure WHERE company_id = %(company_id)s) AS unproved,
               clock_timestamp() AS now
        FROM company c WHERE c.id = %(company_id)s
        """,
        {},
    )
    assert found is not None  # noqa: S101 the company was named by its id
    return found


async def forget_fingerprints(tx: Tx, *, first: int, last: int) -> None:
    """Delete the fingerprints of the documents of these receipts."""
    await tx.execute(
        """
        UPDATE erased_document d SET fingerprints = NULL FROM receipt r
        WHERE r.company_id = %(company_id)s AND r.seq BETWEEN %(first)s AND %(last)s
          AND d.company_id = r.company_id AND d.receipt_id = r.id AND d.fingerprints IS NOT NULL
        """,
        {"first": first, "last": last},
    )


async def blob_keys(conn: Connection) -> set[str]:
    """Keys of all files that rows refer to, in all companies."""
    found = await conn.values(
        "SELECT key FROM (SELECT blob_key FROM document UNION SELECT blob_key FROM ingestion) named (key)"
        " WHERE key IS NOT NULL"
    )
    return set(found)


async def living(conn: Connection) -> AsyncIterator[bytes]:
    """Everything stored for documents that are not erased, of all companies, in pieces: names and metadata (as JSON),
    text, and embeddings in their on-disk format. It is one snapshot; the role must see all rows."""
    async with conn.transaction():
        await conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for query in _LIVING:
            async with conn.cursor() as cur, cur.copy(f"COPY ({query}) TO STDOUT (FORMAT binary)") as copy:
                async for piece in copy:
                    yield bytes(piece)
        async with conn.cursor("embeddings", row_factory=scalar_row) as vectors:
            vectors.itersize = 1000
            await vectors.execute("SELECT halfvec_send(embedding) FROM chunk_vec", binary=True)
            async for sent in vectors:
                yield np.frombuffer(sent, ">u2")[_VECTOR_HEAD // 2 :].astype("<u2").tobytes()


async def now(conn: Connection) -> datetime:
    """The database's clock."""
    return await conn.value("SELECT clock_timestamp()") or datetime.now(UTC)
