"""POST /ingest while its caller waits: what the server holds meanwhile, and what a caller who leaves leaves behind."""

import json
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import psutil
import psycopg

from tests.client import Client, body
from tests.lifecycle.stored import ask
from tests.server import Server
from tests.waiting import until

MIB = 1024 * 1024


def statuses(server: Server, client: Client) -> list[str]:
    """The statuses of the company's ingestions that are not done, in the order of their making."""
    found = ask(
        server,
        """
        SELECT t.status::text FROM task t JOIN company c ON c.id = t.company_id
        WHERE c.name = %s AND t.status <> 'success' ORDER BY t.created_at
        """,
        client.company,
    )
    return [str(status) for (status,) in found]


def test_a_document_is_not_held_in_memory_while_its_ingestion_is_waited_for(
    server: Server, client: Client
) -> None:
    api = psutil.Process(server.pid)
    before = api.memory_info().rss
    with server.worker_standing_still(), ThreadPoolExecutor(1) as pool:
        call = pool.submit(client.ingest, "large", "The stone keeps it.\n" * (64 * MIB // 20))
        until(lambda: statuses(server, client) == ["pending"])
        try:
            until(lambda: api.memory_info().rss - before < 32 * MIB)
        finally:
            client.delete_async("large")
    assert call.result().status_code == 409


def test_a_caller_who_leaves_while_the_database_is_away_revokes_its_ingestion(
    server: Server, client: Client
) -> None:
    client.ingest("a", "old")
    caller = HTTPConnection(server.url.removeprefix("http://"))
    with server.worker_standing_still(), psycopg.connect(server.superuser()) as conn:
        caller.request(
            "POST",
            "/v1/artifacts/ingest",
            json.dumps(body("a", "new")),
            {"Authorization": f"Bearer {client.token}"},
        )
        until(lambda: statuses(server, client) == ["pending"])
        conn.execute("SELECT FROM node WHERE artifact = 'a' FOR UPDATE")
        caller.close()
        # The connection on which the ingestion is just being revoked breaks.
        until(
            lambda: ask(
                server,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
            )
        )
        conn.rollback()
        until(lambda: statuses(server, client) == ["revoked"])
    assert client.ended("ingest", client.ingest_async("b", "text"))["task_status"] == "SUCCESS"
    assert client.text("a") == "old"
