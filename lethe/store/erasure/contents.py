"""Removes the content of documents (text, chunks, words, embeddings) and schedules their files for removal."""

from collections.abc import Sequence

from lethe.store.database.transactions import Tx
from lethe.store.erasure.salts import BLOCKS


async def remove_content(tx: Tx, *, node_ids: Sequence[str]) -> None:
    """Remove the text, chunks and embeddings of nodes before new ones are stored; the documents' rows stay."""
    await tx.execute(
        """
        WITH parts AS (
            DELETE FROM document_part WHERE company_id = %(company_id)s AND node_id = ANY (%(node_ids)s)
        ), texts AS (
            DELETE FROM chunk_text WHERE company_id = %(company_id)s AND node_id = ANY (%(node_ids)s)
        ), words AS (
            DELETE FROM chunk_lex WHERE company_id = %(company_id)s AND node_id = ANY (%(node_ids)s)
        )
        DELETE FROM chunk_vec WHERE company_id = %(company_id)s AND node_id = ANY (%(node_ids)s)
        """,
        {"node_ids": list(node_ids)},
    )


async def remove_documents(tx: Tx, *, node_ids: Sequence[str]) -> None:
    """Remove all rows of these documents except their nodes, which must be deleted; schedule their files for removal.

    The nodes' erasures count what is removed. Each document leaves its hashes there, keyed like the hash of the
    erasure's name. This takes two statements, however large the documents are.
    """
    await tx.execute(
        f"""
        WITH doomed AS MATERIALIZED (
            SELECT n.id, n.erasure_id, coalesce(root.collection, '') AS collection, n.artifact,
                   n.past_fingerprints AS past,
                   CASE WHEN e.salted THEN {BLOCKS} END AS blocks
            FROM node n LEFT JOIN node root ON root.company_id = n.company_id AND root.id = n.root_id
            LEFT JOIN erasure e ON e.company_id = n.company_id AND e.id = n.erasure_id
            WHERE n.company_id = %(company_id)s AND n.id = ANY (%(ids)s) AND n.state = 'deleted'
        ), parts AS (
            DELETE FROM document_part WHERE company_id = %(company_id)s AND node_id IN (SELECT id FROM doomed)
        ), texts AS (
            DELETE FROM chunk_text WHERE company_id = %(company_id)s AND node_id IN (SELECT id FROM doomed)
        ), words AS (
            DELETE FROM chunk_lex WHERE company_id = %(company_id)s AND node_id IN (SELECT id FROM doomed)
        ), vectors AS (
            DELETE FROM chunk_vec WHERE company_id = %(company_id)s AND node_id IN (SELECT id FROM doomed)
        ), gone AS (
            DELETE FROM document WHERE company_id = %(company_id)s AND node_id IN (SELECT id FROM doomed)
            RETURNING node_id, blob_key, hash, bytes, chunks, fingerprints
        ), kept AS (
            DELETE FROM ingestion i USING task t, doomed d
            WHERE i.company_id = %(company_id)s AND t.company_id = i.company_id AND t.id = i.task_id
              AND t.node_id = d.id
            RETURNING t.node_id, i.blob_key, i.hash, i.bytes
        ), files AS (
            INSERT INTO blob_removal (company_id, key, node_id, due_at)
            SELECT %(company_id)s, blob_key, node_id, now() FROM gone WHERE blob_key IS NOT NULL
            UNION ALL SELECT %(company_id)s, blob_key, node_id, now() FROM kept WHERE blob_key IS NOT NULL
        ), added AS (
            UPDATE erasure e SET chunks = e.chunks + s.chunks, vectors = e.vectors + s.chunks, bytes = e.bytes + s.bytes
            FROM (
                SELECT d.erasure_id, coalesce(sum(g.chunks), 0) AS chunks,
                       coalesce(sum(g.bytes), 0)
                     + coalesce(sum((
                           SELECT sum(k.bytes) FROM kept k
                           WHERE k.node_id = d.id AND NOT (g.blob_key IS NULL AND g.hash IS NOT DISTINCT FROM k.hash)
                       )), 0) AS bytes
                FROM doomed d LEFT JOIN gone g ON g.node_id = d.id
                GROUP BY d.erasure_id
            ) s
            WHERE e.company_id = %(company_id)s AND e.id = s.erasure_id
        )
        INSERT INTO erased_document (company_id, receipt_id, node_id, name, content, fingerprints)
        SELECT %(company_id)s, d.erasure_id, d.id, keyed_hash(d.blocks, d.id, d.collection, d.artifact),
               keyed_hash(d.blocks, d.id, g.hash), nullif(coalesce(g.fingerprints, '') || coalesce(d.past, ''), '')
        FROM doomed d LEFT JOIN gone g ON g.node_id = d.id
        WHERE d.erasure_id IS NOT NULL
        ON CONFLICT DO NOTHING
        """,
        {"ids": list(node_ids)},
    )
    await tx.execute(
        """
        WITH forgotten AS MATERIALIZED (SELECT forget_words(%(company_id)s) AS words)
        UPDATE erasure e SET words = e.words + forgotten.words FROM forgotten
        WHERE forgotten.words > 0 AND e.company_id = %(company_id)s AND e.id IN (
            SELECT receipt_id FROM erased_document WHERE company_id = %(company_id)s AND node_id = ANY (%(ids)s))
        """,
        {"ids": list(node_ids)},
    )
