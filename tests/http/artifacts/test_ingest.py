"""POST /ingest and /ingest/async: what comes in is stored, once, and is what comes out."""

import base64
import hashlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.client import Client, body
from tests.http.holding import begun, nothing_is_stored
from tests.server import Server
from tests.waiting import PATIENCE_SECONDS, until


def test_an_ingested_text_is_listed_and_read_back(client: Client) -> None:
    answer = client.ingest("a", "# Título\n\nHola, señor.\n", metadata={"year": 2026, "file_name": "a.md"})
    assert answer.status_code == 200
    entry = answer.json()["data"][0]
    assert answer.json()["object"] == "list"
    assert answer.json()["model"] == "private-gpt"
    assert entry["object"] == "ingest.document"
    assert entry["artifact"] == "a"
    assert entry["doc_metadata"] == {
        "year": 2026,
        "file_name": "a.md",
        "collection": "c",
        "artifact_id": "a",
        "file_type": "md",
        "hash": hashlib.sha256("# Título\n\nHola, señor.\n".encode()).hexdigest(),
    }
    assert client.get("/list", collection="c").json() == answer.json()
    assert client.text("a") == "# Título\n\nHola, señor.\n"


def test_the_collection_has_a_default(client: Client) -> None:
    assert (
        client.post("/ingest", {"artifact": "a", "input": {"type": "text", "value": "x"}}).status_code == 200
    )
    assert client.listed("pgpt_collection") == ["a"]


def test_the_same_input_again_does_nothing(client: Client) -> None:
    assert len(client.ingest("a", "same", metadata={"k": 1}).json()["data"]) == 1
    assert client.ingest("a", "same", metadata={"k": 1}).json()["data"] == []
    assert client.ended("ingest", client.ingest_async("a2", "other"))["task_status"] == "SUCCESS"
    assert client.listed() == ["a", "a2"]


def test_the_same_content_with_other_metadata_is_stored_again(client: Client) -> None:
    client.ingest("a", "same", metadata={"k": 1})
    assert client.ingest("a", "same", metadata={"k": 2}).json()["data"][0]["doc_metadata"]["k"] == 2


def test_the_same_content_under_another_artifact_is_another_document(client: Client) -> None:
    client.ingest("a", "same")
    assert len(client.ingest("b", "same").json()["data"]) == 1
    client.delete("a")
    assert client.text("b") == "same"


def test_other_content_replaces_the_document(client: Client) -> None:
    client.ingest("a", "one")
    assert client.ingest("a", "two").json()["data"][0]["artifact"] == "a"
    assert client.text("a") == "two"
    assert client.listed() == ["a"]


def test_while_a_document_is_replaced_readers_see_old_or_new_never_both_or_neither(
    server: Server, client: Client
) -> None:
    client.ingest("a", "old " * 2000)
    seen: set[str | None] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            text = client.text("a")
            seen.add(text[:3] if text else None)
            assert client.listed() == ["a"]

    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read)
        try:
            for i in range(3):
                other = server.client_of(client.token, client.company)
                assert other.ingest("a", f"new{i} " * 2000).status_code == 200
        finally:
            done.set()
    reading.result()
    assert seen <= {"old", "new"}


@pytest.mark.parametrize(
    "text", ["", "   \n\n \t", "\n", "---", "#", "```\n\n```", "\u200b", "\ufeff", "| |\n|-|"]
)
def test_content_without_text_is_refused_and_leaves_no_document(client: Client, text: str) -> None:
    answer = client.ingest("empty", text)
    assert answer.status_code == 400
    assert answer.json()["detail"] in ("'empty' is empty.", "'empty' has no text.")
    assert client.listed() == []
    assert client.text("empty") is None


def test_a_failed_replacement_leaves_the_old_content(client: Client) -> None:
    client.ingest("a", "good")
    bad = body("a", "", metadata={"file_name": "a.pdf"})
    bad["input"] = {"type": "file", "value": base64.b64encode(b"%PDF-1.7 broken").decode()}
    assert client.post("/ingest", bad).status_code == 400
    assert client.text("a") == "good"


def test_a_refusal_names_a_document_without_a_file_name_by_its_artifact(client: Client) -> None:
    bad = body("report", "")
    bad["input"] = {"type": "file", "value": base64.b64encode(b"%PDF-1.7 broken").decode()}
    answer = client.post("/ingest", bad)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("'report' is damaged")


def test_a_file_is_taken_as_base64(client: Client) -> None:
    data = "ünï,cödé\n1,2\n".encode()
    sent = body("table", "", metadata={"file_name": "t.csv"})
    sent["input"] = {"type": "file", "value": base64.b64encode(data).decode()}
    answer = client.post("/ingest", sent)
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"][0]["doc_metadata"]["file_type"] == "csv"
    assert "cödé" in str(client.text("table"))


@pytest.mark.parametrize("value", ["not base64!", "eA", "e A==", "eA==\n", 7, None, "é"])
def test_base64_that_is_not_strict_is_a_422(client: Client, value: object) -> None:
    sent = body("f", "")
    sent["input"] = {"type": "file", "value": value}
    for path, json_body in (("/ingest", sent), ("/ingest/async", {"ingest_body": sent})):
        answer = client.post(path, json_body)
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"][-1] == "value"


def test_a_file_is_taken_as_a_form(client: Client) -> None:
    answer = client.http.post(
        "/v1/artifacts/ingest",
        files={"file": ("política.md", "# Política\n\nDevoluciones.".encode())},
        data={"collection": "c", "metadata": json.dumps({"lang": "es"})},
    )
    assert answer.status_code == 200, answer.text
    entry = answer.json()["data"][0]
    assert entry["artifact"] == "política.md"
    assert entry["doc_metadata"]["lang"] == "es"
    assert entry["doc_metadata"]["file_type"] == "md"


def test_a_form_that_breaks_off_is_refused(client: Client) -> None:
    answer = client.http.post(
        "/v1/artifacts/ingest",
        content=b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhalf',
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert answer.status_code in (400, 422)
    assert client.listed() == []


def test_a_data_uri_is_fetched(client: Client) -> None:
    sent = body("d", "", metadata={"file_name": "d.txt"})
    sent["input"] = {"type": "uri", "value": "data:text/plain;base64,aG9sYQ=="}
    assert client.post("/ingest", sent).status_code == 200
    assert client.text("d") == "hola"
    assert client.post("/ingest", sent).json()["data"] == []


def test_a_task_goes_from_pending_to_success_with_the_answer_of_ingest(client: Client) -> None:
    task = client.ended("ingest", client.ingest_async("a", "text"))
    assert task["task_status"] == "SUCCESS"
    assert task["task_result"]["data"][0]["artifact"] == "a"
    assert client.text("a") == "text"


def test_a_failed_task_says_why_in_one_sentence(client: Client) -> None:
    task = client.ended("ingest", client.ingest_async("a", " \n "))
    assert task["task_status"] == "FAILURE"
    assert "no text" in task["task_result"] or "empty" in task["task_result"]


@pytest.mark.parametrize("task_id", ["revoked", "x", "00000000-0000-4000-8000-000000000000", "%00"])
def test_a_task_that_is_not_there_is_a_404(client: Client, task_id: str) -> None:
    for kind in ("ingest", "delete"):
        answer = client.get(f"/{kind}/async/{task_id}")
        assert (answer.status_code, answer.json()) == (404, {"detail": "Task with specified ID not found"})


def test_a_task_of_the_other_kind_or_company_is_a_404(server: Server, client: Client) -> None:
    task_id = client.ingest_async("a", "text")
    assert client.get(f"/delete/async/{task_id}").status_code == 404
    assert server.client().get(f"/ingest/async/{task_id}").status_code == 404


def test_a_newer_ingestion_revokes_the_one_under_way(server: Server, client: Client) -> None:
    with nothing_is_stored(server):
        first = begun(client, client.ingest_async("a", "first"))
        second = client.ingest_async("a", "second")
        assert client.task("ingest", first) == {
            "task_id": first,
            "task_status": "REVOKED",
            "task_result": None,
        }
    assert client.ended("ingest", second)["task_status"] == "SUCCESS"
    assert client.text("a") == "second"


def test_a_client_that_goes_away_revokes_its_ingestion(server: Server, client: Client) -> None:
    caller = HTTPConnection(server.url.removeprefix("http://"), timeout=PATIENCE_SECONDS)
    with nothing_is_stored(server):
        sent = json.dumps(body("left", "The stone."))
        caller.request("POST", "/v1/artifacts/ingest", sent, {"Authorization": f"Bearer {client.token}"})
        until(lambda: tasks(client))
        (task,) = tasks(client)
        begun(client, task["id"])
        caller.close()
        until(lambda: tasks(client)[0]["status"] == "revoked")
    client.ended("ingest", client.ingest_async("after", "The river."))
    assert client.listed() == ["after"]


def tasks(client: Client) -> list[dict[str, Any]]:
    """The company's tasks."""
    found: list[dict[str, Any]] = client.http.get("/v1/tasks").json()["items"]
    return found


def test_four_clients_write_to_one_collection_and_nothing_is_missing(server: Server, client: Client) -> None:
    failures: list[str] = []

    def write(worker: int) -> None:
        own = server.client_of(client.token, client.company)
        for i in range(6):
            answer = own.ingest(f"{worker}-{i}", f"text {worker} {i}")
            if answer.status_code != 200:
                failures.append(answer.text)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(client.listed()) == sorted(f"{w}-{i}" for w in range(4) for i in range(6))
