"""Live documents that are not in the indexes: finding them and marking them indexed again."""

from collections.abc import Sequence
from dataclasses import dataclass

from lethe.store.database.transactions import Tx


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A document whose chunks must be recreated from its stored text."""

    node_id: str
    generation: int
    fingerprints: bytes | None


async def left_out(tx: Tx, *, after: str, limit: int) -> Sequence[LeftOut]:
    """Live documents that are not in the indexes and have no open ingestion, ordered by id."""
    return await tx.rows(
        LeftOut,
        """
        SELECT d.node_id, d.generation, d.fingerprints FROM live_document d
        WHERE d.company_id = %(company_id)s AND NOT d.indexed AND d.node_id > %(after)s
          AND NOT EXISTS (SELECT FROM task t WHERE t.company_id = d.company_id AND t.node_id = d.node_id
                          AND t.kind = 'ingest' AND t.status IN ('pending', 'started'))
        ORDER BY d.node_id LIMIT %(limit)s
        """,
        {"after": after, "limit": limit},
    )


async def mark_indexed(tx: Tx, *, node_id: str, chunks: int, language: str) -> bool:
    """Record that this transaction stores the document's chunks; False if they were stored already.

    Args:
        chunks: their number, which differs from before if LETHE_LIMIT_CHUNK_TOKENS has changed.
        language: the language of the text, whose rules were used to index its words.
    """
    found = await tx.value(
        """
        UPDATE document SET indexed = true, chunks = %s, language = %s, words_outdated = false
        WHERE company_id = %s AND node_id = %s AND NOT indexed RETURNING true
        """,
        (chunks, language, tx.company_id, node_id),
    )
    return found is not None


async def set_fingerprints(tx: Tx, *, node_id: str, fingerprints: bytes) -> None:
    """Record the document's fingerprints after its chunks were recreated."""
    await tx.execute(
        "UPDATE document SET fingerprints = %s WHERE company_id = %s AND node_id = %s",
        (fingerprints, tx.company_id, node_id),
    )


async def unindex(tx: Tx, *, node_ids: Sequence[str]) -> None:
    """Remove the chunks of these locked documents and mark them as not indexed; their text is kept."""
    await tx.execute(
        """
        WITH marked AS (
            UPDATE document SET indexed = false WHERE company_id = %(company_id)s AND node_id = ANY (%(ids)s)
        ), texts AS (
            DELETE FROM chunk_text WHERE company_id = %(company_id)s AND node_id = ANY (%(ids)s)
        ), words AS (
            DELETE FROM chunk_lex WHERE company_id = %(company_id)s AND node_id = ANY (%(ids)s)
        )
        DELETE FROM chunk_vec WHERE company_id = %(company_id)s AND node_id = ANY (%(ids)s)
        """,
        {"ids": list(node_ids)},
    )
