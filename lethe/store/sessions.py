"""Sessions: who is signed in to the console."""

from dataclasses import dataclass

from lethe.domain.records.access import SYSTEM
from lethe.domain.records.bounds import ActsForToken
from lethe.store.access import BOUNDS
from lethe.store.database.connections import Connection
from lethe.store.database.pool import Database


@dataclass(frozen=True, slots=True)
class Session(ActsForToken):
    """A valid session, the token that began it, and what the console shows about them. `company` is a name."""

    company_id: str
    company: str
    token_id: str
    token_hash: bytes
    token_name: str
    prefix: str
    scopes: list[str]
    bound: bool
    reads: list[str]
    writes: list[str]


async def insert(conn: Connection, *, hash: bytes, token_hash: bytes, seconds: int, once: bool) -> bool:
    """Begin a session, which is a use of its token, or with `once` the right to begin one; false if the token is not
    valid."""
    cur = await conn.execute(
        """
        WITH valid AS (
            UPDATE token SET last_used_at = CASE WHEN %(once)s THEN last_used_at ELSE now() END
            WHERE hash = %(token_hash)s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
            RETURNING company_id, id
        )
        INSERT INTO session (company_id, hash, token_id, once, expires_at)
        SELECT company_id, %(hash)s, id, %(once)s, now() + make_interval(secs => %(seconds)s) FROM valid
        """,
        {"hash": hash, "token_hash": token_hash, "seconds": seconds, "once": once},
    )
    return cur.rowcount == 1


async def exchange(conn: Connection, *, hash: bytes, into: bytes, seconds: int) -> bool:
    """Use up the right to sign in once, and begin the session `into`; false if there is no such right any more, or
    its token is not valid."""
    cur = await conn.execute(
        """
        WITH used AS (
            DELETE FROM session WHERE hash = %(hash)s AND once AND expires_at > now() RETURNING company_id, token_id
        ), valid AS (
            UPDATE token t SET last_used_at = now() FROM used u
            WHERE t.company_id = u.company_id AND t.id = u.token_id
              AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())
            RETURNING t.company_id, t.id
        )
        INSERT INTO session (company_id, hash, token_id, expires_at)
        SELECT company_id, %(into)s, id, now() + make_interval(secs => %(seconds)s) FROM valid
        """,
        {"hash": hash, "into": into, "seconds": seconds},
    )
    return cur.rowcount == 1


async def find(db: Database, *, hash: bytes) -> Session | None:
    """The session with this hash, as long as it and its token are valid."""
    return await db.read_one(
        SYSTEM,
        f"""
        SELECT s.company_id, c.name AS company, t.id AS token_id, t.hash AS token_hash, t.name AS token_name,
               t.prefix, t.scopes, {BOUNDS}
        FROM session s
        JOIN token t ON t.company_id = s.company_id AND t.id = s.token_id
        JOIN company c ON c.id = s.company_id
        WHERE s.hash = %(hash)s AND NOT s.once AND s.expires_at > now()
          AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())
        """,
        {"hash": hash},
        Session,
        by_keys=True,
        admission=True,
    )


async def delete(conn: Connection, *, hash: bytes) -> None:
    """End a session, and remove those that have expired."""
    await conn.execute("DELETE FROM session WHERE hash = %s OR expires_at < now()", (hash,))
