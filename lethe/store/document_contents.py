"""Writes the content of documents: their rows, text, chunks with words, and embeddings."""

from collections.abc import Iterable, Sequence

from psycopg.types.json import Jsonb

from lethe.domain.records.blocks import Turn
from lethe.domain.records.documents import Finished
from lethe.store.database.transactions import Tx
from lethe.store.database.vectors import HalfVectors, Vectors

ChunkRow = tuple[int, int, int, int, Sequence[str], str, int, str, int, Sequence[Turn], Sequence[int]]


async def upsert_documents(tx: Tx, *, documents: Sequence[Finished]) -> None:
    """Write the documents' rows, each for the generation of its job. The files of previous contents are scheduled for
    removal; `life.publish`, called first, has saved their fingerprints on the nodes."""
    await tx.execute(
        """
        WITH given AS MATERIALIZED (
            SELECT * FROM unnest(
                %(node_id)s::text[], %(generation)s::bigint[], %(metadata)s::jsonb[], %(input_hash)s::text[],
                %(hash)s::text[], %(file_type)s::text[], %(media_type)s::text[], %(language)s::text[],
                %(blob_key)s::text[], %(bytes)s::bigint[], %(characters)s::bigint[], %(blocks)s::int[],
                %(chunks)s::int[], %(fingerprints)s::bytea[], %(warnings)s::jsonb[], %(places)s::jsonb[],
                %(source_uri)s::text[]
            ) AS r (node_id, generation, metadata, input_hash, hash, file_type, media_type, language, blob_key, bytes,
                    characters, blocks, chunks, fingerprints, warnings, places, source_uri)
        ), before AS (
            SELECT node_id, blob_key FROM document
            WHERE company_id = %(company_id)s AND node_id = ANY (%(node_id)s)
        ), discarded AS (
            INSERT INTO blob_removal (company_id, key, node_id, due_at)
            SELECT %(company_id)s, blob_key, node_id, now() FROM before WHERE blob_key IS NOT NULL
        )
        INSERT INTO document (company_id, node_id, generation, metadata, input_hash, hash, file_type, media_type,
                              language, blob_key, bytes, characters, blocks, chunks, fingerprints, warnings, places,
                              source_uri, words_outdated)
        SELECT %(company_id)s, node_id, generation, metadata, input_hash, hash, file_type, media_type, language,
               blob_key, bytes, characters, blocks, chunks, fingerprints,
               array(SELECT jsonb_array_elements_text(warnings)), places, source_uri, false
        FROM given
        ON CONFLICT (company_id, node_id) DO UPDATE
        SET generation = excluded.generation, metadata = excluded.metadata, input_hash = excluded.input_hash,
            hash = excluded.hash, file_type = excluded.file_type, media_type = excluded.media_type,
            language = excluded.language, blob_key = excluded.blob_key, bytes = excluded.bytes,
            characters = excluded.characters, blocks = excluded.blocks, chunks = excluded.chunks, indexed = true,
            fingerprints = excluded.fingerprints, warnings = excluded.warnings, places = excluded.places,
            source_uri = excluded.source_uri, words_outdated = false, structured = true, stored_at = now()
        """,
        {
            "node_id": [d.job.node_id for d in documents],
            "generation": [d.job.generation for d in documents],
            "metadata": [Jsonb(dict(d.metadata)) for d in documents],
            "input_hash": [d.job.input_hash for d in documents],
            "hash": [d.source.hash for d in documents],
            "file_type": [d.prepared.file_type for d in documents],
            "media_type": [d.prepared.media_type for d in documents],
            "language": [d.prepared.language for d in documents],
            "blob_key": [d.source.blob_key for d in documents],
            "bytes": [d.source.bytes for d in documents],
            "characters": [d.prepared.characters for d in documents],
            "blocks": [d.prepared.blocks for d in documents],
            "chunks": [d.prepared.chunks for d in documents],
            "fingerprints": [d.fingerprints for d in documents],
            "warnings": [Jsonb(list(d.prepared.warnings)) for d in documents],
            "places": [Jsonb(dict(d.prepared.places)) for d in documents],
            "source_uri": [d.source_uri for d in documents],
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


async def insert_short_parts(tx: Tx, *, parts: Sequence[tuple[str, int, int, str, str]]) -> None:
    """As `insert_parts` for several short documents, in one statement; each part begins with its node's id."""
    names = ("node_id", "part", "start", "text", "blocks")
    await tx.execute(
        """
        INSERT INTO document_part (company_id, node_id, part, start, text, blocks)
        SELECT %(company_id)s, node_id, part, start, text, blocks
        FROM unnest(%(node_id)s::text[], %(part)s::int[], %(start)s::bigint[], %(text)s::text[], %(blocks)s::text[])
          AS r (node_id, part, start, text, blocks)
        """,
        dict(zip(names, map(list, zip(*parts, strict=True)), strict=True)),
    )


async def insert_chunks(
    tx: Tx, *, node_id: str | Sequence[str], chunks: Iterable[ChunkRow], vectors: Vectors
) -> None:
    """Store consecutive chunks with their words and embeddings.

    Args:
        node_id: the document's node, or one for each chunk.
        chunks: position, start, stop, tokens, headings, text, length, tsvector literal, place, turns, rows.
        vectors: float16 [chunks, dimension], in the same order.
    """
    columns = [list(column) for column in zip(*chunks, strict=True)]
    nodes = [node_id] * len(columns[0]) if isinstance(node_id, str) else list(node_id)
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
            SELECT * FROM unnest(%(node_id)s::text[], %(position)s::int[], %(start)s::bigint[], %(stop)s::bigint[],
                                 %(tokens)s::int[], %(headings)s::jsonb[], %(text)s::text[], %(length)s::int[],
                                 %(tsv)s::text[], %(place)s::int[], %(turns)s::jsonb[], %(rows)s::jsonb[],
                                 %(embedding)s::halfvec[])
              AS r (node_id, position, start, stop, tokens, headings, text, length, tsv, place, turns, sheet_rows,
                    embedding)
        ), texts AS (
            INSERT INTO chunk_text (company_id, node_id, position, start, stop, tokens, headings, text, place,
                                    turns, sheet_rows)
            SELECT %(company_id)s, node_id, position, start, stop, tokens, headings, text, place, turns, sheet_rows
            FROM row
        ), words AS (
            INSERT INTO chunk_lex (company_id, node_id, position, length, tsv)
            SELECT %(company_id)s, node_id, position, length, tsv::tsvector FROM row
        )
        INSERT INTO chunk_vec (company_id, node_id, position, embedding)
        SELECT %(company_id)s, node_id, position, embedding FROM row
        """,
        {
            **dict(zip(names, columns, strict=True)),
            "headings": [Jsonb(headings) for headings in columns[4]],
            "turns": [Jsonb(turns) for turns in columns[9]],
            "rows": [Jsonb(rows) if rows else None for rows in columns[10]],
            "embedding": HalfVectors(vectors),
            "node_id": nodes,
        },
        binary=True,
    )
