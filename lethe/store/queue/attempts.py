"""Failed attempts to store documents that never had content: their tasks have a salted hash of the name instead of a
node, so that an erasure of the name finds them (tree/artifacts.remove_pending)."""

from collections.abc import Sequence

from lethe.store.database.transactions import Tx


async def named(tx: Tx, *, collection: str, artifacts: Sequence[str]) -> dict[str, list[str]]:
    """The nodes of failed attempts to store documents under these names, by name."""
    cur = await tx.execute(
        """
        SELECT given.artifact, array_agg(DISTINCT t.node_id)
        FROM task t JOIN unnest(%(artifacts)s::text[]) AS given (artifact)
          ON t.attempt_name = salted_hash(t.node_id, %(collection)s, given.artifact)
        WHERE t.company_id = %(company_id)s AND t.attempt_name IS NOT NULL
        GROUP BY given.artifact ORDER BY given.artifact
        """,
        {"collection": collection, "artifacts": list(artifacts)},
    )
    return {str(artifact): ids for artifact, ids in await cur.fetchall()}


async def named_before(tx: Tx, *, node_ids: Sequence[str]) -> list[str]:
    """The nodes of earlier failed attempts to store documents under the names of these deleted documents."""
    return await tx.values(
        """
        SELECT DISTINCT t.node_id
        FROM node n
        JOIN node root ON root.company_id = n.company_id AND root.id = n.root_id
        JOIN task t ON t.company_id = n.company_id AND t.created_at <= n.deleted_at
          AND t.attempt_name = salted_hash(t.node_id, root.collection, n.artifact)
        WHERE n.company_id = %s AND n.id = ANY (%s) AND n.artifact IS NOT NULL AND t.attempt_name IS NOT NULL
        """,
        (tx.company_id, list(node_ids)),
    )


async def in_collection(tx: Tx, *, collection: str) -> list[str]:
    """The nodes of failed attempts to store documents in this collection."""
    return await tx.values(
        """
        SELECT DISTINCT node_id FROM task
        WHERE company_id = %s AND attempt_name IS NOT NULL AND attempt_collection = salted_hash(node_id, %s)
        ORDER BY node_id
        """,
        (tx.company_id, collection),
    )
