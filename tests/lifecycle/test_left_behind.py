"""What a kill, a lost job or a broken connection leaves lying is taken up, so that every task ends.

Where a part of the server waits a minute before it acts, the test puts the time of the row back by two.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import LiteralString

import httpx
import psycopg
import pytest

from tests.client import Client, long_text
from tests.http.knowledge.knowledge import Knowledge
from tests.lifecycle.stored import ask, files, locked
from tests.server import Server
from tests.waiting import until

LISTENING: LiteralString = "FROM pg_stat_activity WHERE query LIKE 'LISTEN lethe%%'"


def company_id(server: Server, client: Client) -> str:
    ((id,),) = ask(server, "SELECT id FROM company WHERE name = %s", client.company)
    return str(id)


def test_a_task_whose_job_was_lost_gets_a_new_one_and_ends(server: Server, client: Client) -> None:
    client.ingest("old", "old")
    with server.worker_standing_still():
        ingestion, deletion = client.ingest_async("new", "new"), client.delete_async("old")
        for task_id in (ingestion, deletion):
            (_,) = ask(
                server, "DELETE FROM procrastinate_jobs WHERE args ->> 'task_id' = %s RETURNING id", task_id
            )
            ask(
                server,
                "UPDATE task SET created_at = created_at - interval '2 minutes' WHERE id = %s",
                task_id,
            )
    assert client.ended("ingest", ingestion)["task_status"] == "SUCCESS"
    assert client.ended("delete", deletion)["task_status"] == "SUCCESS"
    assert client.listed() == ["new"]
    assert len(files(server, client.company)) == 1


def test_a_task_whose_job_was_lost_on_its_way_to_the_worker_ends(server: Server, client: Client) -> None:
    with server.worker_standing_still():
        task_id = client.ingest_async("a", "text")
        # What a connection leaves that breaks with the answer to a fetch: the queue takes it for done by a worker.
        taken = ask(
            server,
            """
            UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)
            WHERE args ->> 'task_id' = %s RETURNING worker_id
            """,
            task_id,
        )
        assert len(taken) == 1
    assert client.ended("ingest", task_id)["task_status"] == "SUCCESS"
    assert client.text("a") == "text"


def test_a_file_whose_ingestion_was_never_submitted_is_removed(server: Server, client: Client) -> None:
    company = company_id(server, client)
    key = f"{company}/{'0123456789abcdef' * 2}"[: len(company) + 25]
    file = server.directory / "blobs" / key
    file.parent.mkdir(mode=0o700, exist_ok=True)
    file.write_text("uploaded, then the server was killed")
    ask(
        server,
        "INSERT INTO blob_removal (company_id, key, due_at) VALUES (%s, %s, now() - interval '1 second')",
        company,
        key,
    )
    until(lambda: not file.exists())
    until(lambda: ask(server, "SELECT FROM blob_removal WHERE key = %s", key) == [])


def breaks(server: Server, call: Future[httpx.Response]) -> bool:
    """End the sessions that wait for a lock, be they the worker's; True once the call has its answer."""
    ask(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    return call.done()


def has_stored_or_given_up(server: Server, client: Client, call: Future[httpx.Response]) -> bool:
    """True once a second file is there, or its caller was made to wait for so long that it is gone again."""
    return len(files(server, client.company)) == 2 or call.done()


def test_the_file_of_a_document_that_could_not_be_taken_in_is_removed_at_once(
    server: Server, client: Client
) -> None:
    """At both doors, the connection to the database breaks between the file and the commit."""
    kb = Knowledge(client)
    assert client.ingest("a", "old").status_code == 200
    document = {"title": "new", "markdown": "new"}
    for ask_for in (
        lambda: client.ingest("a", "new"),
        lambda: kb.call("POST", "/knowledge/documents", document),
    ):
        with psycopg.connect(server.superuser()) as conn, ThreadPoolExecutor(1) as pool:
            conn.execute("LOCK TABLE node IN EXCLUSIVE MODE")
            call = pool.submit(ask_for)
            until(partial(has_stored_or_given_up, server, client, call))
            until(partial(breaks, server, call))
            conn.rollback()
            assert call.result().status_code == 503
        until(lambda: len(files(server, client.company)) == 1)
    assert client.text("a") == "old"


def test_a_file_that_is_just_being_uploaded_is_left_alone(server: Server, client: Client) -> None:
    with server.worker_standing_still():
        task_id = client.ingest_async("a", "text")
    client.ended("ingest", task_id)
    assert ask(server, "SELECT FROM blob_removal WHERE company_id = %s", company_id(server, client)) == []
    assert len(files(server, client.company)) == 1


def test_a_deletion_that_was_cut_off_after_its_first_step_is_completed(
    server: Server, client: Client
) -> None:
    client.ingest("a", long_text(5))
    ask(
        server,
        """
        UPDATE node SET state = 'deleted', generation = generation + 1, deleted_at = now(),
                        purge_at = now() - interval '2 minutes'
        WHERE company_id = %s AND artifact = 'a'
        """,
        company_id(server, client),
    )
    assert client.text("a") is None
    until(lambda: files(server, client.company) == set())
    left = """
        SELECT node_id FROM chunk_text WHERE company_id = %(company)s
        UNION SELECT node_id FROM document WHERE company_id = %(company)s
        UNION SELECT id FROM node WHERE company_id = %(company)s AND kind = 'document'
    """
    until(lambda: ask(server, left, company=company_id(server, client)) == [])


def test_an_ingestion_goes_on_while_the_notifications_are_interrupted(server: Server, client: Client) -> None:
    with locked(server, "chunk_text"):
        task_id = client.ingest_async("a", long_text(5))
        until(lambda: client.task("ingest", task_id)["task_status"] == "STARTED")
        until(lambda: len(ask(server, f"SELECT {LISTENING}")) >= 2)
        ask(server, f"SELECT pg_terminate_backend(pid, 60000) {LISTENING}")
    assert client.ended("ingest", task_id)["task_status"] == "SUCCESS"
    assert client.text("a") == long_text(5)


@pytest.mark.parametrize("round", range(3))
def test_every_task_ends_when_the_database_ends_all_sessions(
    server: Server, client: Client, round: int
) -> None:
    texts = {f"a{i}": long_text(20, f"{round}{i}") for i in range(6)}
    tasks = [client.ingest_async(artifact, text) for artifact, text in texts.items()]
    until(
        lambda: ask(
            server, "SELECT FROM task WHERE id = ANY (%s) AND status <> 'pending'", tasks[: round + 1]
        )
    )
    ask(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'lethe_app'")
    for task_id in tasks:
        assert client.ended("ingest", task_id)["task_status"] == "SUCCESS"
    assert {artifact: client.text(artifact) for artifact in texts} == texts
