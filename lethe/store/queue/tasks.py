"""Tasks: the state of background work, and its end."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from lethe.domain.records.tasks import (
    Callback,
    DeletionResult,
    IngestResult,
    Step,
    Task,
    TaskFailure,
    TaskKind,
    TaskStatus,
)
from lethe.store.database.connections import Connection
from lethe.store.database.pool import Database
from lethe.store.database.transactions import Tx

DELETED: LiteralString = "The document was deleted."
"""The error that a failed task shows once its document is deleted."""

LEFT_BOUNDS: LiteralString = """(t.token_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM token_node b WHERE b.company_id = t.company_id AND b.token_id = t.token_id AND b.node_id = n.root_id))
"""
"""Whether the node `n` of a task `t` with a callback has left the collections of the token that requested it."""

_FORGOTTEN: LiteralString = "jsonb_set(result, '{data}', '[]') - 'warnings'"
"""The result of an ingestion without the document's data."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a task is about."""

    node_id: str
    generation: int


async def insert(
    tx: Tx,
    *,
    id: UUID,
    kind: TaskKind,
    node_id: str | None,
    generation: int | None,
    callback: Callback | None,
    receipt_id: UUID | None = None,
    result: DeletionResult | None = None,
) -> None:
    """Insert a pending task. `node_id` is None for a task about many nodes or about no existing node.

    Args:
        result: the part of the result that is already known.
    """
    await tx.execute(
        """
        INSERT INTO task (company_id, id, kind, status, node_id, generation, callback, receipt_id, result)
        VALUES (%(company_id)s, %(id)s, %(kind)s, 'pending', %(node_id)s, %(generation)s, %(callback)s, %(receipt_id)s,
                %(result)s)
        """,
        {
            "id": id,
            "kind": kind,
            "node_id": node_id,
            "generation": generation,
            "callback": Jsonb(asdict(callback)) if callback else None,
            "receipt_id": receipt_id,
            "result": None if result is None else Jsonb(result),
        },
    )


async def find(db: Database, *, company_id: str, id: UUID, kind: TaskKind) -> Task | None:
    """The company's task of this kind. An ingestion reveals nothing about a document that is no longer live, nor the
    name of a collection that the caller may not see."""
    return await db.read_one(
        company_id,
        f"""
        SELECT t.id, t.kind, t.status, t.percentage, t.failure, t.receipt_id,
               live.id AS node_id,
               CASE WHEN t.kind <> 'ingest' OR t.node_id IS NULL OR root.id IS NOT NULL THEN t.result
                    WHEN live.id IS NOT NULL
                    THEN jsonb_set(t.result, '{{data,0,doc_metadata,collection}}', 'null', false)
                    ELSE {_FORGOTTEN} END AS result,
               CASE WHEN t.kind = 'ingest' AND t.status = 'failure' AND n.state = 'deleted'
                    THEN '{DELETED}' ELSE t.error END AS error
        FROM task t
        LEFT JOIN node n ON n.company_id = t.company_id AND n.id = t.node_id
        LEFT JOIN live_node live ON live.company_id = t.company_id AND live.id = t.node_id
        LEFT JOIN live_node root ON root.company_id = live.company_id AND root.id = live.root_id
        WHERE t.company_id = %(company_id)s AND t.id = %(id)s AND t.kind = %(kind)s
        """,
        {"id": id, "kind": kind},
        Task,
    )


async def callback_of(tx: Tx, *, id: UUID) -> Callback | None:
    """Where the task's events are sent; None if no callback was requested."""
    callback = await tx.value(
        "SELECT callback FROM task WHERE company_id = %s AND id = %s", (tx.company_id, id)
    )
    return Callback(**callback) if callback else None


async def subject(tx: Tx, *, id: UUID) -> Subject | None:
    """The node and generation that a task is about; None if it is about no node."""
    return await tx.row(
        Subject,
        """
        SELECT node_id, coalesce(generation, 0) AS generation FROM task
        WHERE company_id = %s AND id = %s AND node_id IS NOT NULL
        """,
        (tx.company_id, id),
    )


async def start(tx: Tx, *, ids: Sequence[UUID]) -> bool:
    """Start tasks. False if they have all ended: their job ran twice or was overtaken.

    A started task may be started again, since its worker may be dead. Two workers on one task do no harm, because only
    one of them can finish it.
    """
    cur = await tx.execute(
        """
        UPDATE task SET status = 'started'
        WHERE company_id = %s AND id = ANY (%s) AND status IN ('pending', 'started')
        """,
        (tx.company_id, list(ids)),
    )
    return cur.rowcount > 0


async def note_progress(tx: Tx, *, id: UUID, step: Step, percentage: int | None) -> bool | None:
    """Record the progress of a task, which never goes back.

    Returns:
        None if the task has ended, so its worker can stop; False if an earlier attempt had got further; else True.
    """
    return (await note_progress_of(tx, ids=[id], step=step, percentage=percentage)).get(id)


async def note_progress_of(
    tx: Tx, *, ids: Sequence[UUID], step: Step, percentage: int | None
) -> dict[UUID, bool]:
    """`note_progress` for several tasks: whether each got further. Tasks that have ended are left out."""
    cur = await tx.execute(
        """
        WITH ahead AS (
            UPDATE task SET step = %(step)s, percentage = %(percentage)s
            WHERE company_id = %(company_id)s AND id = ANY (%(ids)s) AND status = 'started'
              AND (coalesce(array_position(%(steps)s::text[], step), 0), coalesce(percentage, 0))
                < (array_position(%(steps)s::text[], %(step)s), coalesce(%(percentage)s::int, 0))
            RETURNING id
        )
        SELECT id, id IN (SELECT id FROM ahead) FROM task
        WHERE company_id = %(company_id)s AND id = ANY (%(ids)s) AND status = 'started'
        """,
        {"ids": list(ids), "step": step, "percentage": percentage, "steps": list(Step)},
    )
    return {id: bool(ahead) for id, ahead in await cur.fetchall()}


_ENDED: LiteralString = """
    work AS (
        DELETE FROM ingestion i USING ended e WHERE i.company_id = %(company_id)s AND i.task_id = e.id
        RETURNING i.blob_key, e.node_id
    ), discarded AS (
        INSERT INTO blob_removal (company_id, key, node_id, due_at)
        SELECT %(company_id)s, blob_key, node_id, now() FROM work
        WHERE blob_key IS NOT NULL AND NOT %(keep_source)s
    )
"""
"""Deletes the work of the tasks in `ended`, and schedules their originals for removal unless %(keep_source)s."""


async def finish(
    tx: Tx,
    *,
    id: UUID,
    status: TaskStatus,
    result: IngestResult | None = None,
    failure: TaskFailure | None = None,
    error: str | None = None,
    keep_source: bool = False,
) -> bool:
    """End a task, exactly once, and wake its waiters when the transaction commits.

    Args:
        keep_source: a document now refers to the ingestion's original; otherwise its file is scheduled for removal.

    Returns:
        False if the task had already ended; then nothing changes.
    """
    cur = await tx.execute(
        f"""
        WITH ended AS (
            UPDATE task SET status = %(status)s, result = coalesce(%(result)s, result), failure = %(failure)s,
                            error = %(error)s, finished_at = now()
            WHERE company_id = %(company_id)s AND id = %(id)s AND status IN ('pending', 'started')
            RETURNING id, node_id
        ), {_ENDED}
        SELECT pg_notify('lethe_task', id::text) FROM ended
        """,
        {
            "id": id,
            "status": status,
            "result": None if result is None else Jsonb(result),
            "failure": failure,
            "error": error,
            "keep_source": keep_source,
        },
    )
    return cur.rowcount == 1


async def succeed_all(tx: Tx, *, results: Mapping[UUID, IngestResult]) -> set[UUID]:
    """End ingestions that stored something, as `finish` does, each with its result; returns those that were open."""
    ended = await tx.values(
        f"""
        WITH ended AS (
            UPDATE task SET status = 'success', result = given.result, finished_at = now()
            FROM unnest(%(ids)s::uuid[], %(results)s::jsonb[]) AS given (id, result)
            WHERE company_id = %(company_id)s AND task.id = given.id AND status IN ('pending', 'started')
            RETURNING task.id, node_id
        ), {_ENDED}
        SELECT id, pg_notify('lethe_task', id::text) FROM ended
        """,
        {"ids": [*results], "results": [Jsonb(result) for result in results.values()], "keep_source": True},
    )
    return set(ended)


async def open_ingestions(tx: Tx, *, node_ids: Sequence[str]) -> list[UUID]:
    """The nodes' open ingestions, locked, sorted by batch: ending them in this order avoids deadlocks."""
    return await tx.values(
        """
        SELECT t.id FROM task t LEFT JOIN batch_member m ON m.company_id = t.company_id AND m.task_id = t.id
        WHERE t.company_id = %s AND t.node_id = ANY (%s) AND t.kind = 'ingest' AND t.status IN ('pending', 'started')
        ORDER BY m.batch_id, t.id FOR UPDATE OF t
        """,
        (tx.company_id, list(node_ids)),
    )


async def count_open_ingestions(tx: Tx) -> int:
    """How many of the company's ingestions have not ended."""
    found = await tx.value(
        "SELECT count(*) FROM task WHERE company_id = %s AND kind = 'ingest' AND finished_at IS NULL",
        (tx.company_id,),
    )
    return int(found or 0)


async def forget_results(tx: Tx, *, node_ids: Sequence[str]) -> None:
    """Remove names and metadata of erased documents from the results of the nodes' ended ingestions."""
    await tx.execute(
        f"""
        UPDATE task SET result = {_FORGOTTEN}, callback = callback - ARRAY['properties', 'webhook'],
                        error = CASE status WHEN 'failure' THEN '{DELETED}' ELSE error END,
                        attempt_name = NULL, attempt_collection = NULL
        WHERE company_id = %s AND node_id = ANY (%s) AND kind = 'ingest' AND finished_at IS NOT NULL
        """,
        (tx.company_id, list(node_ids)),
    )


async def note_callback_error(tx: Tx, *, id: UUID, error: str) -> None:
    """Record why an event of the task could not be delivered."""
    await tx.execute(
        "UPDATE task SET callback_error = %s WHERE company_id = %s AND id = %s", (error, tx.company_id, id)
    )


async def companies_with_ended(conn: Connection, *, seconds: float) -> list[str]:
    """The companies of which a task has ended within the last `seconds`."""
    return await conn.values(
        "SELECT DISTINCT company_id FROM task WHERE finished_at >= now() - make_interval(secs => %s)",
        (seconds,),
    )


async def delete_ended(conn: Connection, *, days: int) -> int:
    """Remove tasks that ended more than `days` ago and have no event, delivery or kept work; returns their number."""
    cur = await conn.execute(
        """
        DELETE FROM task t WHERE finished_at < now() - make_interval(days => %s)
          AND NOT EXISTS (SELECT FROM outbox o WHERE o.company_id = t.company_id AND o.task_id = t.id)
          AND NOT EXISTS (SELECT FROM webhook_delivery d WHERE d.company_id = t.company_id AND d.task_id = t.id)
          AND NOT EXISTS (SELECT FROM ingestion i WHERE i.company_id = t.company_id AND i.task_id = t.id)
        """,
        (days,),
    )
    return cur.rowcount
