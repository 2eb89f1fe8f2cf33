"""Keys of files that no row refers to: not yet, or no longer.

A file and a row cannot be written in one transaction. So a key is claimed here, then its file is stored, then
the transaction that refers to it removes the claim. A process killed in between leaves a claim, which falls due
and is swept together with its file.
"""

from collections.abc import Sequence
from uuid import UUID

from lethe.store.database.connections import Connection
from lethe.store.database.transactions import Tx


async def claim(tx: Tx, *, keys: Sequence[str], seconds: int, node_id: str | None = None) -> None:
    """Announce files that are about to be stored; they are removed unless they are settled within `seconds`.

    Args:
        node_id: the document they are for, if known; the erasure of that document waits for the files.
    """
    await tx.execute(
        """
        INSERT INTO blob_removal (company_id, key, node_id, due_at)
        SELECT %s, key, %s, now() + make_interval(secs => %s) FROM unnest(%s::text[]) AS given (key)
        """,
        (tx.company_id, node_id, seconds, list(keys)),
    )


async def give_up(tx: Tx, *, keys: Sequence[str]) -> None:
    """Let claims fall due now, because nothing will refer to their stored files.

    Invariant: either this or `settle` gets the claim. This waits for a concurrent `settle`; if that commits, nothing
    is left to give up. A later `settle` finds a claim that is due, and leaves it.
    """
    await tx.execute(
        "UPDATE blob_removal SET due_at = now() WHERE company_id = %s AND key = ANY (%s)",
        (tx.company_id, list(keys)),
    )


async def settle(tx: Tx, *, keys: Sequence[str]) -> bool:
    """Remove claims, because this transaction refers to the files. False if one was swept already.

    A claim in its last minute counts as swept, or the sweeper might find it due before this commits. Uses the clock,
    not the transaction's start, which may be long before the claim was given up.
    """
    cur = await tx.execute(
        """
        DELETE FROM blob_removal
        WHERE company_id = %s AND key = ANY (%s) AND due_at > clock_timestamp() + interval '1 minute'
        """,
        (tx.company_id, list(keys)),
    )
    return cur.rowcount == len(keys)


async def due(conn: Connection, *, limit: int) -> list[tuple[str, str]]:
    """Company and key of files to remove now, longest due first, except those waiting for their next attempt."""
    cur = await conn.execute(
        """
        SELECT company_id, key FROM blob_removal
        WHERE due_at <= now() AND (retry_at IS NULL OR retry_at <= now()) ORDER BY due_at LIMIT %s
        """,
        (limit,),
    )
    return [(str(company), str(key)) for company, key in await cur.fetchall()]


async def put_off(tx: Tx, *, keys: Sequence[str], first_seconds: int, most_seconds: int) -> None:
    """Record that these files could not be removed; each attempt doubles the time until the next."""
    await tx.execute(
        """
        UPDATE blob_removal SET attempts = attempts + 1,
               retry_at = now() + make_interval(secs => least(%s * 2 ^ least(attempts, 20), %s))
        WHERE company_id = %s AND key = ANY (%s)
        """,
        (first_seconds, most_seconds, tx.company_id, list(keys)),
    )


async def stubborn(conn: Connection, *, limit: int) -> list[tuple[str, int]]:
    """Keys of files that could not be removed, with their number of attempts, highest first."""
    cur = await conn.execute(
        "SELECT key, attempts FROM blob_removal WHERE attempts > 0 ORDER BY attempts DESC, key LIMIT %s",
        (limit,),
    )
    return [(str(key), int(attempts)) for key, attempts in await cur.fetchall()]


async def forget(tx: Tx, *, keys: Sequence[str]) -> list[UUID]:
    """Delete the keys of removed files and count them in the erasures that wait for them; returns those erasures."""
    return await tx.values(
        """
        WITH gone AS (
            DELETE FROM blob_removal WHERE company_id = %(company_id)s AND key = ANY (%(keys)s) RETURNING node_id
        )
        UPDATE erasure e SET blobs = e.blobs + s.files
        FROM (
            SELECT d.receipt_id, count(*) AS files FROM gone g
            JOIN erased_document d ON d.company_id = %(company_id)s AND d.node_id = g.node_id
            GROUP BY d.receipt_id
        ) s
        WHERE e.company_id = %(company_id)s AND e.id = s.receipt_id
        RETURNING e.id
        """,
        {"keys": list(keys)},
    )


async def count_overdue(conn: Connection, *, minutes: int) -> int:
    """The number of files that should have been removed `minutes` ago."""
    found = await conn.value(
        "SELECT count(*) FROM blob_removal WHERE due_at < now() - make_interval(mins => %s)", (minutes,)
    )
    return int(found or 0)


async def named(tx: Tx, *, after: str, limit: int) -> list[str]:
    """Keys after `after` that documents and ingestions refer to, in order."""
    return await tx.values(
        """
        SELECT blob_key FROM document WHERE company_id = %(company_id)s AND blob_key > %(after)s
        UNION ALL
        SELECT blob_key FROM ingestion WHERE company_id = %(company_id)s AND blob_key > %(after)s
        ORDER BY 1 LIMIT %(limit)s
        """,
        {"after": after, "limit": limit},
    )


async def named_of(tx: Tx, *, keys: Sequence[str]) -> set[str]:
    """Which of the keys a document or an ingestion refers to."""
    found = await tx.values(
        """
        SELECT blob_key FROM document WHERE company_id = %(company_id)s AND blob_key = ANY (%(keys)s)
        UNION
        SELECT blob_key FROM ingestion WHERE company_id = %(company_id)s AND blob_key = ANY (%(keys)s)
        """,
        {"keys": list(keys)},
    )
    return set(found)


async def unnamed_of(tx: Tx, *, keys: Sequence[str]) -> list[str]:
    """Which of the keys no row refers to.

    A key is never reused, and it is in some row from before its file exists until after the file is gone. So a file
    that existed before and after this statement is an orphan if its key is returned.
    """
    return await tx.values(
        """
        SELECT key FROM unnest(%(keys)s::text[]) AS listed (key)
        WHERE NOT EXISTS (SELECT FROM document d WHERE d.company_id = %(company_id)s AND d.blob_key = key)
          AND NOT EXISTS (SELECT FROM ingestion i WHERE i.company_id = %(company_id)s AND i.blob_key = key)
          AND NOT EXISTS (SELECT FROM blob_removal r WHERE r.company_id = %(company_id)s AND r.key = listed.key)
        """,
        {"keys": list(keys)},
    )


async def schedule(tx: Tx, *, keys: Sequence[str]) -> None:
    """Schedule orphaned files for removal."""
    await tx.execute(
        """
        INSERT INTO blob_removal (company_id, key, due_at) SELECT %s, key, now() FROM unnest(%s::text[]) AS gone (key)
        ON CONFLICT DO NOTHING
        """,
        (tx.company_id, list(keys)),
    )
