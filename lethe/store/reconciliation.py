"""The reconciler's bookkeeping: when a round is due, who has it, and what the last one found."""

from psycopg.rows import dict_row, scalar_row
from psycopg.types.json import Jsonb

from lethe.domain.orphans import Counts, Orphan, Round
from lethe.store.database import Connection


async def claim(conn: Connection, *, seconds: float) -> bool:
    """Take the round that is due, for `seconds` or until `extend`; False when none is due or somebody has it."""
    async with conn.cursor(row_factory=scalar_row) as cur:
        await cur.execute(
            "UPDATE reconciliation SET due_at = now() + make_interval(secs => %s) WHERE due_at <= now() RETURNING true",
            (seconds,),
        )
        return await cur.fetchone() is not None


async def set_due(conn: Connection, *, seconds: float) -> None:
    """Let the next round be due in `seconds`: it is still under way, or has ended."""
    await conn.execute("UPDATE reconciliation SET due_at = now() + make_interval(secs => %s)", (seconds,))


async def record(conn: Connection, *, counts: Counts, skipped: int, seconds: float) -> None:
    """Keep what a round that has just ended found; the one before is forgotten."""
    await conn.execute(
        "UPDATE reconciliation SET ended_at = now(), seconds = %s, skipped = %s, counts = %s",
        (seconds, skipped, Jsonb({kind.value: n for kind, n in counts.items()})),
    )


async def last_round(conn: Connection) -> Round | None:
    """What the last round found; None before the first one."""
    async with conn.cursor(row_factory=dict_row) as cur:
        await cur.execute(
            "SELECT counts, skipped, seconds, ended_at FROM reconciliation WHERE ended_at IS NOT NULL"
        )
        row = await cur.fetchone()
    if row is None:
        return None
    counts = row.pop("counts")
    return Round(counts={kind: int(counts.get(kind, 0)) for kind in Orphan}, **row)


async def bound(conn: Connection, *, statement_seconds: int, lock_seconds: int) -> None:
    """Cut off each statement of this transaction, and each wait for a lock, after a time."""
    await conn.execute(
        "SELECT set_config('statement_timeout', %s, true), set_config('lock_timeout', %s, true)",
        (f"{statement_seconds}s", f"{lock_seconds}s"),
    )
