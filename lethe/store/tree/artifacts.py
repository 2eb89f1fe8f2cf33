"""Documents by their names in the Artifacts API: finds, locks and removes their nodes."""

from collections.abc import Mapping, Sequence

from lethe.store.database.transactions import Tx


async def find_root(tx: Tx, *, collection: str) -> str | None:
    """The collection's root folder, locked against changes and deletion until the transaction ends."""
    return await tx.value(
        """
        SELECT id FROM node
        WHERE company_id = %s AND collection = %s AND state <> 'deleted' AND collection IS NOT NULL
        FOR SHARE
        """,
        (tx.company_id, collection),
    )


async def lock(tx: Tx, *, node_id: str) -> None:
    """Lock a node, so that requests for it are serialized."""
    await tx.execute(
        "SELECT FROM node WHERE company_id = %s AND id = %s FOR UPDATE", (tx.company_id, node_id)
    )


async def lock_generation(tx: Tx, *, node_id: str, generation: int) -> bool:
    """Lock the node if this is still its newest generation and it is not deleted."""
    cur = await tx.execute(
        """
        SELECT FROM node WHERE company_id = %s AND id = %s AND generation = %s AND state <> 'deleted'
        FOR UPDATE
        """,
        (tx.company_id, node_id, generation),
    )
    return cur.rowcount == 1


async def lock_generations(tx: Tx, *, generations: Mapping[str, int]) -> set[str]:
    """`lock_generation` for several nodes, given by id; returns the locked ones. Never waits: nodes that another
    transaction holds are left out."""
    locked = await tx.values(
        """
        SELECT n.id FROM node n JOIN unnest(%(ids)s::text[], %(generations)s::bigint[]) AS given (id, generation)
          ON n.id = given.id AND n.generation = given.generation
        WHERE n.company_id = %(company_id)s AND n.state <> 'deleted'
        ORDER BY n.id FOR UPDATE OF n SKIP LOCKED
        """,
        {"ids": [*generations], "generations": [*generations.values()]},
    )
    return set(locked)


async def to_purge(tx: Tx, *, limit: int) -> list[str]:
    """Deleted documents whose removal is a minute overdue, because the process in charge died."""
    return await tx.values(
        """
        SELECT id FROM node
        WHERE company_id = %s AND purge_at < now() - interval '1 minute' AND kind = 'document'
          AND erasure_id IS NOT NULL
        ORDER BY purge_at LIMIT %s
        """,
        (tx.company_id, limit),
    )


async def remove_pending(tx: Tx, *, node_id: str, generation: int) -> None:
    """Remove a node whose first ingestion failed; its tasks keep a hash of its name, so that an erasure finds them.

    A live node, or one with a newer generation, is kept.
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
    """Remove the company's root folders that never contained anything, unless something is being added."""
    locked = await tx.values(
        """
        SELECT id FROM node WHERE company_id = %s AND parent_id IS NULL AND kind = 'folder' AND state = 'pending'
        FOR UPDATE SKIP LOCKED
        """,
        (tx.company_id,),
    )
    # A separate statement, to see children added before the lock was acquired. Only locked roots: another
    # transaction may be adding a child to the others.
    cur = await tx.execute(
        """
        DELETE FROM node root
        WHERE company_id = %(company_id)s AND id = ANY (%(locked)s)
          AND NOT EXISTS (SELECT FROM node c WHERE c.company_id = %(company_id)s AND c.parent_id = root.id)
        """,
        {"locked": locked},
    )
    return cur.rowcount
