"""Keys of the blob store that no row names: not yet, or no more.

A file and a row cannot be written in one transaction. So a key is claimed here, then its file is stored, then
the transaction that refers to it takes the claim away. Whoever is killed in between leaves a claim, which
falls due and is swept together with its file.
"""

from collections.abc import Sequence

from psycopg.rows import scalar_row

from lethe.store.database import Connection


async def claim(conn: Connection, *, company_id: str, key: str, seconds: int) -> None:
    """Announce a file that is about to be stored; it is removed unless `settle` comes within `seconds`."""
    await conn.execute(
        "INSERT INTO blob_removal (company_id, key, due_at) VALUES (%s, %s, now() + make_interval(secs => %s))",
        (company_id, key, seconds),
    )


async def settle(conn: Connection, *, company_id: str, key: str) -> bool:
    """Take the claim away, since this transaction refers to the file. False when it was swept already.

    A claim in its last minute counts as swept: the sweeper must not find it due before this commits.
    """
    cur = await conn.execute(
        "DELETE FROM blob_removal WHERE company_id = %s AND key = %s AND due_at > now() + interval '1 minute'",
        (company_id, key),
    )
    return cur.rowcount == 1


async def due(conn: Connection, *, limit: int) -> list[tuple[str, str]]:
    """Company and key of files to be removed now, longest due first."""
    cur = await conn.execute(
        "SELECT company_id, key FROM blob_removal WHERE due_at <= now() ORDER BY due_at LIMIT %s", (limit,)
    )
    return [(str(company), str(key)) for company, key in await cur.fetchall()]


async def of_nodes(conn: Connection, *, company_id: str, node_ids: Sequence[str]) -> list[str]:
    """Keys of the files that belonged to these nodes and are still to be removed."""
    async with conn.cursor(row_factory=scalar_row) as cur:
        await cur.execute(
            "SELECT key FROM blob_removal WHERE company_id = %s AND node_id = ANY (%s)",
            (company_id, list(node_ids)),
        )
        return await cur.fetchall()


async def forget(conn: Connection, *, company_id: str, keys: Sequence[str]) -> None:
    """Drop the keys whose files are gone."""
    await conn.execute(
        "DELETE FROM blob_removal WHERE company_id = %s AND key = ANY (%s)", (company_id, list(keys))
    )
