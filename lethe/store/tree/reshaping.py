"""Changes to the tree: renaming and moving. Callers hold the lock of store/tree/nodes.py."""

from collections.abc import Mapping

from psycopg.types.json import Jsonb

from lethe.domain.json import Json
from lethe.domain.records.documents import OWN_METADATA
from lethe.store.database.transactions import Tx
from lethe.store.tree.nodes import Place, names_kept_apart
from lethe.store.tree.siblings import GAP, level


async def rename(tx: Tx, *, node_id: str, title: str) -> None:
    """Change a node's title, and with it the name of a collection.

    A document's title is changed in its metadata too, stored or being ingested, so that no ingestion brings the old
    one back. Raises Conflict if a collection of this name exists.
    """
    params = {"id": node_id, "title": title}
    async with names_kept_apart():
        await tx.execute(
            """
            UPDATE node SET title = %(title)s, updated_at = now(),
                            collection = CASE WHEN collection IS NOT NULL THEN %(title)s END
            WHERE company_id = %(company_id)s AND id = %(id)s
            """,
            params,
        )
    await tx.execute(
        """
        WITH stored AS (
            UPDATE document SET metadata = metadata || jsonb_build_object('title', %(title)s::text)
            WHERE company_id = %(company_id)s AND node_id = %(id)s
        )
        UPDATE ingestion i SET metadata = i.metadata || jsonb_build_object('title', %(title)s::text)
        FROM task t
        WHERE i.company_id = %(company_id)s AND t.company_id = i.company_id AND t.id = i.task_id
          AND t.node_id = %(id)s
        """,
        params,
    )


async def set_metadata(tx: Tx, *, node_id: str, metadata: Mapping[str, Json]) -> None:
    """Replace a document's metadata, stored or being ingested; Lethe's own keys are kept.

    The input hash is cleared: the document no longer equals its input, so the same input is ingested again.
    """
    params = {
        "id": node_id,
        "metadata": Jsonb(dict(metadata)),
        "own": list(OWN_METADATA),
    }
    await tx.execute(
        """
        WITH changed AS (
            UPDATE node SET updated_at = now() WHERE company_id = %(company_id)s AND id = %(id)s
        ), stored AS (
            UPDATE document SET metadata = %(metadata)s || (
                       SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(metadata)
                       WHERE key = ANY (%(own)s::text[])),
                   input_hash = ''
            WHERE company_id = %(company_id)s AND node_id = %(id)s
        )
        UPDATE ingestion i SET metadata = %(metadata)s || (
                   SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(i.metadata)
                   WHERE key = ANY (%(own)s::text[])),
               input_hash = CASE WHEN i.input_hash IS NOT NULL THEN i.task_id::text END
        FROM task t
        WHERE i.company_id = %(company_id)s AND t.company_id = i.company_id AND t.id = i.task_id
          AND t.node_id = %(id)s
        """,
        params,
    )


async def note_past(tx: Tx, *, node_id: str, fingerprints: bytes) -> None:
    """Record fingerprints of a document's former names."""
    await tx.execute(
        """
        UPDATE node SET past_fingerprints = joined_fingerprints(%(fingerprints)s, past_fingerprints)
        WHERE company_id = %(company_id)s AND id = %(id)s
        """,
        {"id": node_id, "fingerprints": fingerprints},
    )


async def height(tx: Tx, *, path: str) -> int:
    """Levels of the subtree at `path`, including the trash; 1 for a node with nothing below it."""
    found = await tx.value(
        """
        SELECT (max(length(path)) - length(%(path)s)) / 25 + 1 FROM node
        WHERE company_id = %(company_id)s AND path >= %(path)s AND path < path_end(%(path)s)
        """,
        {"path": path},
    )
    return int(found or 1)


async def move(tx: Tx, *, node_id: str, path: str, title: str, parent: Place | None) -> None:
    """Move a node and everything below it, including the trash, to the end of another folder or of the root.

    A folder moved to the root becomes a collection named by its title; one moved from the root stops being one.
    Raises Conflict if the name is taken there. One statement, whatever the size of the subtree.
    """
    async with names_kept_apart():
        await tx.execute(
            f"""
            UPDATE node SET
                path = %(prefix)s || substr(path, %(cut)s),
                parent_id = CASE WHEN id = %(id)s THEN %(parent_id)s ELSE parent_id END,
                updated_at = CASE WHEN id = %(id)s THEN now() ELSE updated_at END,
                collection = CASE WHEN id = %(id)s AND kind = 'folder' AND %(parent_id)s::text IS NULL
                                  THEN %(title)s END,
                position = CASE WHEN id <> %(id)s THEN position ELSE coalesce(
                    (SELECT max(position) + %(gap)s FROM node
                     WHERE company_id = %(company_id)s AND {level(parent.id if parent else None)}), 0) END
            WHERE company_id = %(company_id)s AND path >= %(path)s AND path < path_end(%(path)s)
            """,
            {
                "id": node_id,
                "path": path,
                "prefix": parent.path if parent else "",
                "cut": len(path) - 25 + 1,
                "parent_id": parent.id if parent else None,
                "title": title,
                "gap": GAP,
            },
        )
