"""POST /delete and /delete/async: gone at once, for good, whatever was under way."""

import time
from uuid import UUID

import psycopg
import pytest

from tests.client import Client, long_text
from tests.http.holding import begun, nothing_is_stored
from tests.server import Server
from tests.waiting import until

TABLES = ["document", "document_part", "chunk_text", "chunk_lex", "chunk_vec", "ingestion", "node"]
NOT_THERE = {"detail": "Document not found in collection"}


def rows(server: Server, company: str) -> dict[str, int]:
    """Rows that a company has, by table; root folders not counted."""
    with psycopg.connect(server.superuser()) as conn:
        counts = {}
        for table in TABLES:
            extra = "AND kind = 'document'" if table == "node" else ""
            row = conn.execute(
                f"SELECT count(*) FROM {table} WHERE company_id = (SELECT id FROM company WHERE name = %s) {extra}",
                (company,),
            ).fetchone()
            assert row is not None
            counts[table] = int(row[0])
        return counts


def files(server: Server, company: str) -> list[str]:
    """Names of the files in the blob store that belong to a company."""
    with psycopg.connect(server.superuser()) as conn:
        row = conn.execute("SELECT id FROM company WHERE name = %s", (company,)).fetchone()
        assert row is not None
    folder = server.directory / "blobs" / str(row[0])
    return sorted(p.name for p in folder.iterdir()) if folder.exists() else []


def test_a_deleted_document_is_gone_with_all_its_rows_and_its_file(server: Server, client: Client) -> None:
    client.ingest("a", long_text(5))
    assert all(rows(server, client.company)[t] for t in TABLES if t != "ingestion")
    assert len(files(server, client.company)) == 1
    answer = client.delete("a")
    assert (answer.status_code, answer.json()) == (200, None)
    assert set(rows(server, client.company).values()) == {0}
    assert files(server, client.company) == []
    assert client.listed() == []
    assert client.text("a") is None


def test_a_document_that_is_not_there_is_a_404(client: Client) -> None:
    answer = client.delete("nothing")
    assert (answer.status_code, answer.json()) == (404, NOT_THERE)
    client.ingest("a", "x")
    client.delete("a")
    assert client.delete("a").status_code == 404


def test_a_document_of_another_company_is_not_there(server: Server, client: Client) -> None:
    client.ingest("a", "x")
    assert server.client().delete("a").status_code == 404
    assert client.text("a") == "x"


def test_from_the_answer_of_delete_async_on_the_document_is_invisible(server: Server, client: Client) -> None:
    client.ingest("a", long_text(20))
    task_id = client.delete_async("a")
    assert client.listed() == []
    assert client.text("a") is None
    UUID(task_id)
    assert client.ended("delete", task_id) == {
        "task_id": task_id,
        "task_status": "SUCCESS",
        "task_result": None,
    }
    assert set(rows(server, client.company).values()) == {0}
    assert files(server, client.company) == []


def test_delete_async_of_what_is_not_there_gives_a_task_that_fails(client: Client) -> None:
    task = client.ended("delete", client.delete_async("nothing"))
    assert (task["task_status"], task["task_result"]) == ("FAILURE", "Document not found in collection")


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.8, 1.2])
def test_a_deletion_wins_over_a_running_ingestion(server: Server, client: Client, delay: float) -> None:
    ingestion = client.ingest_async("a", long_text(300, str(delay)))
    if delay:
        go_on_for(delay)
    task_id = client.delete_async("a")
    assert task_id != "revoked"
    assert client.text("a") is None
    assert client.ended("delete", task_id)["task_status"] == "SUCCESS"
    assert client.ended("ingest", ingestion)["task_status"] in ("REVOKED", "SUCCESS")
    assert client.listed() == []
    until(lambda: set(rows(server, client.company).values()) == {0})
    until(lambda: files(server, client.company) == [])


def go_on_for(seconds: float) -> None:
    """Let the server go on for a while: the moment of the deletion is the test's parameter."""
    time.sleep(seconds)


def test_a_name_can_be_used_again_after_a_deletion(client: Client) -> None:
    for i in range(3):
        client.ingest("a", f"version {i}")
        task_id = client.delete_async("a")
        assert client.ingest("a", f"again {i}").status_code == 200
        assert client.ended("delete", task_id)["task_status"] == "SUCCESS"
        assert client.text("a") == f"again {i}"


def test_a_later_ingestion_does_not_cancel_a_deletion(server: Server, client: Client) -> None:
    client.ingest("a", "erase me: unicorn")
    task_id = client.delete_async("a")
    client.ingest("a", "new")
    client.ended("delete", task_id)
    with psycopg.connect(server.superuser()) as conn:
        row = conn.execute("SELECT count(*) FROM chunk_text WHERE text LIKE '%unicorn%'").fetchone()
    assert row == (0,)
    assert client.text("a") == "new"


def test_the_result_of_an_ingestion_forgets_the_metadata_of_what_was_erased(client: Client) -> None:
    task_id = client.ingest_async("secret name", "x")
    assert client.ended("ingest", task_id)["task_result"]["data"]
    client.delete("secret name")
    assert client.task("ingest", task_id)["task_result"]["data"] == []


def test_a_document_can_be_deleted_in_each_state(server: Server, client: Client) -> None:
    failed = client.ingest_async("failed", " ")
    client.ended("ingest", failed)
    assert client.delete("failed").status_code == 200
    assert client.delete("failed").status_code == 404
    with nothing_is_stored(server):
        running = begun(client, client.ingest_async("running", "The stone."))
        deletion = client.delete_async("running")
        assert client.task("ingest", running)["task_status"] == "REVOKED"
    assert client.ended("delete", deletion)["task_status"] == "SUCCESS"
    assert set(rows(server, client.company).values()) == {0}
