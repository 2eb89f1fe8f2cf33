"""The work of ingestions, and the content they store."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from lethe.domain.json import Json
from lethe.domain.records.blocks import Turn
from lethe.domain.records.documents import Ingestion, Prepared, Source
from lethe.store.database.pool import Database
from lethe.store.database.transactions import Tx
from lethe.store.database.vectors import HalfVectors, Vectors


@dataclass(frozen=True, slots=True)
class _InputHash:
    input_hash: str


@dataclass(frozen=True, slots=True)
class _Holder:
    node_id: str


ChunkRow = tuple[int, int, int, int, Sequence[str], str, int, str, int, Sequence[Turn], Sequence[int]]


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


async def find(tx: Tx, *, task_id: UUID) -> Ingestion | None:
    """The work of a task; None if the task has ended."""
    async with tx.cursor(row_factory=dict_row) as cur:
        await cur.execute(
            """
            SELECT i.company_id, i.task_id, t.node_id, t.generation, root.collection, n.artifact,
                   i.metadata, i.file_name, i.uri, i.blob_key, i.hash, i.bytes, i.input_hash
            FROM ingestion i
            JOIN task t ON t.company_id = i.company_id AND t.id = i.task_id
            JOIN node n ON n.company_id = t.company_id AND n.id = t.node_id
            JOIN node root ON root.company_id = n.company_id AND root.id = n.root_id
            WHERE i.company_id = %s AND i.task_id = %s
            """,
            (tx.company_id, task_id),
        )
        row = await cur.fetchone()
    if row is None:
        return None
    key, hash, size = row.pop("blob_key"), row.pop("hash"), row.pop("bytes")
    return Ingestion(**row, source=Source(key, hash, size) if key else None)


async def renewed(tx: Tx, *, job: Ingestion) -> Ingestion:
    """A job with its current metadata: the document may have been renamed or changed since the job was read."""
    cur = await tx.execute(
        "SELECT metadata, input_hash FROM ingestion WHERE company_id = %s AND task_id = %s",
        (tx.company_id, job.task_id),
    )
    row = await cur.fetchone()
    return job if row is None else replace(job, metadata=row[0], input_hash=row[1] or "")


async def set_source(
    tx: Tx,
    *,
    task_id: UUID,
    source: Source,
    file_name: str | None,
    input_hash: str,
) -> bool:
    """Record the original fetched for a task.

    False if the task has ended, or another worker has recorded one: that one stays, as its worker may be about to
    commit.
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


async def holder(
    db: Database, *, company_id: str, collection: str, artifact: str, input_hash: str
) -> str | None:
    """The artifact's node, if it has exactly this input and no newer request for it is in progress."""
    rows = await db.read(
        company_id,
        """
        SELECT node_id FROM live_document
        WHERE company_id = %(company_id)s AND collection = %(collection)s AND artifact = %(artifact)s
          AND stored_generation = generation AND input_hash = %(input_hash)s
        """,
        {"collection": collection, "artifact": artifact, "input_hash": input_hash},
        _Holder,
    )
    return rows[0].node_id if rows else None


async def keeps_input(db: Database, *, job: Ingestion) -> bool:
    """Whether the job's node already has the job's input, from an earlier generation."""
    rows = await db.read(
        job.company_id,
        """
        SELECT input_hash FROM document
        WHERE company_id = %(company_id)s AND node_id = %(node_id)s AND input_hash = %(input_hash)s
        """,
        {"node_id": job.node_id, "input_hash": job.input_hash},
        _InputHash,
    )
    return bool(rows)


async def adopt(tx: Tx, *, job: Ingestion, source_uri: str | None) -> bool:
    """Make the node's content count for the job's generation, if it is the job's input."""
    cur = await tx.execute(
        """
        UPDATE document SET generation = %s, source_uri = coalesce(%s, source_uri)
        WHERE company_id = %s AND node_id = %s AND input_hash = %s
        """,
        (job.generation, source_uri, tx.company_id, job.node_id, job.input_hash),
    )
    return cur.rowcount == 1


async def upsert_document(
    tx: Tx,
    *,
    job: Ingestion,
    source: Source,
    metadata: Mapping[str, Json],
    prepared: Prepared,
    fingerprints: bytes,
    source_uri: str | None,
) -> None:
    """Write the document's row for the generation of `job`. The previous content's file is scheduled for removal,
    and its fingerprints stay with the node.

    Args:
        fingerprints: by which a scrub finds the content's bytes, see core/scrub/fingerprints.py.
        source_uri: the address that it was fetched from, as it may be shown.
    """
    await tx.execute(
        """
        WITH before AS (
            SELECT blob_key, fingerprints FROM document WHERE company_id = %(company_id)s AND node_id = %(node_id)s
        ), past AS (
            UPDATE node SET past_fingerprints = joined_fingerprints(before.fingerprints, past_fingerprints) FROM before
            WHERE company_id = %(company_id)s AND id = %(node_id)s
        ), discarded AS (
            INSERT INTO blob_removal (company_id, key, node_id, due_at)
            SELECT %(company_id)s, blob_key, %(node_id)s, now() FROM before WHERE blob_key IS NOT NULL
        )
        INSERT INTO document (company_id, node_id, generation, metadata, input_hash, hash, file_type, media_type,
                              language, blob_key, bytes, characters, blocks, chunks, fingerprints, warnings, places,
                              source_uri, words_outdated)
        VALUES (%(company_id)s, %(node_id)s, %(generation)s, %(metadata)s, %(input_hash)s, %(hash)s, %(file_type)s,
                %(media_type)s, %(language)s, %(blob_key)s, %(bytes)s, %(characters)s, %(blocks)s, %(chunks)s,
                %(fingerprints)s, %(warnings)s, %(places)s, %(source_uri)s, false)
        ON CONFLICT (company_id, node_id) DO UPDATE
        SET generation = excluded.generation, metadata = excluded.metadata, input_hash = excluded.input_hash,
            hash = excluded.hash, file_type = excluded.file_type, media_type = excluded.media_type,
            language = excluded.language, blob_key = excluded.blob_key, bytes = excluded.bytes,
            characters = excluded.characters, blocks = excluded.blocks, chunks = excluded.chunks, indexed = true,
            fingerprints = excluded.fingerprints, warnings = excluded.warnings, places = excluded.places,
            source_uri = excluded.source_uri, words_outdated = false, structured = true, stored_at = now()
        """,
        {
            "node_id": job.node_id,
            "generation": job.generation,
            "metadata": Jsonb(dict(metadata)),
            "input_hash": job.input_hash,
            "hash": source.hash,
            "file_type": prepared.file_type,
            "media_type": prepared.media_type,
            "language": prepared.language,
            "blob_key": source.blob_key,
            "bytes": source.bytes,
            "characters": prepared.characters,
            "blocks": prepared.blocks,
            "chunks": prepared.chunks,
            "fingerprints": fingerprints,
            "warnings": list(prepared.warnings),
            "places": Jsonb(dict(prepared.places)),
            "source_uri": source_uri,
        },
    )


async def insert_parts(tx: Tx, *, node_id: str, parts: Iterable[tuple[int, int, str, str]]) -> None:
    """Store the document's text; each part is (number, start, text, blocks as JSON)."""
    # One by one: a part has 128 Ki characters, and arrays of parts would be held in memory several times.
    async with tx.cursor() as cur:
        await cur.executemany(
            """
            INSERT INTO document_part (company_id, node_id, part, start, text, blocks)
            VALUES (%s, %s, %s, %s, %s, %s)
            """,
            ((tx.company_id, node_id, *part) for part in parts),
        )


async def insert_chunks(tx: Tx, *, node_id: str, chunks: Iterable[ChunkRow], vectors: Vectors) -> None:
    """Store consecutive chunks with their words and embeddings.

    Args:
        chunks: position, start, stop, tokens, headings, text, length, tsvector literal, place, turns, rows.
        vectors: float16 [chunks, dimension], in the same order.
    """
    columns = [list(column) for column in zip(*chunks, strict=True)]
    names = (
        "position",
        "start",
        "stop",
        "tokens",
        "headings",
        "text",
        "length",
        "tsv",
        "place",
        "turns",
        "rows",
    )
    # PostgreSQL refuses COPY into a table with row-level security.
    await tx.execute(
        """
        WITH row AS (
            SELECT * FROM unnest(%(position)s::int[], %(start)s::bigint[], %(stop)s::bigint[], %(tokens)s::int[],
                                 %(headings)s::jsonb[], %(text)s::text[], %(length)s::int[], %(tsv)s::text[],
                                 %(place)s::int[], %(turns)s::jsonb[], %(rows)s::jsonb[], %(embedding)s::halfvec[])
              AS r (position, start, stop, tokens, headings, text, length, tsv, place, turns, sheet_rows, embedding)
        ), texts AS (
            INSERT INTO chunk_text (company_id, node_id, position, start, stop, tokens, headings, text, place,
                                    turns, sheet_rows)
            SELECT %(company_id)s, %(node_id)s, position, start, stop, tokens, headings, text, place, turns, sheet_rows
            FROM row
        ), words AS (
            INSERT INTO chunk_lex (company_id, node_id, position, length, tsv)
            SELECT %(company_id)s, %(node_id)s, position, length, tsv::tsvector FROM row
        )
        INSERT INTO chunk_vec (company_id, node_id, position, embedding)
        SELECT %(company_id)s, %(node_id)s, position, embedding FROM row
        """,
        {
            **dict(zip(names, columns, strict=True)),
            "headings": [Jsonb(headings) for headings in columns[4]],
            "turns": [Jsonb(turns) for turns in columns[9]],
            "rows": [Jsonb(rows) if rows else None for rows in columns[10]],
            "embedding": HalfVectors(vectors),
            "node_id": node_id,
        },
        binary=True,
    )
