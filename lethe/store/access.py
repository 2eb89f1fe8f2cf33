"""Companies, tokens and request counts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import LiteralString

from lethe.domain.limits import Limits
from lethe.domain.records.access import SYSTEM, Caller, Token, TokenFacts
from lethe.store.database.connections import Connection
from lethe.store.database.pool import Database
from lethe.store.database.transactions import Tx

BOUNDS: LiteralString = """
    t.bound,
    CASE WHEN t.bound THEN ARRAY(
        SELECT b.node_id FROM token_node b WHERE b.company_id = t.company_id AND b.token_id = t.id ORDER BY b.node_id
    ) ELSE '{}' END AS reads,
    CASE WHEN t.bound THEN ARRAY(
        SELECT b.node_id FROM token_node b WHERE b.company_id = t.company_id AND b.token_id = t.id AND b.writes
        ORDER BY b.node_id
    ) ELSE '{}' END AS writes"""
"""The columns with the bounds of the token `t`."""

_TOKENS: LiteralString = f"""
    SELECT c.name AS company, t.id, t.name, t.prefix, t.scopes, t.per_minute, t.per_hour,
           t.expires_at, t.revoked_at, t.last_used_at, t.created_at, {BOUNDS}
    FROM token t JOIN company c ON c.id = t.company_id
"""


async def insert_company(conn: Connection, *, id: str, name: str) -> str:
    """The id of the company with this name; the company is created if it is new."""
    found = await conn.value(
        """
        INSERT INTO company (id, name) VALUES (%(id)s, %(name)s)
        ON CONFLICT ON CONSTRAINT company_name_taken DO UPDATE SET name = excluded.name
        RETURNING id
        """,
        {"id": id, "name": name},
    )
    return str(found)


async def company_ids(conn: Connection) -> list[str]:
    """The ids of all companies."""
    return await conn.values("SELECT id FROM company ORDER BY id")


async def companies(conn: Connection) -> dict[str, str]:
    """The ids of all companies by their names."""
    cur = await conn.execute("SELECT name, id FROM company ORDER BY name")
    return {str(name): str(id) for name, id in await cur.fetchall()}


async def count_tokens(conn: Connection) -> int:
    """The number of tokens ever created, including revoked ones."""
    return int(await conn.value("SELECT count(*) FROM token") or 0)


async def insert_token(
    conn: Connection,
    *,
    company_id: str,
    id: str,
    name: str,
    prefix: str,
    hash: bytes,
    scopes: Sequence[str],
    per_minute: int | None,
    per_hour: int | None,
    expires_at: datetime | None,
    only: Mapping[str, bool] | None = None,
) -> None:
    """Insert a token; only the SHA-256 of its secret is stored.

    Args:
        only: the nodes that the token is bound to, and whether it may write below each; None: the whole company.
    """
    await conn.execute(
        """
        WITH made AS (
            INSERT INTO token (company_id, id, name, prefix, hash, scopes, per_minute, per_hour, expires_at, bound)
            VALUES (%(company_id)s, %(id)s, %(name)s, %(prefix)s, %(hash)s, %(scopes)s,
                    %(per_minute)s, %(per_hour)s, %(expires_at)s, %(nodes)s::text[] IS NOT NULL)
        )
        INSERT INTO token_node (company_id, token_id, node_id, writes)
        SELECT %(company_id)s, %(id)s, o.node, o.writes
        FROM unnest(%(nodes)s::text[], %(writes)s::boolean[]) o (node, writes)
        """,
        {
            "company_id": company_id,
            "id": id,
            "name": name,
            "prefix": prefix,
            "hash": hash,
            "scopes": list(scopes),
            "per_minute": per_minute,
            "per_hour": per_hour,
            "expires_at": expires_at,
            "nodes": None if only is None else list(only),
            "writes": None if only is None else list(only.values()),
        },
    )


async def list_tokens(conn: Connection, *, company: str | None) -> list[Token]:
    """All tokens, or those of the company with this name, oldest first."""
    return await conn.rows(
        Token,
        f"""
        {_TOKENS}
        WHERE %(company)s::text IS NULL OR c.name = %(company)s
        ORDER BY t.created_at, t.id
        """,
        {"company": company},
    )


async def valid_tokens(
    conn: Connection, *, hash: bytes | None = None, id: str | None = None, prefix: str | None = None
) -> list[Token]:
    """Unrevoked tokens with this hash, id or prefix (exactly one is given), locked."""
    return await conn.rows(
        Token,
        f"""
        {_TOKENS}
        WHERE t.revoked_at IS NULL AND (t.hash = %(hash)s OR t.id = %(id)s OR t.prefix = %(prefix)s)
        ORDER BY t.created_at, t.id FOR UPDATE OF t
        """,
        {"hash": hash, "id": id, "prefix": prefix},
    )


async def revoke_token(conn: Connection, *, id: str) -> None:
    """Revoke a token: it is refused as soon as this commits."""
    await conn.execute("UPDATE token SET revoked_at = now() WHERE id = %s", (id,))


async def revoke_own_token(tx: Tx, *, id: str) -> None:
    """Revoke a token of the company: it is refused as soon as this commits."""
    await tx.execute(
        "UPDATE token SET revoked_at = now() WHERE company_id = %s AND id = %s AND revoked_at IS NULL",
        (tx.company_id, id),
    )


async def find_company(conn: Connection, *, name: str) -> str | None:
    """The id of the company with this name."""
    return await conn.value("SELECT id FROM company WHERE name = %s", (name,))


async def set_retention(conn: Connection, *, name: str, days: int | None) -> bool:
    """Keep a company's trash for `days`; None means the server's setting. False if there is no such company."""
    cur = await conn.execute("UPDATE company SET retention_days = %s WHERE name = %s", (days, name))
    return cur.rowcount == 1


async def token_facts(db: Database, *, company_id: str, token_id: str) -> TokenFacts | None:
    """What the holder of a token may know about it."""
    return await db.read_one(
        company_id,
        """
        SELECT t.name, t.prefix, t.scopes, t.expires_at, c.name AS company,
               CASE WHEN t.bound THEN coalesce((
                   SELECT jsonb_agg(jsonb_build_object('id', n.id, 'title', n.title, 'write', b.writes)
                                    ORDER BY n.title, n.id)
                   FROM token_node b JOIN live_node n ON n.company_id = b.company_id AND n.id = b.node_id
                   WHERE b.company_id = t.company_id AND b.token_id = t.id), '[]') END AS only
        FROM token t JOIN company c ON c.id = t.company_id
        WHERE t.company_id = %(company_id)s AND t.id = %(token_id)s
        """,
        {"token_id": token_id},
        TokenFacts,
    )


async def is_valid(tx: Tx, *, token_id: str) -> bool:
    """Whether a token of the company is neither revoked nor expired."""
    found = await tx.value(
        """
        SELECT 1 FROM token
        WHERE company_id = %s AND id = %s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
        """,
        (tx.company_id, token_id),
    )
    return found is not None


async def admit_caller(db: Database, *, hash: bytes, ingesting: Limits | None) -> Caller | None:
    """The caller whose token has this hash, unless it is revoked or expired.

    Args:
        ingesting: the queue's limits, for a request that adds to the queue; None skips the check. Counting costs
            0.4 us per open ingestion and stops at the limit of all companies.

    The same round trip counts the request against the token's current minute and hour, and updates the time of
    last use at most once a minute. The counts are in the database, so all API processes share them.
    Invariant: refused requests count too, so hammering does not help.
    """
    return await db.read_one(
        SYSTEM,
        f"""
        WITH found AS (
            SELECT company_id, id, prefix, scopes, per_minute, per_hour,
                   coalesce(last_used_at < now() - interval '1 minute', true) AS note_use, {BOUNDS}
            FROM token t
            WHERE hash = %(hash)s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
        ), used AS (
            UPDATE token t SET last_used_at = now() FROM found f
            WHERE t.company_id = f.company_id AND t.id = f.id AND f.note_use
        ), allowed (seconds, most) AS (
            SELECT 60, per_minute FROM found WHERE per_minute IS NOT NULL
            UNION ALL SELECT 3600, per_hour FROM found WHERE per_hour IS NOT NULL
        ), counted AS (
            INSERT INTO rate_window AS r (company_id, token_id, seconds, window_start, requests)
            SELECT f.company_id, f.id, b.seconds, date_bin(make_interval(secs => b.seconds), now(), 'epoch'), 1
            FROM found f, allowed b
            ON CONFLICT (company_id, token_id, seconds) DO UPDATE
            SET requests = CASE WHEN r.window_start = excluded.window_start THEN r.requests + 1 ELSE 1 END,
                window_start = excluded.window_start
            RETURNING seconds, window_start, requests
        ), standing AS (
            SELECT b.most, greatest(b.most - c.requests, 0) AS remaining, c.requests > b.most AS over,
                   greatest(1, ceil(extract(epoch FROM
                       c.window_start + make_interval(secs => c.seconds) - now())))::int AS reset
            FROM counted c JOIN allowed b USING (seconds)
        )
        SELECT f.company_id, f.id AS token_id, f.prefix, f.scopes, s.most, s.remaining, s.reset,
               coalesce(s.over, false) AS over, f.bound, f.reads, f.writes,
               %(queue)s > 0 AND (
                   SELECT count(*) >= %(queue)s
                       OR count(*) FILTER (WHERE q.company_id = f.company_id) >= %(queue_of_company)s
                   FROM (SELECT company_id FROM task
                         WHERE kind = 'ingest' AND finished_at IS NULL LIMIT %(queue)s) q
               ) AS queue_full
        FROM found f LEFT JOIN LATERAL (
            SELECT * FROM standing ORDER BY over DESC, CASE WHEN over THEN -reset END, remaining LIMIT 1
        ) s ON true
        """,
        {
            "hash": hash,
            "queue": ingesting.queue if ingesting else 0,
            "queue_of_company": ingesting.queue_of_company if ingesting else 0,
        },
        Caller,
        by_keys=True,
        admission=True,
    )
