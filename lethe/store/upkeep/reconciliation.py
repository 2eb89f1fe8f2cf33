"""The reconciler's bookkeeping: when a round is due, claiming it, and what the last one found."""

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from lethe.domain.records.orphans import Counts, OpenTransaction, Orphan, ReconciliationReport
from lethe.store.database.connections import Connection


async def claim(conn: Connection, *, seconds: float) -> bool:
    """Claim the due round for `seconds`, which `set_due` may change; False if no round is due or another has it."""
    found = await conn.value(
        "UPDATE reconciliation SET due_at = now() + make_interval(secs => %s) WHERE due_at <= now() RETURNING true",
        (seconds,),
    )
    return found is not None


async def set_due(conn: Connection, *, seconds: float) -> None:
    """Set the next round due in `seconds`, to extend a claim or after a round."""
    await conn.execute("UPDATE reconciliation SET due_at = now() + make_interval(secs => %s)", (seconds,))


async def record(conn: Connection, *, counts: Counts, skipped: int, seconds: float) -> None:
    """Store the findings of a finished round, replacing those of the previous one."""
    await conn.execute(
        "UPDATE reconciliation SET ended_at = now(), seconds = %s, skipped = %s, counts = %s",
        (seconds, skipped, Jsonb({kind.value: n for kind, n in counts.items()})),
    )


async def last_round(conn: Connection) -> ReconciliationReport | None:
    """What the last round found; None before the first one."""
    async with conn.cursor(row_factory=dict_row) as cur:
        await cur.execute(
            "SELECT counts, skipped, seconds, ended_at FROM reconciliation WHERE ended_at IS NOT NULL"
        )
        row = await cur.fetchone()
    if row is None:
        return None
    counts = row.pop("counts")
    return ReconciliationReport(counts={kind: int(counts.get(kind, 0)) for kind in Orphan}, **row)


async def long_transactions(conn: Connection, *, seconds: int) -> list[OpenTransaction]:
    """Transactions open for at least `seconds`, those that block the most others first.

    A role without pg_read_all_stats only sees its own.
    """
    return await conn.rows(
        OpenTransaction,
        """
        SELECT a.pid, coalesce(a.application_name, '') AS program, coalesce(a.usename, '') AS role,
               extract(epoch FROM now() - a.xact_start)::int AS seconds,
               (SELECT count(*) FROM pg_stat_activity w
                WHERE w.wait_event_type = 'Lock' AND a.pid = ANY (pg_blocking_pids(w.pid))) AS waiting
        FROM pg_stat_activity a
        WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
          AND a.xact_start < now() - make_interval(secs => %s)
        ORDER BY waiting DESC, a.xact_start LIMIT 10
        """,
        (seconds,),
    )


async def bound(conn: Connection, *, statement_seconds: int, lock_seconds: int) -> None:
    """Set this transaction's timeouts for statements and for locks."""
    await conn.execute(
        "SELECT set_config('statement_timeout', %s, true), set_config('lock_timeout', %s, true)",
        (f"{statement_seconds}s", f"{lock_seconds}s"),
    )
