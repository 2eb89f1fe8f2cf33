"""The keys that sign receipts: the newest is in use, older ones are kept for verification."""

from dataclasses import dataclass

from lethe.store.database.connections import Connection


@dataclass(frozen=True, slots=True)
class StoredKey:
    """An Ed25519 key pair, 32 bytes each; `private_key` is None if the operator holds it."""

    id: str
    public_key: bytes
    private_key: bytes | None


async def own(conn: Connection) -> StoredKey | None:
    """The newest key that Lethe holds itself."""
    return await conn.row(
        StoredKey,
        """
        SELECT id, public_key, private_key FROM receipt_key
        WHERE private_key IS NOT NULL ORDER BY created_at DESC LIMIT 1
        """,
    )


async def own_or(conn: Connection, *, new: StoredKey) -> StoredKey:
    """The newest key that Lethe holds itself; if there is none, `new`, stored by only one of concurrent callers."""
    await conn.execute("LOCK TABLE receipt_key IN SHARE ROW EXCLUSIVE MODE")
    found = await own(conn)
    if found is None:
        await record(conn, key=new)
    return found or new


async def record(conn: Connection, *, key: StoredKey) -> None:
    """Store a key, so that what it signs can be verified forever."""
    await conn.execute(
        "INSERT INTO receipt_key (id, public_key, private_key) VALUES (%s, %s, %s) ON CONFLICT (id) DO NOTHING",
        (key.id, key.public_key, key.private_key),
    )


async def public(conn: Connection) -> list[StoredKey]:
    """All public keys, newest first."""
    return await conn.rows(
        StoredKey,
        "SELECT id, public_key, NULL::bytea AS private_key FROM receipt_key ORDER BY created_at DESC, id",
    )
