"""Reading live documents: their metadata and their text."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lethe.domain.records.documents import LiveDocument
from lethe.domain.records.queries import MetadataCondition
from lethe.store.database.pool import Database
from lethe.store.database.transactions import Tx
from lethe.store.search.metadata import conditions

_PARTS_AT_ONCE = 64
"""Each has at most 128 Ki characters."""


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A run of a document's text; `blocks` is JSON, see domain/records/blocks.py."""

    node_id: str
    part: int
    start: int
    text: str
    blocks: str


@dataclass(frozen=True, slots=True)
class StoredOriginal:
    """Where a document's original is. `blob_key` is None while the file belongs to the ingestion."""

    node_id: str
    blob_key: str | None
    hash: str
    bytes: int
    file_name: str
    file_type: str


@dataclass(frozen=True, slots=True)
class ListedDocument(LiveDocument):
    """A listed document, with the time of the request."""

    asked_at: datetime = field(compare=False, kw_only=True)


async def page(
    db: Database,
    *,
    company_id: str,
    collection: str,
    after: tuple[datetime, str] | None,
    limit: int,
    before: datetime | None = None,
) -> list[ListedDocument]:
    """Documents of a collection in order of creation.

    Args:
        after: creation time and node id of the last document of the previous page; None for the first page.
        limit: the maximum number of documents.
        before: only documents created until then; None means until now.
    """
    return await db.read(
        company_id,
        """
        SELECT node_id, artifact, hash, characters, blocks, created_at, now() AS asked_at, metadata, source_uri
        FROM live_document
        WHERE company_id = %(company_id)s
          AND root_id = (SELECT id FROM live_node WHERE company_id = %(company_id)s AND collection = %(collection)s)
          AND (%(after_time)s::timestamptz IS NULL OR (created_at, node_id) > (%(after_time)s, %(after_id)s))
          AND created_at <= coalesce(%(before)s::timestamptz, now())
        ORDER BY created_at, node_id LIMIT %(limit)s
        """,
        {
            "collection": collection,
            "after_time": after[0] if after else None,
            "after_id": after[1] if after else None,
            "before": before,
            "limit": limit,
        },
        ListedDocument,
    )


async def select(
    tx: Tx,
    *,
    collection: str,
    artifacts: Sequence[str] | None,
    metadata: Sequence[MetadataCondition],
    limit: int,
    with_metadata: bool = True,
) -> list[LiveDocument]:
    """Documents of a collection that have one of the names and meet all conditions, in order of creation."""
    where, params = conditions(metadata)
    return await tx.rows(
        LiveDocument,
        f"""
        SELECT node_id, artifact, CASE WHEN %(with_metadata)s THEN metadata ELSE '{{}}' END AS metadata,
               hash, characters, blocks, created_at, file_type, places, structured, source_uri
        FROM live_document
        WHERE company_id = %(company_id)s AND collection = %(collection)s
          AND (%(artifacts)s::text[] IS NULL OR artifact = ANY (%(artifacts)s))
          {where}
        ORDER BY created_at, node_id LIMIT %(limit)s
        """,
        {
            **params,
            "collection": collection,
            "artifacts": None if artifacts is None else list(artifacts),
            "limit": limit,
            "with_metadata": with_metadata,
        },
    )


async def names(tx: Tx, *, collection: str, artifacts: Sequence[str]) -> set[str]:
    """Which of these artifacts exist in the collection."""
    found = await tx.values(
        "SELECT artifact FROM live_document WHERE company_id = %s AND collection = %s AND artifact = ANY (%s)",
        (tx.company_id, collection, list(artifacts)),
    )
    return set(found)


async def original(db: Database, *, company_id: str, node_id: str) -> StoredOriginal | None:
    """Where the original of a live document is."""
    return await db.read_one(
        company_id,
        """
        SELECT node_id, blob_key, hash, bytes, coalesce(metadata ->> 'file_name', artifact) AS file_name, file_type
        FROM live_document WHERE company_id = %(company_id)s AND node_id = %(node_id)s
        """,
        {"node_id": node_id},
        StoredOriginal,
    )


async def parts(tx: Tx, *, node_ids: Sequence[str], with_blocks: bool = True) -> list[StoredPart]:
    """The text of documents, part by part, with or without their blocks."""
    found: list[StoredPart] = []
    after = ("", -1)
    while True:  # in batches, as a result is held twice in memory while it is read
        some = await tx.rows(
            StoredPart,
            """
            SELECT p.node_id, p.part, p.start, p.text,
                   CASE WHEN %(with_blocks)s THEN p.blocks ELSE '[]' END AS blocks
            FROM document_part p JOIN live_node n ON n.company_id = p.company_id AND n.id = p.node_id
            WHERE p.company_id = %(company_id)s AND p.node_id = ANY (%(node_ids)s)
              AND (p.node_id, p.part) > (%(after_node)s, %(after_part)s)
            ORDER BY p.node_id, p.part LIMIT %(limit)s
            """,
            {
                "node_ids": list(node_ids),
                "with_blocks": with_blocks,
                "after_node": after[0],
                "after_part": after[1],
                "limit": _PARTS_AT_ONCE,
            },
        )
        found.extend(some)
        if len(some) < _PARTS_AT_ONCE:
            return found
        after = (some[-1].node_id, some[-1].part)
