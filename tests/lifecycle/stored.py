"""What a server really holds: its tables as a superuser sees them, and the files of its blob store."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from tests.server import Server

NOT_WHOLE: dict[str, LiteralString] = {
    "rows without a document": """
        SELECT r.kind, r.node_id FROM (
            SELECT 'part' AS kind, company_id, node_id FROM document_part
            UNION SELECT 'text', company_id, node_id FROM chunk_text
            UNION SELECT 'words', company_id, node_id FROM chunk_lex
            UNION SELECT 'vector', company_id, node_id FROM chunk_vec
        ) r WHERE NOT EXISTS (SELECT FROM document d WHERE (d.company_id, d.node_id) = (r.company_id, r.node_id))
    """,
    "live nodes without a document": """
        SELECT n.artifact, n.id FROM node n WHERE n.state = 'live' AND n.kind = 'document'
        AND NOT EXISTS (SELECT FROM document d WHERE (d.company_id, d.node_id) = (n.company_id, n.id))
    """,
    "documents whose text is not all there": """
        SELECT d.node_id, d.characters FROM document d WHERE d.characters <>
            (SELECT sum(length(p.text)) FROM document_part p
             WHERE (p.company_id, p.node_id) = (d.company_id, d.node_id))
    """,
}
"""Nothing of this is ever there."""

_LOOSE_ENDS: dict[str, LiteralString] = NOT_WHOLE | {
    "documents whose node is not live": """
        SELECT n.state, n.artifact FROM document d
        JOIN node n ON (n.company_id, n.id) = (d.company_id, d.node_id) WHERE n.state <> 'live'
    """,
    "documents whose chunks are not all there": """
        SELECT d.node_id, d.chunks FROM document d WHERE d.chunks <> ALL (ARRAY[
            (SELECT count(*) FROM chunk_text c WHERE (c.company_id, c.node_id) = (d.company_id, d.node_id)),
            (SELECT count(*) FROM chunk_lex c WHERE (c.company_id, c.node_id) = (d.company_id, d.node_id)),
            (SELECT count(*) FROM chunk_vec c WHERE (c.company_id, c.node_id) = (d.company_id, d.node_id))])
    """,
    "deleted nodes": "SELECT artifact, id FROM node WHERE state = 'deleted'",
    "pending nodes": "SELECT artifact, id FROM node WHERE state = 'pending' AND kind = 'document'",
    "open tasks": "SELECT kind, id FROM task WHERE finished_at IS NULL",
    "work of tasks that have ended": "SELECT 'ingestion', task_id FROM ingestion",
    "events": "SELECT body ->> 'type', task_id FROM outbox",
    "jobs": "SELECT task_name, status FROM jobs.procrastinate_jobs",
    "keys to be removed": "SELECT key, due_at FROM blob_removal",
}
"""Nothing of this is there when the server is at rest."""


def loose_ends(server: Server) -> dict[str, list[Any]]:
    """All that a server at rest should not hold, in the database and in the blob store; empty when it is well."""
    found: dict[str, list[Any]] = {}
    with psycopg.connect(server.superuser()) as conn:
        for what, statement in _LOOSE_ENDS.items():
            found[what] = conn.execute(statement).fetchall()
        named = {
            str(row[0]) for row in conn.execute("SELECT blob_key FROM document WHERE blob_key IS NOT NULL")
        }
    stored = files(server)
    found["files that no document names"] = sorted(stored - named)
    found["files that are gone"] = sorted(named - stored)
    return {what: rows for what, rows in found.items() if rows}


def files(server: Server, company: str | None = None) -> set[str]:
    """Keys of the files in the blob store, half-written ones included; of one company, or of all."""
    root = server.directory / "blobs"
    folder = root
    if company is not None:
        ((id,),) = ask(server, "SELECT id FROM company WHERE name = %s", company)
        folder = root / id
    return {str(path.relative_to(root)) for path in below(folder)}


def scratch_files(server: Server) -> list[str]:
    """Files that work under way has left on disk, but for the lock of a worker that is alive."""
    return [str(path) for path in below(server.directory / "scratch") if path.name != "lock"]


def below(folder: Path) -> Iterator[Path]:
    """All files below a folder. Its folders may come and go meanwhile, which `rglob` does not bear."""
    for parent, _, names in os.walk(folder):
        yield from (Path(parent, name) for name in names)


def ask(server: Server, statement: LiteralString, *params: object, **named: object) -> list[tuple[Any, ...]]:
    """The rows of a statement, as a role that sees all."""
    with psycopg.connect(server.superuser(), options="-c search_path=public,jobs") as conn:
        cursor = conn.execute(statement, named or params)
        return [] if cursor.rownumber is None else cursor.fetchall()


@contextmanager
def locked(server: Server, table: LiteralString) -> Iterator[None]:
    """Nobody writes to a table while the block runs. Who wants to gives up after some seconds, and tries again."""
    with psycopg.connect(server.superuser()) as conn:
        conn.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        yield


def without_autovacuum(server: Server) -> None:
    """From now on nobody but the test moves what is dead in this server's tables, or changes their size."""
    with psycopg.connect(server.superuser(), autocommit=True) as conn:
        conn.execute("ALTER SYSTEM SET autovacuum = off")
        conn.execute("SELECT pg_reload_conf()")


_TIMES: tuple[LiteralString, ...] = (
    "UPDATE jobs.procrastinate_workers SET last_heartbeat = last_heartbeat - %(by)s",
    "UPDATE jobs.procrastinate_jobs SET scheduled_at = scheduled_at - %(by)s WHERE scheduled_at IS NOT NULL",
    "UPDATE worker_alive SET seen_at = seen_at - %(by)s",
    "UPDATE outbox SET due_at = due_at - %(by)s, created_at = created_at - %(by)s",
    "UPDATE webhook_delivery SET due_at = due_at - %(by)s, first_tried_at = first_tried_at - %(by)s",
    "UPDATE blob_removal SET due_at = due_at - %(by)s",
    "UPDATE node SET purge_at = purge_at - %(by)s, deleted_at = deleted_at - %(by)s WHERE purge_at IS NOT NULL",
    "UPDATE task SET created_at = created_at - %(by)s, finished_at = finished_at - %(by)s",
    "UPDATE rate_window SET window_start = window_start - %(by)s",
)


def step_clock(server: Server, seconds: float) -> None:
    """Let the database's clock jump: all times that it has noted are so much longer ago, or less long.

    Nothing in Lethe compares a time with another clock than the database's.
    """
    path = "-c search_path=public,jobs"
    with psycopg.connect(server.superuser(), options=path, autocommit=True) as conn:
        for statement in _TIMES:
            while True:
                with suppress(psycopg.errors.DeadlockDetected):  # it meets the server at its work
                    conn.execute(statement, {"by": timedelta(seconds=seconds)})
                    break
