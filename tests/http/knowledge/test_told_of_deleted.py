"""What was asked for before a deletion tells nothing of the document after it."""

from collections.abc import Callable

import pytest

from tests.http.knowledge.knowledge import Knowledge
from tests.lifecycle.stored import ask
from tests.server import Server

WAYS: dict[str, Callable[[Knowledge, str], object]] = {
    "trash": lambda kb, node: kb.delete(node),
    "trash by filter": lambda kb, _: by_filter(kb, "trash"),
    "erasure by filter": lambda kb, _: by_filter(kb, "erase"),
    "erasure": lambda kb, _: kb.artifacts.delete("cv.md"),
    "erasure by a task": lambda kb, _: kb.artifacts.delete_async("cv.md"),
}


def by_filter(kb: Knowledge, mode: str) -> None:
    kb.call("POST", "/knowledge/deletions", {"filter": {"collection": "c"}, "mode": mode})


@pytest.mark.parametrize("way", WAYS)
def test_the_task_of_a_deleted_document_tells_nothing_of_it(kb: Knowledge, server: Server, way: str) -> None:
    body = {"artifact": "cv.md", "collection": "c", "metadata": {"diagnosis": "SECRET"}}
    text = {"input": {"type": "text", "value": "the quick brown fox"}}
    task = kb.artifacts.post("/ingest/async", {"ingest_body": {**body, **text}}).json()["task_id"]
    told = kb.artifacts.ended("ingest", task)["task_result"]
    assert told["data"][0]["doc_metadata"]["diagnosis"] == "SECRET"
    ((node,),) = [[n["id"] for n in item["children"]] for item in kb.tree()]
    with server.worker_standing_still():
        WAYS[way](kb, node)
        task_now = kb.artifacts.task("ingest", task)
    assert task_now["task_status"] == "SUCCESS"
    assert task_now["task_result"]["data"] == []


def test_a_document_that_is_restored_is_told_of_again(kb: Knowledge) -> None:
    task = kb.artifacts.ingest_async("a", "text")
    told = kb.artifacts.ended("ingest", task)["task_result"]
    ((node,),) = [[n["id"] for n in item["children"]] for item in kb.tree()]
    kb.delete(node)
    assert kb.artifacts.task("ingest", task)["task_result"]["data"] == []
    kb.restore(node)
    assert kb.artifacts.task("ingest", task)["task_result"] == told


def test_the_sentence_of_a_failed_ingestion_goes_with_its_document(kb: Knowledge) -> None:
    kb.artifacts.ingest("a", "text")
    body = {"artifact": "a", "collection": "c", "metadata": {"file_name": "secret-name.docx"}}
    bad = {"input": {"type": "file", "value": "AAAA"}}
    task = kb.artifacts.post("/ingest/async", {"ingest_body": {**body, **bad}}).json()["task_id"]
    assert "secret-name" in kb.artifacts.ended("ingest", task)["task_result"]
    ((node,),) = [[n["id"] for n in item["children"]] for item in kb.tree()]
    kb.delete(node)
    assert "secret-name" not in kb.artifacts.task("ingest", task)["task_result"]


def test_a_replay_tells_no_title_of_a_folder_that_the_document_was_moved_out_of(
    kb: Knowledge, server: Server
) -> None:
    folder = kb.folder("Layoffs of Jane Doe")
    body = {"title": "memo", "parent_id": folder, "markdown": "# memo\n\ntext"}
    key = {"Idempotency-Key": "k"}
    made = kb.call("POST", "/knowledge/documents", body, headers=key).json()
    assert made["path_cache"] == "/Layoffs of Jane Doe/memo"
    kb.indexed(made["id"])
    assert kb.change(made["id"], parent_id=None).status_code == 200
    kb.delete(folder)
    kb.call("DELETE", f"/knowledge/trash/{folder}")
    again = kb.call("POST", "/knowledge/documents", body, headers=key)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == {**made, "path_cache": "/memo", "collection": None}
    stored = ask(server, "SELECT body FROM idempotency WHERE node_id = %s", made["id"])
    assert b"Layoffs" not in b"".join(bytes(row[0]) for row in stored)
