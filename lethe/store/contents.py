"""Removing what documents hold: text, chunks, words, embeddings; and noting their files for removal."""

from collections.abc import Sequence

from lethe.store.database import Connection


async def remove_content(conn: Connection, *, company_id: str, node_id: str) -> None:
    """Remove a node's text, chunks and embeddings, to make room for others; the document's row stays."""
    await conn.execute(
        """
        WITH parts AS (
            DELETE FROM document_part WHERE company_id = %(company_id)s AND node_id = %(node_id)s
        ), texts AS (
            DELETE FROM chunk_text WHERE company_id = %(company_id)s AND node_id = %(node_id)s
        ), words AS (
            DELETE FROM chunk_lex WHERE company_id = %(company_id)s AND node_id = %(node_id)s
        )
        DELETE FROM chunk_vec WHERE company_id = %(company_id)s AND node_id = %(node_id)s
        """,
        {"company_id": company_id, "node_id": node_id},
    )


async def remove_documents(conn: Connection, *, company_id: str, node_ids: Sequence[str]) -> None:
    """Remove all rows of these documents but their nodes, which must be deleted; their files are to go too.

    One statement, whatever the size of the documents.
    """
    await conn.execute(
        """
        WITH doomed AS MATERIALIZED (
            SELECT id FROM node WHERE company_id = %(company_id)s AND id = ANY (%(ids)s) AND state = 'deleted'
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
            RETURNING node_id, blob_key
        ), kept AS (
            DELETE FROM ingestion i USING task t, doomed d
            WHERE i.company_id = %(company_id)s AND t.company_id = i.company_id AND t.id = i.task_id
              AND t.node_id = d.id
            RETURNING t.node_id, i.blob_key
        )
        INSERT INTO blob_removal (company_id, key, node_id, due_at)
        SELECT %(company_id)s, blob_key, node_id, now() FROM gone
        UNION ALL SELECT %(company_id)s, blob_key, node_id, now() FROM kept WHERE blob_key IS NOT NULL
        """,
        {"company_id": company_id, "ids": list(node_ids)},
    )
