"""Inconsistent rows of one company: counting and repairing them.

A document's content is written and removed in one transaction, and each statement here sees one moment, so the counts
are exact: work in progress never counts. Content is checked in windows of node ids, `after` < id <= `upto`, by
counts only: those of chunks come from the keys in an index, never from their text.
"""

from typing import LiteralString

from psycopg.rows import dict_row

from lethe.domain.records.orphans import Orphan
from lethe.store.database.transactions import Tx
from lethe.store.erasure.receipts import WITHOUT_ENTRY
from lethe.store.queue import reindexing

LAST = "~"
"""Sorts after every node id: the end of the last window."""

_WINDOW: LiteralString = "company_id = %(company_id)s AND node_id > %(after)s AND node_id <= %(upto)s"

# Positions have gaps, as chunks without words are left out; equal sets have equal sums of hashes.
_CONTENT: LiteralString = f"""
    WITH texts AS MATERIALIZED (
        SELECT node_id, count(*) AS n, sum(hashint4(position)) AS positions FROM chunk_text
        WHERE {_WINDOW} GROUP BY node_id
    ), words AS MATERIALIZED (
        SELECT node_id, count(*) AS n, sum(hashint4(position)) AS positions FROM chunk_lex
        WHERE {_WINDOW} GROUP BY node_id
    ), vectors AS MATERIALIZED (
        SELECT node_id, count(*) AS n, sum(hashint4(position)) AS positions FROM chunk_vec
        WHERE {_WINDOW} GROUP BY node_id
    ), parts AS MATERIALIZED (
        SELECT node_id, count(*) AS n, max(part) AS last, max(start + octet_length(text)) AS reach
        FROM document_part WHERE {_WINDOW} GROUP BY node_id
    ), documents AS MATERIALIZED (
        SELECT d.node_id, d.chunks, d.indexed, d.characters, n.state
        FROM document d LEFT JOIN node n ON n.company_id = d.company_id AND n.id = d.node_id
        WHERE d.company_id = %(company_id)s AND d.node_id > %(after)s AND d.node_id <= %(upto)s
    ), content AS MATERIALIZED (
        SELECT node_id, d.chunks, d.indexed, d.state, d.characters, p.n AS parts, p.last AS last_part, p.reach,
               coalesce(t.n, 0) AS texts, greatest(t.n, w.n, v.n, 0) AS most,
               (t.n, t.positions) IS NOT DISTINCT FROM (w.n, w.positions)
               AND (t.n, t.positions) IS NOT DISTINCT FROM (v.n, v.positions) AS even
        FROM documents d
        FULL JOIN texts t USING (node_id)
        FULL JOIN words w USING (node_id)
        FULL JOIN vectors v USING (node_id)
        FULL JOIN parts p USING (node_id)
    )
    """

_BROKEN: LiteralString = "state IS NOT NULL AND indexed AND NOT (even AND texts = chunks)"

_NOBODY_INDEXES: LiteralString = """
    NOT EXISTS (SELECT FROM task t WHERE t.company_id = %(company_id)s AND t.finished_at IS NULL
                AND (t.kind = 'restore' OR t.kind = 'ingest' AND t.node_id = c.node_id))
"""

_ENDED_WORK: LiteralString = """
    i.company_id = %(company_id)s AND t.company_id = i.company_id AND t.id = i.task_id
    AND t.finished_at IS NOT NULL AND NOT (i.kept AND EXISTS (
        SELECT FROM node n WHERE n.company_id = t.company_id AND n.id = t.node_id AND n.state = 'deleted'))
"""

_NOBODY_INGESTS: LiteralString = """
    n.company_id = %(company_id)s AND n.state = 'pending' AND n.kind = 'document'
    AND NOT EXISTS (SELECT FROM task t WHERE t.company_id = n.company_id AND t.node_id = n.id
                    AND t.kind = 'ingest' AND t.finished_at IS NULL)
"""


async def window_end(tx: Tx, *, after: str, documents: int) -> str:
    """The end of a window of this many documents starting after `after`; LAST if there are no more."""
    found = await tx.value(
        "SELECT node_id FROM document WHERE company_id = %s AND node_id > %s ORDER BY node_id OFFSET %s LIMIT 1",
        (tx.company_id, after, documents - 1),
    )
    return found or LAST


async def count_content(tx: Tx, *, after: str, upto: str) -> dict[Orphan, int]:
    """Inconsistencies in a window, by kind. Stray chunks are counted individually, everything else by document."""
    return await _counts(
        tx,
        f"""{_CONTENT}
        SELECT coalesce(sum(most) FILTER (WHERE state IS NULL OR NOT indexed), 0)::bigint AS chunk_without_document,
               count(*) FILTER (WHERE state IS NOT NULL AND indexed AND even AND texts <> chunks) AS chunk_missing,
               count(*) FILTER (WHERE state IS NOT NULL AND indexed AND NOT even) AS chunk_uneven,
               count(*) FILTER (WHERE state IS NULL AND (parts > 0 OR chunks IS NOT NULL)) AS text_without_document,
               count(*) FILTER (WHERE state IS NOT NULL AND (
                   parts IS NULL OR parts <> last_part + 1 OR reach < characters)) AS document_without_text,
               count(*) FILTER (WHERE state = 'live' AND NOT indexed AND {_NOBODY_INDEXES}) AS document_not_indexed
        FROM content c
        """,
        {"after": after, "upto": upto},
    )


async def count_nodes(tx: Tx, *, minutes: int) -> dict[Orphan, int]:
    """Stuck nodes by kind, work without a task, and missing receipts.

    Args:
        minutes: how long due work may wait for the sweeper.
    """
    return await _counts(
        tx,
        f"""
        SELECT (SELECT count(*) FROM node n WHERE {_NOBODY_INGESTS})
               + (SELECT count(*) FROM node r WHERE r.company_id = %(company_id)s AND r.state = 'pending'
                  AND r.kind = 'folder' AND r.created_at < now() - make_interval(mins => %(minutes)s)
                  AND NOT EXISTS (SELECT FROM node c WHERE c.company_id = r.company_id AND c.parent_id = r.id))
               AS node_pending,
               (SELECT count(*) FROM node WHERE company_id = %(company_id)s
                AND purge_at < now() - make_interval(mins => %(minutes)s)) AS node_not_purged,
               (SELECT count(*) FROM ingestion i, task t WHERE {_ENDED_WORK}) AS work_without_task,
               (SELECT count(*) FROM erasure WHERE company_id = %(company_id)s
                AND requested_at < now() - make_interval(mins => %(minutes)s)
                AND NOT EXISTS (SELECT FROM node n WHERE n.company_id = erasure.company_id
                                AND n.erasure_id = erasure.id)) AS erasure_not_proved,
               ({WITHOUT_ENTRY}) AS receipt_missing
        """,
        {"minutes": minutes},
    )


async def remove_strays(tx: Tx, *, after: str, upto: str) -> None:
    """Remove chunks and texts in a window that have no document, and documents without a node, with their files."""
    await tx.execute(
        f"""
        WITH owners AS MATERIALIZED (
            SELECT d.node_id, d.indexed FROM document d JOIN node n ON n.company_id = d.company_id AND n.id = d.node_id
            WHERE d.company_id = %(company_id)s AND d.node_id > %(after)s AND d.node_id <= %(upto)s
        ), texts AS (
            DELETE FROM chunk_text WHERE {_WINDOW} AND node_id NOT IN (SELECT node_id FROM owners WHERE indexed)
        ), words AS (
            DELETE FROM chunk_lex WHERE {_WINDOW} AND node_id NOT IN (SELECT node_id FROM owners WHERE indexed)
        ), vectors AS (
            DELETE FROM chunk_vec WHERE {_WINDOW} AND node_id NOT IN (SELECT node_id FROM owners WHERE indexed)
        ), parts AS (
            DELETE FROM document_part WHERE {_WINDOW} AND node_id NOT IN (SELECT node_id FROM owners)
        ), gone AS (
            DELETE FROM document WHERE {_WINDOW} AND node_id NOT IN (SELECT node_id FROM owners) RETURNING blob_key
        )
        INSERT INTO blob_removal (company_id, key, due_at) SELECT %(company_id)s, blob_key, now() FROM gone
        WHERE blob_key IS NOT NULL
        ON CONFLICT DO NOTHING
        """,
        {"after": after, "upto": upto},
    )


async def take_out_broken(tx: Tx, *, after: str, upto: str) -> None:
    """Remove documents in a window with missing chunks from the indexes, so that they are indexed again.

    They are locked and checked again, as they may just have been stored. Those locked by others are left for the
    next round.
    """
    params = {"after": after, "upto": upto}
    found: LiteralString = f"{_CONTENT}SELECT node_id FROM content WHERE {_BROKEN}"
    locked = await tx.values(
        f"""
        SELECT id FROM node WHERE company_id = %(company_id)s AND id IN ({found}) ORDER BY id FOR UPDATE SKIP LOCKED
        """,
        params,
    )
    broken = {*locked}.intersection(await tx.values(found, params))
    await reindexing.unindex(tx, node_ids=[*broken])


async def remove_pending(tx: Tx) -> None:
    """Remove pending documents without an open ingestion."""
    locked = await tx.values(f"SELECT n.id FROM node n WHERE {_NOBODY_INGESTS} FOR UPDATE SKIP LOCKED", {})
    # A separate statement, to see tasks added before the lock was acquired.
    await tx.execute(f"DELETE FROM node n WHERE n.id = ANY (%(ids)s) AND {_NOBODY_INGESTS}", {"ids": locked})


async def remove_ended_work(tx: Tx) -> None:
    """Remove the work of ended ingestions and schedule their originals for removal."""
    await tx.execute(
        f"""
        WITH work AS (DELETE FROM ingestion i USING task t WHERE {_ENDED_WORK} RETURNING i.blob_key, t.node_id)
        INSERT INTO blob_removal (company_id, key, node_id, due_at)
        SELECT %(company_id)s, blob_key, node_id, now() FROM work WHERE blob_key IS NOT NULL
        ON CONFLICT DO NOTHING
        """,
        {},
    )


async def _counts(tx: Tx, query: LiteralString, params: dict[str, object]) -> dict[Orphan, int]:
    async with tx.cursor(row_factory=dict_row) as cur:
        await cur.execute(query, params)
        row = await cur.fetchone()
    return {Orphan(kind): int(n) for kind, n in (row or {}).items()}
