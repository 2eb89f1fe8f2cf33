"""Facts about the whole installation: the embedding model, the fingerprint key, and which workers are alive."""

import secrets
from collections.abc import Collection
from uuid import UUID

from lethe.domain.errors import OperatorError
from lethe.store.database.connections import Connection
from lethe.store.search import vector_index

MAX_DIMENSION = 3_900
"""A larger halfvec does not fit on a page of 8 KiB together with its key."""


async def record_embedder(conn: Connection, *, model: str, dimension: int) -> None:
    """Record the embedding model on first use and refuse any other model later.

    Also creates the index over settled embeddings, which needs the dimension.

    Raises:
        OperatorError: another model is recorded, or the dimension is too large.
    """
    if not 1 <= dimension <= MAX_DIMENSION:
        raise OperatorError(
            f"The model {model} has {dimension} dimensions; Lethe stores at most {MAX_DIMENSION}."
        )
    ours = f"{model} ({dimension})"
    recorded = await conn.value(
        """
        INSERT INTO installation (key, value) VALUES ('embedder', %s)
        ON CONFLICT (key) DO UPDATE SET value = installation.value
        RETURNING value
        """,
        (ours,),
    )
    if recorded != ours:
        raise OperatorError(
            f"The stored embeddings come from {recorded}, but LETHE_EMBEDDER names {ours}: "
            "set LETHE_EMBEDDER back, or start with an empty database."
        )
    await vector_index.require(conn, dimension=dimension)


async def recorded_embedder(conn: Connection) -> str | None:
    """The recorded embedding model as `name (dimension)`; None before the first worker starts."""
    return await conn.value("SELECT value FROM installation WHERE key = 'embedder'")


async def fingerprint_key(conn: Connection) -> bytes:
    """The 32-byte secret for fingerprints, generated on first use."""
    found = await conn.value(
        """
        INSERT INTO installation (key, value) VALUES ('fingerprint_key', %s)
        ON CONFLICT (key) DO UPDATE SET value = installation.value
        RETURNING value
        """,
        (secrets.token_hex(32),),
    )
    return bytes.fromhex(found or "")


async def note_worker(conn: Connection, *, id: UUID, takers: Collection[int]) -> None:
    """Record that this worker is alive, and forget workers that have been silent for an hour.

    Args:
        takers: the ids in the queue of those parts of the worker that take jobs.
    """
    await conn.execute(
        """
        WITH silent AS (DELETE FROM worker_alive WHERE seen_at < now() - interval '1 hour' AND id <> %(id)s),
        takers AS (UPDATE procrastinate_workers SET last_heartbeat = now() WHERE id = ANY (%(takers)s))
        INSERT INTO worker_alive (id, seen_at) VALUES (%(id)s, now())
        ON CONFLICT (id) DO UPDATE SET seen_at = now()
        """,
        {"id": id, "takers": list(takers)},
    )


async def forget_worker(conn: Connection, *, id: UUID) -> None:
    """Record that this worker has stopped."""
    await conn.execute("DELETE FROM worker_alive WHERE id = %s", (id,))


async def workers_alive(conn: Connection, *, seconds: float) -> int:
    """The number of workers heard from within the last `seconds`."""
    found = await conn.value(
        "SELECT count(*) FROM worker_alive WHERE seen_at > now() - make_interval(secs => %s)", (seconds,)
    )
    return int(found or 0)


async def server_version(conn: Connection) -> str:
    """PostgreSQL's version, such as 17.6."""
    return str(await conn.value("SELECT current_setting('server_version')")).partition(" ")[0]
