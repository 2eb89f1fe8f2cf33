"""Requests with an Idempotency-Key, and their responses.

Lock order: a node before the claims about it.
"""

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from lethe.domain.errors import Conflict
from lethe.domain.records.idempotency import Claim, KeyState
from lethe.store.database.connections import Connection
from lethe.store.database.pool import Database
from lethe.store.database.transactions import Tx
from lethe.store.tree.nodes import PATH_CACHE

_MINE: LiteralString = """
    company_id = %(company_id)s AND token_id = %(token_id)s AND key = %(key)s AND owner = %(owner)s
    AND fingerprint IS NOT NULL AND status IS NULL
"""


async def claim(
    db: Database, *, claim: Claim, fingerprint: bytes, lease_seconds: int, kept_hours: int
) -> KeyState | None:
    """Claim a key for a request, in one round trip; None if another attempt interfered: call again.

    Invariant: one attempt at a time holds a key, until it has responded or its lease ends. A claim that is taken over
    still names what was created under it, unless that is deleted. An attempt that lost its connection after the
    commit can call again and still holds the key.

    This commit does not wait for the disk. The commit of the work does, and it follows in the write-ahead log.
    """
    return await db.read_one(
        claim.company_id,
        f"""
        WITH claimed AS (
            INSERT INTO idempotency AS i
                (company_id, token_id, key, fingerprint, owner, leased_until, expires_at)
            VALUES (%(company_id)s, %(token_id)s, %(key)s, %(fingerprint)s, %(owner)s,
                    now() + make_interval(secs => %(lease)s), now() + make_interval(hours => %(kept)s))
            ON CONFLICT (company_id, token_id, key) DO UPDATE
            SET owner = excluded.owner, leased_until = excluded.leased_until, expires_at = excluded.expires_at,
                fingerprint = excluded.fingerprint, status = NULL, headers = NULL, body = NULL,
                node_id = CASE WHEN i.expires_at > now() THEN i.node_id END,
                task_id = CASE WHEN i.expires_at > now() THEN i.task_id END
            WHERE (i.leased_until <= now() OR i.owner = excluded.owner) AND (i.expires_at <= now() OR (
                i.status IS NULL AND i.fingerprint = excluded.fingerprint AND NOT EXISTS (
                    SELECT FROM node n
                    WHERE n.company_id = i.company_id AND n.id = i.node_id AND n.state = 'deleted')))
            RETURNING i.node_id, i.task_id
        )
        SELECT true AS claimed, true AS same, false AS gone, node_id, task_id,
               NULL::int AS status, NULL::jsonb AS headers, NULL::bytea AS body, NULL AS path_cache, NULL AS collection
        FROM claimed
        UNION ALL
        SELECT false, i.fingerprint = %(fingerprint)s IS NOT FALSE,
               i.fingerprint IS NULL OR coalesce(n.state = 'deleted', i.status IS NOT NULL AND i.node_id IS NOT NULL),
               i.node_id, i.task_id, i.status, i.headers, i.body,
               {PATH_CACHE},
               (SELECT r.collection FROM live_node r WHERE r.company_id = n.company_id AND r.id = n.root_id)
        FROM idempotency i LEFT JOIN node n ON n.company_id = i.company_id AND n.id = i.node_id
        WHERE i.company_id = %(company_id)s AND i.token_id = %(token_id)s AND i.key = %(key)s
          AND NOT EXISTS (SELECT FROM claimed)
        """,
        {**_of(claim), "fingerprint": fingerprint, "lease": lease_seconds, "kept": kept_hours},
        KeyState,
    )


async def renew(tx: Tx, *, claim: Claim, lease_seconds: int) -> bool:
    """Extend the lease of a live attempt. False if it no longer holds the claim."""
    cur = await tx.execute(
        f"UPDATE idempotency SET leased_until = now() + make_interval(secs => %(lease)s) WHERE {_MINE}",
        {**_of(claim), "lease": lease_seconds},
    )
    return cur.rowcount == 1


async def bind(
    tx: Tx, *, claim: Claim | None, node_id: str | None = None, task_id: UUID | None = None
) -> None:
    """Record what a request with a key created, in the transaction that creates it, after its node is locked.

    Invariant: the transaction commits only while the claim is held, so a request creates things once, however many
    attempts it takes. Raises Conflict if another attempt has taken over.
    """
    if claim is None:
        return
    cur = await tx.execute(
        f"UPDATE idempotency SET node_id = %(node_id)s, task_id = %(task_id)s WHERE {_MINE}",
        {**_of(claim), "node_id": node_id, "task_id": task_id},
    )
    if cur.rowcount != 1:
        raise Conflict("Another attempt with the same Idempotency-Key has taken over this request.")


async def answer(
    tx: Tx, *, claim: Claim, node_id: str | None, status: int, headers: Sequence[Sequence[str]], body: bytes
) -> None:
    """Store the response. `node_id`: the node it shows, unless `bind` has recorded one.

    Invariant: a response that shows a node is stored only while the node is live, under a lock that blocks its removal;
    otherwise the request is marked as forgotten. An error response shows no node then, and is stored.
    """
    await tx.execute(
        f"""
        WITH subject AS MATERIALIZED (
            SELECT coalesce(node_id, %(node_id)s) AS id FROM idempotency WHERE {_MINE}
        ), shown AS MATERIALIZED (
            SELECT n.id FROM live_node n WHERE n.company_id = %(company_id)s AND n.id = (SELECT id FROM subject)
            FOR KEY SHARE
        ), verdict AS MATERIALIZED (
            SELECT (SELECT id FROM shown) AS node_id,
                   EXISTS (SELECT FROM shown) OR s.id IS NULL OR %(status)s >= 400 AS keep
            FROM subject s
        )
        UPDATE idempotency SET leased_until = now(), node_id = v.node_id,
               task_id = CASE WHEN v.keep THEN task_id END,
               fingerprint = CASE WHEN v.keep THEN fingerprint END,
               status = CASE WHEN v.keep THEN %(status)s END,
               headers = CASE WHEN v.keep THEN %(headers)s END,
               body = CASE WHEN v.keep THEN %(body)s END
        FROM verdict v WHERE {_MINE}
        """,
        {**_of(claim), "node_id": node_id, "status": status, "headers": Jsonb(headers), "body": body},
    )


async def release(tx: Tx, *, claim: Claim) -> None:
    """Let the next attempt claim the key at once. What was created stays recorded."""
    await tx.execute(f"UPDATE idempotency SET leased_until = now() WHERE {_MINE}", _of(claim))


async def forget(tx: Tx, *, node_ids: Sequence[str]) -> None:
    """Delete the responses about erased nodes, including error responses, which name a file. The keys stay, so that no
    request is executed again."""
    await tx.execute(
        """
        UPDATE idempotency SET fingerprint = NULL, node_id = NULL, task_id = NULL,
               status = NULL, headers = NULL, body = NULL
        WHERE company_id = %(company_id)s AND (node_id = ANY (%(ids)s) OR (status >= 400 AND task_id IN (
            SELECT id FROM task WHERE company_id = %(company_id)s AND node_id = ANY (%(ids)s) AND kind = 'ingest')))
        """,
        {"ids": list(node_ids)},
    )


async def delete_expired(conn: Connection, *, limit: int) -> int:
    """Remove up to `limit` expired keys; returns their number."""
    cur = await conn.execute(
        """
        DELETE FROM idempotency WHERE (company_id, token_id, key) IN (
            SELECT company_id, token_id, key FROM idempotency
            WHERE expires_at <= now() AND leased_until <= now()
            ORDER BY expires_at LIMIT %s FOR UPDATE SKIP LOCKED)
        """,
        (limit,),
    )
    return cur.rowcount


def _of(claim: Claim) -> dict[str, object]:
    return {
        "token_id": claim.token_id,
        "key": claim.key,
        "owner": claim.owner,
    }
