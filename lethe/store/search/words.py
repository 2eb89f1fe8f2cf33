"""Words of stored documents that were made by older rules: which they are, and how they are replaced."""

from collections.abc import Iterable
from dataclasses import dataclass

from lethe.store.transactions import Tx


@dataclass(frozen=True, slots=True)
class Outdated:
    """A live document whose words are to be made anew, with its text as far as its language is told by it."""

    node_id: str
    generation: int
    sample: str


@dataclass(frozen=True, slots=True)
class ChunkText:
    """What is searched of a chunk."""

    position: int
    headings: list[str]
    text: str


async def outdated(tx: Tx, *, limit: int) -> list[Outdated]:
    """Some live documents in the indexes whose words are outdated. Of a large one the sample is three parts."""
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
    """The next chunks of a document behind a position."""
    return await tx.rows(
        ChunkText,
        """
        SELECT position, headings, text FROM chunk_text
        WHERE company_id = %s AND node_id = %s AND position > %s ORDER BY position LIMIT %s
        """,
        (tx.company_id, node_id, after, limit),
    )


async def replace(tx: Tx, *, node_id: str, words: Iterable[tuple[int, int, str]]) -> None:
    """Give chunks of a document other words: position, length, tsvector literal."""
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
    """Note that all words of a document are by the rules of today, as those of a text of this language."""
    await tx.execute(
        "UPDATE document SET words_outdated = false, language = %s WHERE company_id = %s AND node_id = %s",
        (language, tx.company_id, node_id),
    )


async def any_outdated(tx: Tx) -> bool:
    """Whether words of a live document in the indexes are outdated."""
    found = await tx.value(
        """
        SELECT EXISTS (
            SELECT FROM live_document WHERE company_id = %s AND words_outdated AND indexed)
        """,
        (tx.company_id,),
    )
    return bool(found)
