"""A document that was never stored leaves the sentence of its failure, and an erasure of its name takes that too."""

from typing import Any

import httpx
import pytest

from tests.client import Client
from tests.lifecycle.receiver import Receiver
from tests.lifecycle.stored import ask
from tests.server import Server
from tests.services import RabbitMQ

DAMAGED = {"type": "file", "value": "AAAA"}


def body(artifact: str = "cv") -> dict[str, Any]:
    return {
        "artifact": artifact,
        "collection": "c",
        "metadata": {"file_name": "john-doe.docx"},
        "input": DAMAGED,
    }


def failed(client: Client) -> str:
    """The task of a first ingestion that has failed."""
    task_id = str(client.post("/ingest/async", {"ingest_body": body()}).json()["task_id"])
    assert "john-doe" in client.ended("ingest", task_id)["task_result"]
    return task_id


def receipts(client: Client) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.http.get("/v1/receipts").json()["items"]
    return items


def test_deleting_a_document_that_was_never_stored_forgets_its_failures(
    client: Client, server: Server
) -> None:
    tasks = [failed(client), failed(client)]
    assert client.listed() == []
    answer = client.delete("cv")
    assert answer.status_code == 200
    for task_id in tasks:
        told = client.task("ingest", task_id)
        assert told["task_status"] == "FAILURE"
        assert "john-doe" not in told["task_result"]
    (receipt,) = receipts(client)
    assert answer.headers["Lethe-Receipt"] == receipt["id"]
    assert (receipt["erased"]["documents"], receipt["erased"]["without_content"]) == (2, 2)
    assert client.delete("cv").status_code == 404
    rows = ask(
        server,
        "SELECT t::text FROM task t JOIN company c ON c.id = t.company_id WHERE c.name = %s",
        client.company,
    )
    assert "john-doe" not in str(rows)


def test_deleting_it_by_a_task_does_the_same(client: Client) -> None:
    task_id = failed(client)
    deletion = client.delete_async("cv")
    assert client.ended("delete", deletion)["task_status"] == "SUCCESS"
    assert "john-doe" not in client.task("ingest", task_id)["task_result"]
    assert len(receipts(client)) == 1


def test_failures_before_the_document_was_stored_go_with_it(client: Client) -> None:
    task_id = failed(client)
    assert client.ingest("cv", "the text").status_code == 200
    assert client.delete("cv").status_code == 200
    assert "john-doe" not in client.task("ingest", task_id)["task_result"]
    (receipt,) = receipts(client)
    assert (receipt["erased"]["documents"], receipt["erased"]["without_content"]) == (2, 1)


def test_failures_under_another_name_stay(client: Client) -> None:
    task_id = failed(client)
    assert client.delete("other").status_code == 404
    assert "john-doe" in client.task("ingest", task_id)["task_result"]


def test_erasing_a_collection_by_filter_forgets_its_failures(client: Client) -> None:
    task_id = failed(client)
    client.ingest("other", "text")
    asked = {"filter": {"collection": "c"}, "mode": "erase"}
    assert client.http.post("/v1/knowledge/deletions", json=asked).status_code == 202
    assert "john-doe" not in client.task("ingest", task_id)["task_result"]


def test_a_refusal_that_was_kept_for_its_key_is_forgotten(client: Client, server: Server) -> None:
    def send() -> httpx.Response:
        return client.http.post("/v1/artifacts/ingest", json=body(), headers={"Idempotency-Key": "k"})

    assert "john-doe" in send().text
    assert client.delete("cv").status_code == 200
    assert "john-doe" not in send().text
    rows = ask(
        server,
        "SELECT i.body FROM idempotency i JOIN company c ON c.id = i.company_id WHERE c.name = %s",
        client.company,
    )
    assert rows == [(None,)]


@pytest.mark.parametrize("times", [1, 2])
async def test_an_erased_failure_was_told_once(client: Client, rabbitmq: RabbitMQ, times: int) -> None:
    receiver = await Receiver.bound(rabbitmq.url)
    asked = {"ingest_body": body(), "callback": receiver.callback()}
    task_id = client.post("/ingest/async", asked).json()["task_id"]
    await receiver.read_to_end(task_id)
    for _ in range(times):
        client.delete("cv")
    errors = {e.event_id for e in receiver.events if "error" in str(e.body) and e.body["error"]}
    assert len(errors) == 1
