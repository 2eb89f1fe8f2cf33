"""The life of a node, from its creation to its erasure: the only statements that change a node's state, generation,
time of purge and erasure.

pending -> live -> deleted. Every request for new content and every deletion raises the generation, so that earlier
work can no longer store anything. Each statement locks the nodes it changes; root folders are locked before the nodes
below them, which avoids deadlocks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

from lethe.domain.records.tree import NodeState
from lethe.store.database.transactions import Tx
from lethe.store.erasure.salts import BLOCKS
from lethe.store.tree.nodes import Place, names_kept_apart
from lethe.store.tree.siblings import GAP, level


@dataclass(frozen=True, slots=True)
class DocumentNode:
    """A document's node after its generation was raised."""

    id: str
    root_id: str
    state: NodeState
    generation: int


async def create_collection(tx: Tx, *, id: str, collection: str) -> None:
    """Create a pending root folder for the collection, unless it has one by now."""
    await tx.execute(
        """
        INSERT INTO node (company_id, id, path, kind, state, position, title, collection)
        SELECT %(company_id)s, %(id)s, %(id)s || '/', 'folder', 'pending', coalesce(max(position) + %(gap)s, 0),
               %(collection)s, %(collection)s
        FROM node WHERE company_id = %(company_id)s AND parent_id IS NULL
        ON CONFLICT DO NOTHING
        """,
        {"id": id, "collection": collection, "gap": GAP},
    )


async def create_artifact(tx: Tx, *, id: str, root_id: str, artifact: str) -> DocumentNode | None:
    """Create a pending node for a new artifact, last in its folder; None if the name was taken meanwhile."""
    return await tx.row(
        DocumentNode,
        """
        INSERT INTO node (company_id, id, parent_id, path, kind, state, generation, position, title, artifact)
        SELECT %(company_id)s, %(id)s, %(root_id)s, %(root_id)s || '/' || %(id)s || '/', 'document', 'pending', 1,
               coalesce((SELECT max(position) + %(gap)s FROM node
                         WHERE company_id = %(company_id)s AND parent_id = %(root_id)s), 0),
               %(artifact)s, %(artifact)s
        ON CONFLICT DO NOTHING
        RETURNING id, root_id, state, generation
        """,
        {"id": id, "root_id": root_id, "artifact": artifact, "gap": GAP},
    )


async def create(tx: Tx, *, id: str, parent: Place | None, kind: str, title: str) -> None:
    """Create a live node, last in its folder or at the root. A folder at the root is a collection.

    Raises Conflict if a collection of this name exists.
    """
    async with names_kept_apart():
        await tx.execute(
            f"""
            INSERT INTO node (company_id, id, parent_id, path, kind, state, generation, position, title,
                              collection, artifact)
            SELECT %(company_id)s, %(id)s, %(parent_id)s, %(path)s, %(kind)s, 'live', 1,
                   coalesce((SELECT max(position) + %(gap)s FROM node
                             WHERE company_id = %(company_id)s AND {level(parent.id if parent else None)}), 0),
                   %(title)s, %(collection)s, %(artifact)s
            """,
            {
                "id": id,
                "parent_id": parent.id if parent else None,
                "path": f"{parent.path if parent else ''}{id}/",
                "kind": kind,
                "title": title,
                "collection": title if kind == "folder" and parent is None else None,
                "artifact": id if kind == "document" else None,
                "gap": GAP,
            },
        )


async def raise_generation(tx: Tx, *, node_id: str) -> int:
    """Raise the generation of a locked node for new content, and update its time of change."""
    found = await tx.value(
        """
        UPDATE node SET generation = generation + 1, updated_at = now()
        WHERE company_id = %(company_id)s AND id = %(id)s RETURNING generation
        """,
        {"id": node_id},
    )
    return int(found or 0)


async def raise_generation_of(tx: Tx, *, root_id: str, artifact: str) -> DocumentNode | None:
    """Lock the artifact's node and raise its generation: after the commit no earlier work can be stored."""
    return await tx.row(
        DocumentNode,
        """
        UPDATE node SET generation = generation + 1
        WHERE company_id = %(company_id)s AND root_id = %(root_id)s AND artifact = %(artifact)s
          AND state <> 'deleted' AND artifact IS NOT NULL
        RETURNING id, root_id, state, generation
        """,
        {"root_id": root_id, "artifact": artifact},
    )


async def publish_collection(tx: Tx, *, node_id: str) -> None:
    """Make the pending root folder above a document visible. Call it before locking the document."""
    await tx.execute(
        """
        UPDATE node root SET state = 'live' FROM node n
        WHERE n.company_id = %(company_id)s AND n.id = %(node_id)s
          AND root.company_id = n.company_id AND root.id = n.root_id AND root.state = 'pending'
        """,
        {"node_id": node_id},
    )


async def publish(tx: Tx, *, node_id: str, title: str) -> None:
    """Make a document visible under this title."""
    await tx.execute(
        """
        UPDATE node SET state = 'live', title = %(title)s, updated_at = now()
        WHERE company_id = %(company_id)s AND id = %(id)s
        """,
        {"id": node_id, "title": title},
    )


_GONE: LiteralString = (
    "state = 'deleted', deleted_at = now(), deleted_by = %(by)s, generation = n.generation + 1"
)
"""After the commit the node is invisible, its name is free, and no earlier work can be stored."""

_KEPT: LiteralString = """
    purge_at = now() + CASE WHEN n.state = 'live' THEN make_interval(days => coalesce(
        (SELECT retention_days FROM company WHERE id = %(company_id)s), %(retention)s::int)) ELSE '0' END
"""
"""How long the trash keeps a node. One without content is not kept."""


async def trash_subtree(tx: Tx, *, node_id: str, path: str, retention_days: int, by: str) -> None:
    """Move a locked node (`nodes.place`) and everything below it to the trash, in one statement.

    Args:
        retention_days: how long it is kept, unless the company has its own setting.
        by: who requests it.
    """
    await tx.execute(
        f"""
        UPDATE node n SET {_GONE}, {_KEPT}, deleted_with = CASE WHEN n.state = 'live' THEN %(id)s END
        WHERE company_id = %(company_id)s AND path >= %(path)s AND path < path_end(%(path)s) AND state <> 'deleted'
        """,
        {"id": node_id, "path": path, "retention": retention_days, "by": by},
    )


async def trash_found(
    tx: Tx,
    found: LiteralString,
    params: Mapping[str, Any],
    *,
    deletion_id: UUID,
    retention_days: int,
    by: str,
) -> list[str]:
    """Move documents to the trash, each on its own; returns their ids.

    Args:
        found: a WITH clause whose last query, `meant`, has the ids of the documents; `params` are its parameters.
        deletion_id: the deletion by filter.
    """
    return await tx.values(
        f"""
        {found}
        UPDATE node n SET {_GONE}, {_KEPT}, deletion_id = %(deletion)s,
               deleted_with = CASE WHEN n.state = 'live' THEN n.id END
        WHERE company_id = %(company_id)s AND id IN (SELECT id FROM meant) AND state <> 'deleted'
        RETURNING id
        """,
        {**params, "deletion": deletion_id, "retention": retention_days, "by": by},
    )


async def revive(tx: Tx, *, node_id: str, deleted_with: str) -> None:
    """Make a node visible again, with everything below it that was deleted with it.

    Work that began before the deletion still stores nothing: the deletion raised the generations. Raises Conflict
    if a name was taken meanwhile.
    """
    async with names_kept_apart():
        await tx.execute(
            """
            UPDATE node n SET state = 'live', deleted_at = NULL, purge_at = NULL, deleted_with = NULL,
                              deleted_by = NULL, deletion_id = NULL
            FROM node top CROSS JOIN path_end(top.path) stop
            WHERE top.company_id = %(company_id)s AND top.id = %(id)s AND n.company_id = top.company_id
              AND n.path >= top.path AND n.path < stop AND n.deleted_with = %(deleted_with)s
            """,
            {"id": node_id, "deleted_with": deleted_with},
        )


async def erase_artifact(tx: Tx, *, collection: str, artifact: str, erasure_id: UUID, by: str) -> str | None:
    """Begin the erasure of a document found by its names: after the commit it is invisible.

    Args:
        erasure_id: the id of the new erasure.
        by: who requests it.

    Returns:
        The node's id, or None if there is no such document.
    """
    return await tx.value(
        f"""
        WITH hidden AS (
            UPDATE node n SET {_GONE}, purge_at = now(), erasure_id = %(erasure)s
            FROM node root
            WHERE root.company_id = %(company_id)s AND root.collection = %(collection)s AND root.state <> 'deleted'
              AND n.company_id = root.company_id AND n.root_id = root.id AND n.artifact = %(artifact)s
              AND n.state <> 'deleted'
            RETURNING n.id
        )
        INSERT INTO erasure (company_id, id, subject_kind, subject_id, subject_name, salted, requested_by)
        SELECT %(company_id)s, %(erasure)s, 'document', id, keyed_hash({BLOCKS}, id, %(collection)s, %(artifact)s),
               true, %(by)s
        FROM hidden
        RETURNING subject_id
        """,
        {"collection": collection, "artifact": artifact, "erasure": erasure_id, "by": by},
    )


async def erase_found(
    tx: Tx,
    found: LiteralString,
    params: Mapping[str, Any],
    *,
    deletion_id: UUID,
    erasure_id: UUID,
    by: str,
) -> list[str]:
    """Assign documents, found as in `trash_found`, to an erasure; returns their ids."""
    return await tx.values(
        f"""
        {found}
        UPDATE node n SET {_GONE}, purge_at = now(), erasure_id = %(erasure)s, deletion_id = %(deletion)s
        WHERE company_id = %(company_id)s AND id IN (SELECT id FROM meant) AND state <> 'deleted'
        RETURNING id
        """,
        {**params, "erasure": erasure_id, "deletion": deletion_id, "by": by},
    )


async def erase_again(tx: Tx, *, node_ids: Sequence[str], erasure_id: UUID) -> list[str]:
    """Assign documents to an earlier erasure, whatever their state, due at once; returns the ids that exist."""
    return await tx.values(
        """
        UPDATE node SET state = 'deleted', deleted_at = coalesce(deleted_at, now()), purge_at = now(),
                        deleted_with = NULL, erasure_id = %(erasure)s, generation = generation + 1
        WHERE company_id = %(company_id)s AND id = ANY (%(ids)s) AND kind = 'document'
        RETURNING id
        """,
        {"ids": list(node_ids), "erasure": erasure_id},
    )


async def end_retention(tx: Tx, *, node_id: str, path: str, erasure_id: UUID, at_once: bool) -> list[str]:
    """Assign a node in the trash, with everything below it, to an erasure; returns its documents.

    After this they cannot be restored.

    Args:
        at_once: includes what was deleted separately and whose own retention has not ended.
    """
    found = await tx.values(
        """
        UPDATE node SET purge_at = CASE WHEN %(at_once)s THEN now() ELSE purge_at END,
               deleted_with = NULL, erasure_id = %(erasure)s
        WHERE company_id = %(company_id)s AND path >= %(path)s AND path < path_end(%(path)s)
          AND state = 'deleted' AND erasure_id IS NULL
          AND (%(at_once)s OR coalesce(deleted_with, id) = %(id)s)
        RETURNING CASE WHEN kind = 'document' THEN id END
        """,
        {
            "erasure": erasure_id,
            "id": node_id,
            "path": path,
            "at_once": at_once,
        },
    )
    return [id for id in found if id is not None]
