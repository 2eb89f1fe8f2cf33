"""One document as people see it: its text part by part, its chunks and history, and the assistants that search it."""

from dataclasses import dataclass
from datetime import datetime

from lethe.domain.json import Json
from lethe.store.database.pool import Database
from lethe.store.documents import StoredPart

_OUTLINED_PARTS = 16
"""The outline is made of the headings of the first two million characters."""


@dataclass(frozen=True, slots=True)
class Viewed:
    """Facts about a live document for a page about it. `parts`: in how many parts its text is stored."""

    node_id: str
    artifact: str
    title: str
    collection: str | None
    file_type: str
    language: str
    hash: str
    characters: int
    chunks: int
    metadata: Json
    places: Json
    indexed: bool
    parts: int


@dataclass(frozen=True, slots=True)
class ViewedChunk:
    """A chunk as it is indexed."""

    position: int
    start: int
    stop: int
    tokens: int
    headings: list[str]
    place: int
    text: str


@dataclass(frozen=True, slots=True)
class PastTask:
    """A task of the document, newest first."""

    kind: str
    status: str
    step: str | None
    percentage: int | None
    error: str | None
    created_at: datetime
    finished_at: datetime | None


async def find(db: Database, *, company_id: str, node_id: str) -> Viewed | None:
    """The live document with this id, if it has content."""
    return await db.read_one(
        company_id,
        """
        SELECT node_id, artifact, title, collection, file_type, language, hash, characters, chunks, metadata, places,
               indexed, (SELECT count(*) FROM document_part p
                         WHERE p.company_id = d.company_id AND p.node_id = d.node_id) AS parts
        FROM live_document d WHERE company_id = %(company_id)s AND node_id = %(id)s
        """,
        {"id": node_id},
        Viewed,
    )


async def part_at(db: Database, *, company_id: str, node_id: str, offset: int) -> StoredPart | None:
    """The part of a live document's text that contains this character."""
    return await db.read_one(
        company_id,
        """
        SELECT p.node_id, p.part, p.start, p.text, p.blocks
        FROM live_document d JOIN document_part p ON p.company_id = d.company_id AND p.node_id = d.node_id
        WHERE d.company_id = %(company_id)s AND d.node_id = %(id)s AND p.start <= %(offset)s
        ORDER BY p.part DESC LIMIT 1
        """,
        {"id": node_id, "offset": offset},
        StoredPart,
    )


async def outlined(db: Database, *, company_id: str, node_id: str) -> list[StoredPart]:
    """The first parts of a live document's text, for its outline."""
    return await db.read(
        company_id,
        """
        SELECT p.node_id, p.part, p.start, p.text, p.blocks
        FROM live_document d JOIN document_part p ON p.company_id = d.company_id AND p.node_id = d.node_id
        WHERE d.company_id = %(company_id)s AND d.node_id = %(id)s ORDER BY p.part LIMIT %(parts)s
        """,
        {"id": node_id, "parts": _OUTLINED_PARTS},
        StoredPart,
    )


async def chunks(
    db: Database, *, company_id: str, node_id: str, where: tuple[int, int] | None, first: int = 0, limit: int
) -> list[ViewedChunk]:
    """Chunks of a live document, from the number `first` on.

    Args:
        where: only those that begin in this range of characters; None: anywhere.
    """
    start, stop = where or (None, None)
    return await db.read(
        company_id,
        """
        SELECT c.position, c.start, c.stop, c.tokens, c.headings, c.place, c.text
        FROM live_document d JOIN chunk_text c ON c.company_id = d.company_id AND c.node_id = d.node_id
        WHERE d.company_id = %(company_id)s AND d.node_id = %(id)s AND c.position >= %(first)s
          AND (%(start)s::bigint IS NULL OR (c.start >= %(start)s AND c.start < %(stop)s))
        ORDER BY c.position LIMIT %(limit)s
        """,
        {
            "id": node_id,
            "first": first,
            "start": start,
            "stop": stop,
            "limit": limit,
        },
        ViewedChunk,
    )


async def history(db: Database, *, company_id: str, node_id: str, limit: int) -> list[PastTask]:
    """The last tasks about a live node, newest first."""
    return await db.read(
        company_id,
        """
        SELECT t.kind::text AS kind, t.status::text AS status, t.step, t.percentage, t.error, t.created_at,
               t.finished_at
        FROM live_node n JOIN task t ON t.company_id = n.company_id AND t.node_id = n.id
        WHERE n.company_id = %(company_id)s AND n.id = %(id)s ORDER BY t.created_at DESC LIMIT %(limit)s
        """,
        {"id": node_id, "limit": limit},
        PastTask,
    )


async def assistants_with(db: Database, *, company_id: str, node_id: str) -> list[str]:
    """The names of the assistants to which a live node, or a folder above it, is assigned."""
    return await db.read_values(
        company_id,
        """
        SELECT DISTINCT s.name FROM live_node n
        CROSS JOIN LATERAL unnest(string_to_array(rtrim(n.path, '/'), '/')) above (id)
        JOIN assignment a ON a.company_id = n.company_id AND a.node_id = above.id
        JOIN assistant_worker w ON w.company_id = a.company_id AND w.id = a.worker_id
        JOIN assistant s ON s.company_id = w.company_id AND s.id = w.assistant_id
        WHERE n.company_id = %(company_id)s AND n.id = %(id)s ORDER BY s.name LIMIT 50
        """,
        {"id": node_id},
    )
