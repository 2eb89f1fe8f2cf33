"""The trash: deleted subtrees, invisible, kept until their retention ends; and restoring them.

`node.deleted_with` is the node whose deletion included this one, so that a restore brings back what was deleted
together and leaves earlier deletions in the trash. Changes hold the lock of store/tree/nodes.py.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncCursor
from psycopg.rows import TupleRow

from lethe.domain.records.tasks import Callback
from lethe.domain.records.tree import TrashEntry
from lethe.store.database.pool import Database
from lethe.store.database.transactions import Tx
from lethe.store.queue import outbox, reindexing
from lethe.store.tree.nodes import PATH_CACHE
from lethe.store.tree.siblings import PARENT


@dataclass(frozen=True, slots=True)
class Trashed:
    """A node in the trash and where it was. `parent_live` is false if that folder is gone too."""

    id: str
    kind: str
    title: str
    parent_id: str | None
    path: str
    deleted_with: str
    parent_live: bool


def _revoking(which: LiteralString) -> LiteralString:
    """Revokes the open ingestions of the nodes `n` for which the condition holds."""
    return f"""
WITH ended AS (
    UPDATE task t SET status = 'revoked', failure = 'revoked', error = %(error)s, finished_at = now()
    FROM node n
    WHERE n.company_id = %(company_id)s AND {which}
      AND t.company_id = n.company_id AND t.node_id = n.id
      AND t.kind = 'ingest' AND t.status IN ('pending', 'started')
    RETURNING t.id, t.node_id, t.callback
), work AS (
    DELETE FROM ingestion i USING ended e
    WHERE i.company_id = %(company_id)s AND i.task_id = e.id AND NOT i.kept
    RETURNING i.blob_key, e.node_id
), discarded AS (
    INSERT INTO blob_removal (company_id, key, node_id, due_at)
    SELECT %(company_id)s, blob_key, node_id, now() FROM work WHERE blob_key IS NOT NULL
)
SELECT id, callback, pg_notify('lethe_task', id::text) FROM ended
"""


async def revoke_ingestions(
    tx: Tx, *, path: str, error: str
) -> Callable[[], Awaitable[list[tuple[UUID, Callback | None]]]]:
    """Revoke the open ingestions of all documents below `path`.

    Content that was acknowledged to the caller stays with its task until a restore or the end of the retention.

    Returns:
        A function that fetches the tasks and their callbacks; a pipeline can send more before it waits.
    """
    cur = await tx.execute(
        _revoking("n.path >= %(path)s AND n.path < path_end(%(path)s)"),
        {"path": path, "error": error},
    )
    return partial(_revoked, cur)


async def revoke_ingestions_of(
    tx: Tx, *, deletion_id: UUID, error: str
) -> list[tuple[UUID, Callback | None]]:
    """`revoke_ingestions` for the documents hidden by a deletion by filter; returns the tasks and their callbacks."""
    cur = await tx.execute(
        _revoking("n.deletion_id = %(deletion)s"),
        {"deletion": deletion_id, "error": error},
    )
    return await _revoked(cur)


async def _revoked(cur: AsyncCursor[TupleRow]) -> list[tuple[UUID, Callback | None]]:
    return [(id, Callback(**callback) if callback else None) for id, callback, _ in await cur.fetchall()]


async def unindex(tx: Tx, *, node_id: str, after: str, limit: int) -> str | None:
    """Remove a batch of the documents deleted with a node from the indexes; their text is kept.

    Args:
        after: the last id of the previous batch; empty at first.

    Returns:
        The last id, or None if there are no more.
    """
    params: dict[str, Any] = {"id": node_id, "after": after, "limit": limit}
    ids: list[str] = await tx.values(
        """
        SELECT n.id FROM node top CROSS JOIN path_end(top.path) stop
        JOIN node n ON n.company_id = top.company_id AND n.path >= top.path AND n.path < stop
        WHERE top.company_id = %(company_id)s AND top.id = %(id)s
          AND n.deleted_with = %(id)s AND n.kind = 'document' AND n.id > %(after)s
        ORDER BY n.id LIMIT %(limit)s FOR UPDATE OF n
        """,
        params,
    )
    if not ids:
        return None
    await take_out(tx, node_ids=ids)
    return ids[-1]


async def take_out(tx: Tx, *, node_ids: Sequence[str]) -> None:
    """Remove these locked documents from the indexes and from waiting events; their text is kept."""
    await reindexing.unindex(tx, node_ids=node_ids)
    await tx.execute("SELECT forget_words(%s)", (tx.company_id,))
    await outbox.forget_data(tx, node_ids=node_ids)


_ENTRIES: LiteralString = f"""
    SELECT n.id, n.title, n.kind::text AS kind, {PARENT} AS parent_id, n.path, n.deleted_at, n.purge_at,
           (SELECT count(*) FROM node b
            WHERE b.company_id = n.company_id AND b.path >= n.path AND b.path < path_end(n.path)
              AND b.deleted_with = n.id AND b.kind = 'document') AS documents,
           {PATH_CACHE} AS path_cache
    FROM node n
    WHERE n.company_id = %(company_id)s AND n.deleted_with = n.id AND n.purge_at > now()
"""
"""What can come back: one entry per deletion."""


async def page(
    db: Database, *, company_id: str, after: tuple[datetime, str] | None, limit: int
) -> list[TrashEntry]:
    """The trash, latest deletion first, one entry per deletion."""
    return await db.read(
        company_id,
        f"""
        {_ENTRIES} AND (%(time)s::timestamptz IS NULL OR (n.deleted_at, n.id) < (%(time)s, %(id)s))
        ORDER BY n.deleted_at DESC, n.id DESC LIMIT %(limit)s
        """,
        {
            "time": after[0] if after else None,
            "id": after[1] if after else None,
            "limit": limit,
        },
        TrashEntry,
    )


async def entry(db: Database, *, company_id: str, node_id: str) -> TrashEntry | None:
    """One entry of the trash."""
    return await db.read_one(company_id, f"{_ENTRIES} AND n.id = %(id)s", {"id": node_id}, TrashEntry)


async def find(tx: Tx, *, node_id: str) -> Trashed | None:
    """A node in the trash whose retention has not ended, locked."""
    return await tx.row(
        Trashed,
        """
        SELECT n.id, n.kind::text AS kind, n.title, n.parent_id, n.path, n.deleted_with,
               n.parent_id IS NULL OR EXISTS (
                   SELECT FROM live_node p
                   WHERE p.company_id = n.company_id AND p.id = n.parent_id) AS parent_live
        FROM node n
        WHERE n.company_id = %s AND n.id = %s AND n.deleted_with IS NOT NULL AND n.purge_at > now()
        FOR UPDATE
        """,
        (tx.company_id, node_id),
    )


async def kept_ingestions(tx: Tx, *, node_id: str) -> list[tuple[UUID, str, int]]:
    """The newest kept ingestion of each live document at or below a node: task, document, generation."""
    cur = await tx.execute(
        """
        SELECT DISTINCT ON (n.id) i.task_id, n.id, n.generation
        FROM node top CROSS JOIN path_end(top.path) stop
        JOIN live_node n ON n.company_id = top.company_id AND n.path >= top.path AND n.path < stop
        JOIN task t ON t.company_id = n.company_id AND t.node_id = n.id AND t.status = 'revoked'
        JOIN ingestion i ON i.company_id = t.company_id AND i.task_id = t.id
        WHERE top.company_id = %(company_id)s AND top.id = %(id)s AND i.kept
        ORDER BY n.id, t.generation DESC
        """,
        {"id": node_id},
    )
    return [(task_id, str(id), int(generation)) for task_id, id, generation in await cur.fetchall()]


async def hand_on_ingestion(tx: Tx, *, old: UUID, new: UUID) -> None:
    """Hand the work kept with a revoked task to a new task."""
    await tx.execute(
        "UPDATE ingestion SET task_id = %s WHERE company_id = %s AND task_id = %s", (new, tx.company_id, old)
    )


async def remove_folders(tx: Tx) -> tuple[list[str], set[UUID]]:
    """Remove the folders of erasures, if they contain nothing but such folders.

    Returns:
        The ids of the folders and of the erasures.
    """
    cur = await tx.execute(
        """
        DELETE FROM node f
        WHERE company_id = %(company_id)s AND kind = 'folder' AND erasure_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM path_end(f.path) stop
            JOIN node b ON b.company_id = %(company_id)s AND b.path > f.path AND b.path < stop
            WHERE NOT (b.kind = 'folder' AND b.erasure_id IS NOT NULL))
        RETURNING id, erasure_id
        """,
        {},
    )
    rows = await cur.fetchall()
    return [str(id) for id, _ in rows], {erasure_id for _, erasure_id in rows}
