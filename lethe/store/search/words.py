"""Finds and replaces words of stored documents that were computed by older rules."""

from collections.abc import Iterable
from dataclasses import dataclass

from lethe.store.database.transactions import Tx


@dataclass(frozen=True, slots=True)
class Outdated:
    """A live document whose words must be recomputed, with enough of its text to detect its language."""

    node_id: str
    generation: int
    sample: str


@dataclass(frozen=True, slots=True)
class ChunkText:
    """The searchable text of a chunk."""

    position: int
    headings: list[str]
    text: str


async def outdated(tx: Tx, *, limit: int) -> list[Outdated]:
    """Some live, indexed documents with outdated words. The sample of a large document is three parts."""
    return await tx.rows(
        Outdated,
        """
        SELECT d.node_id, d.generation, coalesce((
            SELECT string_agg(p.text, '' ORDER BY p.part) FROM document_part p
            WHERE p.company_id = d.company_id AND p.node_id = d.node_id
              AND p.part IN (0, last / 2, last)
        ), '') AS sample
        FROM live_document d
        CROSS JOIN LATERAL (SELECT max(part) FROM document_part p
                            WHERE p.company_id = d.company_id AND p.node_id = d.node_id) parts (last)
        WHERE d.company_id = %s AND d.words_outdated AND d.indexed
        ORDER BY d.node_id LIMIT %s
        """,
        (tx.company_id, limit),
    )


async def chunk_texts(tx: Tx, *, node_id: str, after: int, limit: int) -> list[ChunkText]:
    """The next chunks of a document after a position."""
    return await tx.rows(
        ChunkText,
        """
        SELECT position, headings, text FROM chunk_text
        WHERE company_id = %s AND node_id = %s AND position > %s ORDER BY position LIMIT %s
        """,
        (tx.company_id, node_id, after, limit),
    )


async def replace(tx: Tx, *, node_id: str, words: Iterable[tuple[int, int, str]]) -> None:
    """Replace the words of a document's chunks; each is (position, length, tsvector literal)."""
    positions, lengths, literals = zip(*words, strict=True)
    await tx.execute(
        """
        UPDATE chunk_lex c SET length = w.length, tsv = w.tsv::tsvector
        FROM unnest(%s::int[], %s::int[], %s::text[]) w (position, length, tsv)
        WHERE c.company_id = %s AND c.node_id = %s AND c.position = w.position
        """,
        (list(positions), list(lengths), list(literals), tx.company_id, node_id),
    )


async def mark_renewed(tx: Tx, *, node_id: str, language: str) -> None:
    """Record that all words of a document follow the current rules, for a text in this language."""
    await tx.execute(
        "UPDATE document SET words_outdated = false, language = %s WHERE company_id = %s AND node_id = %s",
        (language, tx.company_id, node_id),
    )


async def any_outdated(tx: Tx) -> bool:
    """Whether any live, indexed document has outdated words."""
    found = await tx.value(
        """
        SELECT EXISTS (
            SELECT FROM live_document WHERE company_id = %s AND words_outdated AND indexed)
        """,
        (tx.company_id,),
    )
    return bool(found)
