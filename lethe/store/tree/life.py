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
    artifact: str
    state: NodeState
    generation: int


@dataclass(frozen=True, slots=True)
class HiddenNode:
    """A document whose erasure has begun."""

    node_id: str
    artifact: str
    erasure_id: UUID


async def create_collection(tx: Tx, *, id: str, collection: str) -> None:
    """Create a pending root folder for the collection, unless there is one by now."""
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


async def create_artifacts(
    tx: Tx, *, ids: Sequence[str], root_id: str, artifacts: Sequence[str]
) -> dict[str, DocumentNode]:
    """Create pending nodes for new artifacts, last in their folder, in this order. Returns them by name, without those
    that other requests created meanwhile."""
    made = await tx.rows(
        DocumentNode,
        """
        INSERT INTO node (company_id, id, parent_id, path, kind, state, generation, position, title, artifact)
        SELECT %(company_id)s, given.id, %(root_id)s, %(root_id)s || '/' || given.id || '/', 'document', 'pending', 1,
               last.position + %(gap)s * given.number, given.artifact, given.artifact
        FROM unnest(%(ids)s::text[], %(artifacts)s::text[]) WITH ORDINALITY AS given (id, artifact, number),
             (SELECT coalesce(max(position), -%(gap)s) AS position FROM node
              WHERE company_id = %(company_id)s AND parent_id = %(root_id)s) AS last
        ORDER BY given.artifact
        ON CONFLICT DO NOTHING
        RETURNING artifact, id, state, generation
        """,
        {"ids": list(ids), "root_id": root_id, "artifacts": list(artifacts), "gap": GAP},
    )
    return {node.artifact: node for node in made}


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


async def raise_generations_of(tx: Tx, *, root_id: str, artifacts: Sequence[str]) -> dict[str, DocumentNode]:
    """Lock artifacts' nodes and raise their generations: after the commit no earlier work can be stored. Returns the
    existing ones by name.

    The nodes are locked in the order of their ids, so that two such calls cannot wait for each other.
    """
    found = await tx.rows(
        DocumentNode,
        """
        WITH mine AS MATERIALIZED (
            SELECT id FROM node
            WHERE company_id = %(company_id)s AND root_id = %(root_id)s AND artifact = ANY (%(artifacts)s)
              AND state <> 'deleted' AND artifact IS NOT NULL
            ORDER BY id FOR UPDATE
        )
        UPDATE node n SET generation = generation + 1 FROM mine
        WHERE n.company_id = %(company_id)s AND n.id = mine.id
        RETURNING n.artifact, n.id, n.state, n.generation
        """,
        {"root_id": root_id, "artifacts": list(artifacts)},
    )
    return {node.artifact: node for node in found}


async def publish_collections(tx: Tx, *, node_ids: Sequence[str]) -> None:
    """Make the pending root folders above documents visible. Call it before locking the documents."""
    await tx.execute(
        """
        UPDATE node root SET state = 'live' FROM node n
        WHERE n.company_id = %(company_id)s AND n.id = ANY (%(node_ids)s)
          AND root.company_id = n.company_id AND root.id = n.root_id AND root.state = 'pending'
        """,
        {"node_ids": list(node_ids)},
    )


async def publish(tx: Tx, *, titles: Mapping[str, str]) -> None:
    """Make documents visible, each under its title, before their new content is written; the nodes keep the
    fingerprints of the content to be replaced.

    Invariant: no other statement of the transaction updates the nodes. At a second update PostgreSQL would lock the
    folder above for the foreign key: a deadlock with a deletion that holds the folder and waits for the document.
    """
    await tx.execute(
        """
        UPDATE node n SET state = 'live', title = given.title, updated_at = now(),
               past_fingerprints = CASE WHEN d.node_id IS NULL THEN n.past_fingerprints
                                        ELSE joined_fingerprints(d.fingerprints, n.past_fingerprints) END
        FROM unnest(%(ids)s::text[], %(titles)s::text[]) AS given (id, title)
        LEFT JOIN document d ON d.company_id = %(company_id)s AND d.node_id = given.id
        WHERE n.company_id = %(company_id)s AND n.id = given.id
        """,
        {"ids": [*titles], "titles": [*titles.values()]},
    )


_GONE: LiteralString = (
    "state = 'deleted', deleted_at = now(), deleted_by = %(by)s, generation = n.generation + 1"
)
"""After the commit the node is invisible, its name is free, and no earlier work can be stored."""

_KEPT: LiteralString = """
    purge_at = now() + CASE WHEN n.state = 'live' THEN make_interval(days => coalesce(
        (SELECT retention_days FROM company WHERE id = %(company_id)s), %(retention)s::int)) ELSE '0' END
"""
"""How long the trash keeps a node; pending nodes are not kept."""


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


async def delete_found(
    tx: Tx,
    found: LiteralString,
    params: Mapping[str, Any],
    *,
    deletion_id: UUID,
    erasure_id: UUID | None,
    retention_days: int,
    by: str,
) -> list[str]:
    """Move documents to the trash, each on its own, or assign them to an erasure; returns their ids.

    They are locked by collection and id, as a batch of documents locks them, which avoids deadlocks.

    Args:
        found: a WITH clause whose last query, `meant`, has the documents' ids and collections; `params` are its
            parameters.
        deletion_id: the deletion by filter.
        erasure_id: None for the trash.
    """
    goes: LiteralString = "purge_at = now(), erasure_id = %(erasure)s"
    if erasure_id is None:
        goes = f"{_KEPT}, deleted_with = CASE WHEN n.state = 'live' THEN n.id END"
    return await tx.values(
        f"""
        {found}, held AS MATERIALIZED (
            SELECT n.id FROM meant JOIN node n ON n.company_id = %(company_id)s AND n.id = meant.id
            WHERE n.state <> 'deleted'
            ORDER BY meant.collection COLLATE "C", n.id FOR UPDATE OF n
        )
        UPDATE node n SET {_GONE}, {goes}, deletion_id = %(deletion)s
        WHERE company_id = %(company_id)s AND id IN (SELECT id FROM held)
        RETURNING id
        """,
        {**params, "deletion": deletion_id, "erasure": erasure_id, "retention": retention_days, "by": by},
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


async def erase_artifacts(
    tx: Tx, *, collection: str, erasures: Mapping[str, UUID], by: str
) -> list[HiddenNode]:
    """Begin the erasures of documents found by their names: after the commit they are invisible.

    Args:
        erasures: the id of the new erasure of each name; those without a document are left out.
        by: who requests it.
    """
    return await tx.rows(
        HiddenNode,
        f"""
        WITH meant AS MATERIALIZED (
            SELECT n.id, given.erasure_id
            FROM unnest(%(artifacts)s::text[], %(erasures)s::uuid[]) AS given (artifact, erasure_id)
            JOIN node root ON root.company_id = %(company_id)s AND root.collection = %(collection)s
             AND root.state <> 'deleted'
            JOIN node n ON n.company_id = root.company_id AND n.root_id = root.id AND n.artifact = given.artifact
             AND n.state <> 'deleted'
            ORDER BY n.id FOR UPDATE OF n
        ), hidden AS (
            UPDATE node n SET {_GONE}, purge_at = now(), erasure_id = meant.erasure_id
            FROM meant WHERE n.company_id = %(company_id)s AND n.id = meant.id
            RETURNING n.id, n.artifact, n.erasure_id
        ), begun AS (
            INSERT INTO erasure (company_id, id, subject_kind, subject_id, subject_name, salted, requested_by)
            SELECT %(company_id)s, erasure_id, 'document', id,
                   keyed_hash({BLOCKS}, id, %(collection)s, artifact), true, %(by)s
            FROM hidden
        )
        SELECT id AS node_id, artifact, erasure_id FROM hidden
        """,
        {
            "collection": collection,
            "artifacts": [*erasures],
            "erasures": [*erasures.values()],
            "by": by,
        },
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
        at_once: includes nodes that were deleted separately and whose own retention has not ended.
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
