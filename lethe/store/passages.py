"""Passages of live documents, and the list of a company's documents, for clients that read a little at a time."""

from collections.abc import Sequence

from lethe.domain.records.blocks import DocumentHead, Passage
from lethe.store.database.pool import Database


async def read(db: Database, *, company_id: str, node_id: str, start: int, end: int) -> Passage | None:
    """The characters from `start` to before `end` of a live document; None if there is no such document."""
    return await db.read_one(
        company_id,
        """
        SELECT d.node_id, d.title, d.characters, %(start)s::bigint AS start, coalesce((
            SELECT string_agg(substr(p.text, (greatest(%(start)s, p.start) - p.start + 1)::int,
                                     (%(end)s - greatest(%(start)s, p.start))::int), '' ORDER BY p.part)
            FROM document_part p
            WHERE p.company_id = d.company_id AND p.node_id = d.node_id
              AND p.start < %(end)s AND p.start + length(p.text) > %(start)s), '') AS text
        FROM live_document d
        WHERE d.company_id = %(company_id)s AND d.node_id = %(node_id)s
        """,
        {"node_id": node_id, "start": start, "end": end},
        Passage,
    )


async def page(db: Database, *, company_id: str, after: str, limit: int) -> list[DocumentHead]:
    """Live documents of all collections with ids after `after`, in order of their ids."""
    return await db.read(
        company_id,
        """
        SELECT node_id, title, characters, file_type, stored_generation FROM live_document
        WHERE company_id = %(company_id)s AND node_id > %(after)s ORDER BY node_id LIMIT %(limit)s
        """,
        {"after": after, "limit": limit},
        DocumentHead,
    )


async def some(db: Database, *, company_id: str, node_ids: Sequence[str]) -> list[DocumentHead]:
    """The live ones of these documents."""
    return await db.read(
        company_id,
        """
        SELECT node_id, title, characters, file_type, stored_generation FROM live_document
        WHERE company_id = %(company_id)s AND node_id = ANY (%(node_ids)s)
        """,
        {"node_ids": list(node_ids)},
        DocumentHead,
    )
