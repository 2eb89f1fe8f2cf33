"""What a server holds once it is quiet, in its tables and in its blob store."""

import json
import time
from dataclasses import dataclass, field
from typing import LiteralString

import psycopg

from tests.lifecycle.receiver import Event
from tests.lifecycle.stored import NOT_WHOLE, files, step_clock
from tests.server import Server
from tests.torture.history import words_in
from tests.waiting import PATIENCE_SECONDS

QUIET_SECONDS = 2 * PATIENCE_SECONDS

_BUSY: dict[str, LiteralString] = {
    "open tasks": "SELECT kind, status, id, node_id FROM task WHERE finished_at IS NULL",
    "jobs": "SELECT task_name, status, attempts, args FROM jobs.procrastinate_jobs",
    "events": "SELECT body ->> 'type', task_id, due_at - now(), attempt FROM outbox",
    "files to be removed": "SELECT key, due_at - now() FROM blob_removal",
    "erasures without a receipt": "SELECT id, subject_kind, requested_at FROM erasure",
    "erased nodes": "SELECT id, kind FROM node WHERE state = 'deleted' AND deleted_with IS NULL",
    "pending nodes": "SELECT id, kind FROM node WHERE state = 'pending'",
    "live documents out of the indexes": """
        SELECT d.node_id FROM document d JOIN node n ON (n.company_id, n.id) = (d.company_id, d.node_id)
        WHERE n.state = 'live' AND NOT d.indexed
    """,
    "trashed documents in the indexes": """
        SELECT d.node_id FROM document d JOIN node n ON (n.company_id, n.id) = (d.company_id, d.node_id)
        WHERE n.state = 'deleted' AND d.indexed
    """,
}
"""What comes to an end by itself."""

_WRONG: dict[str, LiteralString] = NOT_WHOLE | {
    "documents without a node": """
        SELECT d.node_id FROM document d
        WHERE NOT EXISTS (SELECT FROM node n WHERE (n.company_id, n.id) = (d.company_id, d.node_id))
    """,
    "documents whose chunks are not all there, or all gone": """
        SELECT d.node_id, d.chunks, d.indexed FROM document d
        WHERE CASE WHEN d.indexed THEN d.chunks ELSE 0 END <> ALL (ARRAY[
            (SELECT count(*) FROM chunk_text c WHERE (c.company_id, c.node_id) = (d.company_id, d.node_id)),
            (SELECT count(*) FROM chunk_lex c WHERE (c.company_id, c.node_id) = (d.company_id, d.node_id)),
            (SELECT count(*) FROM chunk_vec c WHERE (c.company_id, c.node_id) = (d.company_id, d.node_id))])
    """,
    "work that nobody needs": """
        SELECT i.task_id FROM ingestion i JOIN task t ON (t.company_id, t.id) = (i.company_id, i.task_id)
        LEFT JOIN node n ON (n.company_id, n.id) = (t.company_id, t.node_id)
        WHERE n.id IS NULL OR NOT i.kept OR n.state <> 'deleted'
    """,
}

_TEXTS: tuple[LiteralString, ...] = (
    "SELECT node_id, tsv::text FROM chunk_lex",
    "SELECT node_id, metadata::text FROM document",
    "SELECT id, title FROM node",
    "SELECT coalesce(node_id, ''), result::text FROM task WHERE result IS NOT NULL",
    "SELECT coalesce(t.node_id, ''), i.metadata::text FROM ingestion i JOIN task t ON t.id = i.task_id",
    "SELECT '', body::text FROM outbox",
)
"""Where more of a document's text may be, with its node."""

_CONTENTS: tuple[LiteralString, ...] = (
    "SELECT node_id, text FROM document_part",
    "SELECT node_id, text FROM chunk_text",
)


@dataclass(slots=True)
class End:
    """A server at rest.

    Args:
        busy: what should have come to an end and has not, by what it is.
        wrong: what should never be there.
        words: the words of writes in each node's rows; "" for rows without a node.
        contents: the words of writes in each document's text and chunks.
        words_in_files: the words of writes in the blob store.
        originals: those in the files that documents name; the others wait for an ingestion.
        receipts: the ids of all receipts.
        broken_chains: what `lethe receipts verify` says of the companies whose receipts do not hold.
        events: the callback events, in the order of their arrival.
    """

    busy: dict[str, list[object]]
    wrong: dict[str, list[object]]
    words: dict[str, set[str]]
    contents: dict[str, set[str]]
    words_in_files: set[str]
    originals: set[str]
    events: list[Event]
    receipts: list[str] = field(default_factory=list)
    broken_chains: dict[str, str] = field(default_factory=dict)


def until_quiet(server: Server) -> dict[str, list[object]]:
    """Wait until nothing is under way, as if the hour had passed for which files wait; what is left after that."""
    step_clock(server, 3700)
    deadline = time.monotonic() + QUIET_SECONDS
    while (busy := _ask(server, _BUSY)) and time.monotonic() < deadline:
        time.sleep(0.5)
    return busy


def look(server: Server, busy: dict[str, list[object]], events: list[Event], companies: list[str]) -> End:
    """What is there, of all companies, and the receipts of these."""
    wrong = _ask(server, _WRONG)
    with psycopg.connect(server.superuser()) as conn:
        words, contents = _words(conn, _TEXTS + _CONTENTS), _words(conn, _CONTENTS)
        documents, ingestions = (
            {str(row[0]) for row in conn.execute(statement)}
            for statement in (
                "SELECT blob_key FROM document WHERE blob_key IS NOT NULL",
                "SELECT blob_key FROM ingestion WHERE blob_key IS NOT NULL",
            )
        )
    stored, named = files(server), documents | ingestions
    if lost := sorted(named - stored):
        wrong["files that are gone"] = list(lost)
    if extra := sorted(stored - named):
        wrong["files that nobody names"] = list(extra)
    end = End(
        busy,
        wrong,
        words,
        contents,
        words_in_files=_in_files(server, stored),
        originals=_in_files(server, documents & stored),
        events=events,
    )
    for company in companies:
        _read_receipts(server, company, end)
    return end


def _in_files(server: Server, keys: set[str]) -> set[str]:
    return words_in((server.directory / "blobs" / key).read_text(errors="replace") for key in keys)


def _words(conn: psycopg.Connection, statements: tuple[LiteralString, ...]) -> dict[str, set[str]]:
    words: dict[str, set[str]] = {}
    for statement in statements:
        for node, text in conn.execute(statement):
            words.setdefault(node, set()).update(words_in([text]))
    return words


def _read_receipts(server: Server, company: str, end: End) -> None:
    file = server.directory / f"{company}.jsonl"
    file.write_text(server.command("receipts", "export", "--company", company).stdout)
    links = [json.loads(line) for line in file.read_text().splitlines()]
    end.receipts += [link["id"] for link in links if link["kind"] == "erasure"]
    verified = server.command("receipts", "verify", str(file), check=False)
    if verified.returncode != 0:
        end.broken_chains[company] = verified.stdout + verified.stderr


def _ask(server: Server, statements: dict[str, LiteralString]) -> dict[str, list[object]]:
    with psycopg.connect(server.superuser()) as conn:
        found: dict[str, list[object]] = {
            what: [*conn.execute(statement)] for what, statement in statements.items()
        }
    return {what: rows for what, rows in found.items() if rows}
