"""POST /ingest/batch and /delete/batch: many documents by one request, each with an end of its own."""

import base64
import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from tests.client import Client, body, long_text
from tests.http.artifacts.test_delete import files, rows
from tests.http.hooked import receiving
from tests.http.knowledge.knowledge import Knowledge
from tests.server import Server
from tests.waiting import until

DAMAGED = {
    "artifact": "damaged.pdf",
    "collection": "c",
    "metadata": {"file_name": "damaged.pdf"},
    "input": {"type": "file", "value": base64.b64encode(b"%PDF-1.4\n").decode()},
}


def sent(client: Client, documents: Sequence[Any]) -> str:
    """A batch as lines of JSON; its task."""
    answer = client.http.post(
        "/v1/artifacts/ingest/batch",
        content="\n".join(json.dumps(document) for document in documents) + "\n",
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert answer.status_code == 202, answer.text
    return str(answer.json()["task_id"])


def shown(client: Client, task: str) -> dict[str, Any]:
    """A batch as the API shows it."""
    answer = client.get(f"/ingest/batch/{task}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert found["task_id"] == task
    return found


def ended(client: Client, task: str) -> dict[str, Any]:
    """A batch once it has ended."""
    until(lambda: shown(client, task)["task_status"] not in ("PENDING", "STARTED"))
    return shown(client, task)


def ends(batch: dict[str, Any]) -> list[tuple[str, str]]:
    """Name and status of each document."""
    return [(one["artifact"], one["task_status"]) for one in batch["task_result"]["data"]]


def test_the_documents_of_a_batch_are_stored_and_told_of_in_their_order(client: Client) -> None:
    names = [f"d{number}" for number in (3, 1, 2)]
    task = sent(
        client, [body(name, f"# {name}\n\nThe stone keeps {name}.", metadata={"n": name}) for name in names]
    )
    batch = ended(client, task)
    assert batch["task_status"] == "SUCCESS"
    assert ends(batch) == [(name, "SUCCESS") for name in names]
    assert {one["collection"] for one in batch["task_result"]["data"]} == {"c"}
    assert (batch["task_result"]["documents"], batch["task_result"]["succeeded"]) == (3, 3)
    assert client.listed() == names
    assert client.text("d1") == "# d1\n\nThe stone keeps d1."
    nodes = [one["node_id"] for one in batch["task_result"]["data"]]
    own = client.task("ingest", batch["task_result"]["data"][0]["task_id"])
    assert own["task_result"]["data"][0]["doc_metadata"]["n"] == "d3"
    found = client.http.post("/v1/knowledge/search", json={"query": "stone", "mode": "hybrid"}).json()
    assert {hit["node_id"] for hit in found["results"]} == set(nodes)


def test_the_other_door_sees_them_and_their_task(client: Client) -> None:
    batch = ended(client, sent(client, [body("a", "The river."), body("b", "The stone.")]))
    for one in batch["task_result"]["data"]:
        assert Knowledge(client).text(one["node_id"]) == client.text(one["artifact"])
    task = client.http.get(f"/v1/tasks/{batch['task_id']}").json()
    assert (task["kind"], task["status"], task["percentage"]) == ("batch", "success", 100)


def test_what_cannot_be_stored_fails_alone(client: Client) -> None:
    documents = [
        body("good", "The river carries."),
        DAMAGED,
        body("empty", ""),
        body("blank", " \n "),
        body("long", long_text(100)),
        {**body("far", ""), "input": {"type": "uri", "value": "data:text/plain,words%20from%20far"}},
    ]
    batch = ended(client, sent(client, documents))
    assert batch["task_status"] == "FAILURE"
    assert ends(batch) == [
        ("good", "SUCCESS"),
        ("damaged.pdf", "FAILURE"),
        ("empty", "FAILURE"),
        ("blank", "FAILURE"),
        ("long", "SUCCESS"),
        ("far", "SUCCESS"),
    ]
    errors = [one["error"] for one in batch["task_result"]["data"]]
    assert errors[0] is None
    assert "'damaged.pdf' is damaged" in errors[1]
    assert [errors[2], errors[3]] == ["'empty' is empty.", "'blank' is empty."]
    assert (batch["task_result"]["succeeded"], batch["task_result"]["failed"]) == (3, 3)
    assert sorted(client.listed()) == ["far", "good", "long"]
    assert client.text("long") == long_text(100)
    task = client.http.get(f"/v1/tasks/{batch['task_id']}").json()
    assert task["error"] == "3 of 6 documents were not stored."


def test_what_is_there_already_is_left_and_what_is_other_is_replaced(client: Client) -> None:
    ended(client, sent(client, [body("same", "The river."), body("other", "The old stone.")]))
    before = {one["artifact"]: one for one in client.get("/list", collection="c").json()["data"]}
    batch = ended(client, sent(client, [body("same", "The river."), body("other", "The new stone.")]))
    assert [one["unchanged"] for one in batch["task_result"]["data"]] == [True, False]
    assert batch["task_status"] == "SUCCESS"
    after = {one["artifact"]: one for one in client.get("/list", collection="c").json()["data"]}
    assert after["same"] == before["same"]
    assert client.text("other") == "The new stone."
    again = ended(client, sent(client, [body("same", "The river."), body("other", "The new stone.")]))
    assert [one["unchanged"] for one in again["task_result"]["data"]] == [True, True]


@pytest.mark.parametrize(
    ("documents", "where", "says"),
    [
        ([body("a", "x"), body("b", "y"), body("a", "z")], [2, "artifact"], "Document 0 has the same name"),
        ([body("a", "x"), {"artifact": "b"}], [1, "input"], "required"),
        ([body("a", "x"), body("b\0", "y")], [1, "artifact"], "control characters"),
        ([body("a", "x"), ["b"]], [1], "object"),
        (
            [{**body("a", "x"), "callback": {"webhook": {"url": "http://a.example/"}}}],
            [0, "callback"],
            "webhooks",
        ),
        ([], [], "at least one"),
        ([body(f"d{n}", "x") for n in range(1001)], [], "at most 1,000"),
    ],
    ids=["a name twice", "no input", "a bad name", "no object", "a callback", "nothing", "too many"],
)
def test_a_batch_of_the_wrong_shape_is_refused_whole(
    client: Client, documents: list[Any], where: list[Any], says: str
) -> None:
    answer = client.post("/ingest/batch", {"documents": documents})
    assert answer.status_code == 422
    (fault,) = answer.json()["detail"]
    assert fault["loc"] == ["body", "documents", *where]
    assert says in fault["msg"]
    assert client.listed() == []


@pytest.mark.parametrize("content", ['{"documents": 1}', "[]", "{", '{"artifact": "a"}\n{}'])
def test_what_is_no_batch_is_told_how_one_looks(client: Client, content: str) -> None:
    answer = client.http.post("/v1/artifacts/ingest/batch", content=content)
    assert answer.status_code == 422
    assert "application/x-ndjson" in answer.json()["detail"][0]["msg"]


@pytest.mark.parametrize("media_type", ["application/x-ndjson", "application/x-www-form-urlencoded"])
def test_lines_that_curl_has_joined_are_told_how_to_be_sent(client: Client, media_type: str) -> None:
    joined = "".join(json.dumps(body(name, "a text with }{ in it")) for name in ("a", "b"))
    headers = {"Content-Type": media_type}
    answer = client.http.post("/v1/artifacts/ingest/batch", content=joined, headers=headers)
    assert answer.status_code == 422
    assert "--data-binary" in answer.json()["detail"][0]["msg"]
    one = json.dumps(body("a", "a text with }{ in it"))
    headers = {"Content-Type": "application/x-ndjson"}
    assert client.http.post("/v1/artifacts/ingest/batch", content=one, headers=headers).status_code == 202


def test_a_batch_over_its_size_is_a_413(client: Client) -> None:
    too_much = b" " * (32 * 1024 * 1024 + 1)
    try:
        answer = client.http.post("/v1/artifacts/ingest/batch", content=too_much)
    except httpx.TransportError:  # the connection may end before all is sent
        return
    assert (answer.status_code, "33,554,432" in answer.text) == (413, True)


def test_a_document_that_is_deleted_while_its_batch_waits_is_not_stored_and_the_others_are(
    server: Server, client: Client
) -> None:
    with server.worker_standing_still():
        task = sent(client, [body("a", "The river."), body("gone", "The stone."), body("b", "The well.")])
        assert shown(client, task)["task_status"] == "PENDING"
        answer = client.delete("gone")
        assert answer.status_code == 200
        assert ends(shown(client, task)) == [("a", "PENDING"), (None, "REVOKED"), ("b", "PENDING")]
    batch = ended(client, task)
    assert (batch["task_status"], batch["task_result"]["failed"]) == ("FAILURE", 1)
    assert ends(batch) == [("a", "SUCCESS"), (None, "REVOKED"), ("b", "SUCCESS")]
    assert client.listed() == ["a", "b"]
    assert rows(server, client.company)["node"] == len(files(server, client.company)) == 2
    assert client.http.get(f"/v1/receipts/{answer.headers['Lethe-Receipt']}").status_code == 200


def test_a_newer_request_for_a_document_wins_over_its_batch(server: Server, client: Client) -> None:
    with server.worker_standing_still():
        first = sent(client, [body("a", "one"), body("b", "two")])
        second = sent(client, [body("b", "two by a later batch"), body("c", "three")])
        alone = client.ingest_async("c", "three alone")
    assert ends(ended(client, first)) == [("a", "SUCCESS"), ("b", "REVOKED")]
    assert ends(ended(client, second)) == [("b", "SUCCESS"), ("c", "REVOKED")]
    assert client.ended("ingest", alone)["task_status"] == "SUCCESS"
    assert [client.text(name) for name in "abc"] == ["one", "two by a later batch", "three alone"]


def test_a_webhook_is_told_of_each_document(client: Client) -> None:
    with receiving() as hooked:
        wanted = {"url": hooked.url(), "events": ["ingestion.done", "ingestion.error"]}
        assert client.http.post("/v1/webhooks", json=wanted).status_code == 201
        batch = ended(client, sent(client, [body("a", "The river."), DAMAGED, body("b", "The stone.")]))
        a, damaged, b = (one["task_id"] for one in batch["task_result"]["data"])
        until(lambda: {posted.body["data"]["task_id"] for posted in hooked.posted} >= {a, damaged, b})
        told = {(posted.type, posted.body["data"]["task_id"]) for posted in hooked.posted}
    assert told == {("ingestion.done", a), ("ingestion.error", damaged), ("ingestion.done", b)}


def test_what_was_refused_is_forgotten_with_the_document_of_its_name_by_whichever_door(
    client: Client,
) -> None:
    client.ingest("zettel", "The stone.")
    batch = ended(client, sent(client, [body("zettel", "")]))
    assert ends(batch) == [("zettel", "FAILURE")]
    kb = Knowledge(client)
    (hit,) = kb.call("POST", "/knowledge/search", {"query": "stone", "mode": "full"}).json()["results"]
    node = hit["node_id"]
    kb.delete(node)
    assert kb.call("DELETE", f"/knowledge/trash/{node}").status_code == 204
    assert "zettel" not in client.get(f"/ingest/batch/{batch['task_id']}").text
    assert client.delete("zettel").status_code == 404


def test_a_batch_is_shown_to_nobody_else(client: Client, server: Server) -> None:
    task = sent(client, [body("a", "The river.")])
    for other in ("nothing", "0" * 32, client.ingest_async("b", "x")):
        answer = client.get(f"/ingest/batch/{other}")
        assert (answer.status_code, answer.json()) == (404, {"detail": "Task with specified ID not found"})
    assert server.client().get(f"/ingest/batch/{task}").status_code == 404
    assert client.get(f"/ingest/async/{task}").status_code == 404


def test_many_names_are_erased_each_with_a_receipt(server: Server, client: Client) -> None:
    documents = [body(f"zettel {number}", f"The stone keeps {number}.") for number in range(120)]
    task = sent(client, [*documents, DAMAGED])
    until(lambda: shown(client, task)["task_status"] == "FAILURE")
    names = [*(f"zettel {number}" for number in reversed(range(119))), "nothing", "damaged.pdf"]
    answer = client.post("/delete/batch", {"collection": "c", "artifacts": names})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["erased"] == 120
    assert [one["erased"] for one in found["data"]] == [True] * 119 + [False, True]
    assert found["data"][119]["receipt_id"] is None
    assert "zettel" not in answer.text
    for number in (0, 57, 118):
        proof = client.http.get("/v1/receipts", params={"collection": "c", "artifact": names[number]}).json()
        assert [item["id"] for item in proof["items"]] == [found["data"][number]["receipt_id"]]
    assert client.listed() == ["zettel 119"]
    assert rows(server, client.company)["node"] == 1
    until(lambda: len(files(server, client.company)) == 1)
    left = shown(client, task)["task_result"]["data"]
    assert [one["artifact"] for one in left if one["artifact"]] == ["zettel 119"]
    again = client.post("/delete/batch", {"collection": "c", "artifacts": names}).json()
    assert again["erased"] == 0


def test_a_name_twice_or_too_many_are_no_deletion(client: Client) -> None:
    client.ingest("a", "The river.")
    for names, says in (
        (["a", "a"], "not repeat a name"),
        ([], "at least 1"),
        (["a"] * 1001, "at most 1000"),
    ):
        answer = client.post("/delete/batch", {"collection": "c", "artifacts": names})
        assert (answer.status_code, says in answer.text) == (422, True), answer.text
    assert client.listed() == ["a"]
