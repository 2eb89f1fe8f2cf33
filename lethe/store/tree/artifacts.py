"""The tree: folders and documents, their names, states and generations.

Lock order, to keep clear of deadlocks: a root folder before the nodes below it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from lethe.domain.tree import NodeState
from lethe.store.erasure.salts import BLOCKS
from lethe.store.transactions import Tx
from lethe.store.tree.siblings import GAP


@dataclass(frozen=True, slots=True)
class DocumentNode:
    """A document's node after its generation was raised for a request."""

    id: str
    root_id: str
    state: NodeState
    generation: int


async def find_root(tx: Tx, *, collection: str) -> str | None:
    """The collection's root folder, kept from being changed or deleted until the transaction ends."""
    async with tx.cursor(row_factory=scalar_row) as cur:
        await cur.execute(
            """
            SELECT id FROM node
            WHERE company_id = %s AND collection = %s AND state <> 'deleted' AND collection IS NOT NULL
            FOR SHARE
            """,
            (tx.company_id, collection),
        )
        return await cur.fetchone()


async def insert_root(tx: Tx, *, id: str, collection: str) -> None:
    """A pending root folder for the collection, unless it has one by now."""
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


async def raise_generation(tx: Tx, *, root_id: str, artifact: str) -> DocumentNode | None:
    """Lock the artifact's node and raise its generation: from the commit on no older work can be stored."""
    async with tx.cursor(row_factory=class_row(DocumentNode)) as cur:
        await cur.execute(
            """
            UPDATE node SET generation = generation + 1
            WHERE company_id = %s AND root_id = %s AND artifact = %s AND state <> 'deleted' AND artifact IS NOT NULL
            RETURNING id, root_id, state, generation
            """,
            (tx.company_id, root_id, artifact),
        )
        return await cur.fetchone()


async def insert_document(tx: Tx, *, id: str, root_id: str, artifact: str) -> DocumentNode | None:
    """A pending node for a new artifact, last in its folder; None when the name was taken meanwhile."""
    async with tx.cursor(row_factory=class_row(DocumentNode)) as cur:
        await cur.execute(
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
        return await cur.fetchone()


async def publish_collection(tx: Tx, *, node_id: str) -> None:
    """Make the pending root folder above a document visible. Comes before any lock on the document."""
    await tx.execute(
        """
        UPDATE node root SET state = 'live' FROM node n
        WHERE n.company_id = %(company_id)s AND n.id = %(node_id)s
          AND root.company_id = n.company_id AND root.id = n.root_id AND root.state = 'pending'
        """,
        {"node_id": node_id},
    )


async def lock(tx: Tx, *, node_id: str) -> None:
    """Lock a node, so that what follows happens before or after any other request for it."""
    await tx.execute(
        "SELECT FROM node WHERE company_id = %s AND id = %s FOR UPDATE", (tx.company_id, node_id)
    )


async def lock_generation(tx: Tx, *, node_id: str, generation: int) -> bool:
    """Lock the node, if this is still its newest generation and it was not deleted."""
    cur = await tx.execute(
        """
        SELECT FROM node WHERE company_id = %s AND id = %s AND generation = %s AND state <> 'deleted'
        FOR UPDATE
        """,
        (tx.company_id, node_id, generation),
    )
    return cur.rowcount == 1


async def publish(tx: Tx, *, node_id: str, title: str) -> None:
    """Make a document visible under this title."""
    await tx.execute(
        "UPDATE node SET state = 'live', title = %s, updated_at = now() WHERE company_id = %s AND id = %s",
        (title, tx.company_id, node_id),
    )


async def hide(tx: Tx, *, collection: str, artifact: str, erasure_id: UUID, by: str) -> str | None:
    """Mark a document deleted: from the commit on nobody sees it, its name is free and no work can be stored.

    Args:
        erasure_id: of the erasure that begins with it.
        by: who asks for it.

    Returns:
        The node's id, or None when there is no such document.
    """
    async with tx.cursor(row_factory=scalar_row) as cur:
        await cur.execute(
            """
            WITH hidden AS (
                UPDATE node n
                SET state = 'deleted', deleted_at = now(), generation = n.generation + 1, purge_at = now(),
                    erasure_id = %(erasure)s, deleted_by = %(by)s
                FROM node root
                WHERE root.company_id = %(company_id)s AND root.collection = %(collection)s AND root.state <> 'deleted'
                  AND n.company_id = root.company_id AND n.root_id = root.id AND n.artifact = %(artifact)s
                  AND n.state <> 'deleted'
                RETURNING n.id
            )
            INSERT INTO erasure (company_id, id, subject_kind, subject_id, subject_name, salted, requested_by)
            SELECT %(company_id)s, %(erasure)s, 'document', id, keyed_hash("""
            + BLOCKS
            + """, id, %(collection)s, %(artifact)s), true, %(by)s
            FROM hidden
            RETURNING subject_id
            """,
            {
                "collection": collection,
                "artifact": artifact,
                "erasure": erasure_id,
                "by": by,
            },
        )
        return await cur.fetchone()


async def to_purge(tx: Tx, *, limit: int) -> list[str]:
    """Deleted documents whose removal has been due for a minute, because whoever had it in hand is gone."""
    async with tx.cursor(row_factory=scalar_row) as cur:
        await cur.execute(
            """
            SELECT id FROM node
            WHERE company_id = %s AND purge_at < now() - interval '1 minute' AND kind = 'document'
              AND erasure_id IS NOT NULL
            ORDER BY purge_at LIMIT %s
            """,
            (tx.company_id, limit),
        )
        return await cur.fetchall()


async def remove_pending(tx: Tx, *, node_id: str, generation: int) -> None:
    """Remove a node whose first ingestion failed; its tasks keep a hash of its name, so that an erasure finds them.

    A live node, or one with a newer generation, stays.
    """
    await tx.execute(
        """
        WITH gone AS (
            DELETE FROM node WHERE company_id = %s AND id = %s AND generation = %s AND state = 'pending'
            RETURNING company_id, id, root_id, artifact
        )
        UPDATE task t SET attempt_name = salted_hash(gone.id, root.collection, gone.artifact),
                          attempt_collection = salted_hash(gone.id, root.collection)
        FROM gone JOIN node root ON root.company_id = gone.company_id AND root.id = gone.root_id
        WHERE t.company_id = gone.company_id AND t.node_id = gone.id AND root.collection IS NOT NULL
        """,
        (tx.company_id, node_id, generation),
    )


async def remove_deleted(tx: Tx, *, node_ids: Sequence[str]) -> None:
    """Remove the rows of deleted documents."""
    await tx.execute(
        "DELETE FROM node WHERE company_id = %s AND id = ANY (%s) AND kind = 'document' AND state = 'deleted'",
        (tx.company_id, list(node_ids)),
    )


async def remove_empty_pending_roots(tx: Tx) -> int:
    """Remove the company's root folders that never held anything and to which nothing is being added."""
    cur = await tx.execute(
        """
        SELECT id FROM node WHERE company_id = %s AND parent_id IS NULL AND kind = 'folder' AND state = 'pending'
        FOR UPDATE SKIP LOCKED
        """,
        (tx.company_id,),
    )
    locked = [id for (id,) in await cur.fetchall()]
    # A statement of its own: it must see the children that were added before the lock was had. Only of what is
    # locked: to another root somebody is adding a child just now.
    cur = await tx.execute(
        """
        DELETE FROM node root
        WHERE company_id = %(company_id)s AND id = ANY (%(locked)s)
          AND NOT EXISTS (SELECT FROM node c WHERE c.company_id = %(company_id)s AND c.parent_id = root.id)
        """,
        {"locked": locked},
    )
    return cur.rowcount
