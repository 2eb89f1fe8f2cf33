"""Companies, tokens and the counts of their requests."""

from collections.abc import Sequence
from datetime import datetime

from psycopg.rows import class_row, scalar_row

from lethe.domain.records import SYSTEM, Caller, Token
from lethe.store.database import Connection, Database


async def insert_company(conn: Connection, *, id: str, name: str) -> str:
    """The id of the company of this name, which is made when it is new."""
    async with conn.cursor(row_factory=scalar_row) as cur:
        await cur.execute(
            """
            INSERT INTO company (id, name) VALUES (%(id)s, %(name)s)
            ON CONFLICT ON CONSTRAINT company_name_taken DO UPDATE SET name = excluded.name
            RETURNING id
            """,
            {"id": id, "name": name},
        )
        return str(await cur.fetchone())


async def company_ids(conn: Connection) -> list[str]:
    """The ids of all companies."""
    async with conn.cursor(row_factory=scalar_row) as cur:
        await cur.execute("SELECT id FROM company ORDER BY id")
        return await cur.fetchall()


async def count_tokens(conn: Connection) -> int:
    """How many tokens were ever made, revoked ones included."""
    async with conn.cursor(row_factory=scalar_row) as cur:
        await cur.execute("SELECT count(*) FROM token")
        return int(await cur.fetchone() or 0)


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
) -> None:
    """A new token; only the SHA-256 of its secret is stored."""
    await conn.execute(
        """
        INSERT INTO token (company_id, id, name, prefix, hash, scopes, per_minute, per_hour, expires_at)
        VALUES (%(company_id)s, %(id)s, %(name)s, %(prefix)s, %(hash)s, %(scopes)s,
                %(per_minute)s, %(per_hour)s, %(expires_at)s)
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
        },
    )


async def list_tokens(conn: Connection, *, company: str | None) -> list[Token]:
    """All tokens, or those of one company by its name, oldest first."""
    async with conn.cursor(row_factory=class_row(Token)) as cur:
        await cur.execute(
            """
            SELECT c.name AS company, t.name, t.prefix, t.scopes, t.per_minute, t.per_hour,
                   t.expires_at, t.revoked_at, t.last_used_at, t.created_at
            FROM token t JOIN company c ON c.id = t.company_id
            WHERE %(company)s::text IS NULL OR c.name = %(company)s
            ORDER BY t.created_at, t.id
            """,
            {"company": company},
        )
        return await cur.fetchall()


async def revoke_token(conn: Connection, *, prefix: str) -> int:
    """Revoke the tokens that begin so and are not revoked yet; how many they were."""
    cur = await conn.execute(
        "UPDATE token SET revoked_at = now() WHERE starts_with(prefix, %s) AND revoked_at IS NULL", (prefix,)
    )
    return cur.rowcount


async def find_caller(db: Database, *, hash: bytes) -> Caller | None:
    """The caller whose token has this hash, when it is neither revoked nor expired."""
    rows = await db.read(
        SYSTEM,
        """
        SELECT company_id, id AS token_id, scopes, per_minute, per_hour,
               coalesce(last_used_at < now() - interval '1 minute', true) AS note_use
        FROM token
        WHERE hash = %(hash)s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
        """,
        {"hash": hash},
        Caller,
    )
    return rows[0] if rows else None


async def note_use(conn: Connection, *, company_id: str, token_id: str) -> None:
    """Remember that the token was used now. Callers do this at most once a minute."""
    await conn.execute(
        "UPDATE token SET last_used_at = now() WHERE company_id = %s AND id = %s", (company_id, token_id)
    )


async def count_request(
    conn: Connection, *, company_id: str, token_id: str, per_minute: int | None, per_hour: int | None
) -> int | None:
    """Count one request in the token's running windows.

    Returns:
        None when the request is within the limits, otherwise the seconds until it may be tried again.
        The windows lie in the database, so that all API processes count together. Invariant: a refused
        request counts too, so that hammering does not help.
    """
    async with conn.cursor(row_factory=scalar_row) as cur:
        await cur.execute(
            """
            WITH window_limit (seconds, most) AS (
                SELECT * FROM (VALUES (60, %(per_minute)s::int), (3600, %(per_hour)s::int)) w (seconds, most)
                WHERE most IS NOT NULL
            ), counted AS (
                INSERT INTO rate_window AS r (company_id, token_id, seconds, window_start, requests)
                SELECT %(company_id)s, %(token_id)s, seconds,
                       date_bin(make_interval(secs => seconds), now(), 'epoch'), 1
                FROM window_limit
                ON CONFLICT (company_id, token_id, seconds) DO UPDATE
                SET requests = CASE WHEN r.window_start = excluded.window_start THEN r.requests + 1 ELSE 1 END,
                    window_start = excluded.window_start
                RETURNING seconds, window_start, requests
            )
            SELECT max(ceil(extract(epoch FROM window_start + make_interval(secs => seconds) - now())))::int
            FROM counted JOIN window_limit USING (seconds) WHERE requests > most
            """,
            {"company_id": company_id, "token_id": token_id, "per_minute": per_minute, "per_hour": per_hour},
        )
        return await cur.fetchone()
