"""Deleting by filter: what is meant is gone from the answer on, the rest stays, one receipt for all."""

from typing import Any

import pytest

from tests.http.holding import begun, nothing_is_stored
from tests.http.knowledge.knowledge import NOWHERE, Knowledge
from tests.lifecycle.stored import files
from tests.server import Server
from tests.waiting import until


def ask_for(kb: Knowledge, mode: str, *, dry_run: bool = False, **filter: Any) -> dict[str, Any]:
    answer = kb.call("POST", "/knowledge/deletions", {"filter": filter, "mode": mode, "dry_run": dry_run})
    assert answer.status_code == (200 if dry_run else 202), answer.text
    found: dict[str, Any] = answer.json()
    return found


def ended(kb: Knowledge, deletion: dict[str, Any]) -> dict[str, Any]:
    path = f"/knowledge/deletions/{deletion['task_id']}"
    until(lambda: kb.call("GET", path).json()["status"] == "success")
    found: dict[str, Any] = kb.call("GET", path).json()
    return found


def customers(kb: Knowledge, *artifacts: tuple[str, str]) -> None:
    for artifact, customer in artifacts:
        body = {"collection": "c", "artifact": artifact, "metadata": {"customer": customer}}
        value = {"input": {"type": "text", "value": f"text of {artifact}"}}
        assert kb.artifacts.post("/ingest", {**body, **value}).status_code == 200


def is_customer(name: str) -> list[dict[str, str]]:
    return [{"key": "customer", "operator": "==", "value": name}]


def test_all_documents_of_a_customer_are_erased_with_one_receipt(kb: Knowledge, server: Server) -> None:
    customers(kb, ("a", "1"), ("b", "2"), ("c", "1"))
    preview = ask_for(kb, "erase", dry_run=True, metadata=is_customer("1"))
    assert preview["documents"] == 2
    assert [d["artifact"] for d in preview["sample"]] == ["a", "c"]
    assert kb.artifacts.listed() == ["a", "b", "c"]
    deletion = ask_for(kb, "erase", metadata=is_customer("1"))
    assert kb.artifacts.listed() == ["b"]
    assert deletion["documents"] == 2
    done = ended(kb, deletion)
    assert (done["percentage"], done["mode"]) == (100, "erase")
    receipt = kb.call("GET", f"/receipts/{done['receipt_id']}").json()
    assert (receipt["subject"]["kind"], receipt["erased"]["documents"]) == ("filter", 2)
    assert [d["id"] for d in receipt["documents"]] == sorted(d["id"] for d in preview["sample"])
    assert len(kb.call("GET", "/receipts").json()["items"]) == 1
    until(lambda: len(files(server, kb.company)) == 1)


def test_a_document_whose_new_metadata_fall_under_the_filter_does_not_come_back(
    kb: Knowledge, server: Server
) -> None:
    customers(kb, ("a", "1"), ("b", "1"))
    with server.worker_standing_still():
        body = {"collection": "c", "artifact": "a", "metadata": {"customer": "2"}}
        body["input"] = {"type": "text", "value": "another text"}
        task = kb.artifacts.post("/ingest/async", {"ingest_body": body}).json()["task_id"]
        deletion = ask_for(kb, "erase", metadata=is_customer("2"))
        assert deletion["documents"] == 1
        assert kb.artifacts.listed() == ["b"]
    ended(kb, deletion)
    assert kb.artifacts.get(f"/ingest/async/{task}").json()["task_status"] == "REVOKED"
    assert kb.artifacts.listed() == ["b"]


def test_what_a_deletion_has_put_into_the_trash_comes_back_one_by_one(kb: Knowledge) -> None:
    customers(kb, ("a", "1"), ("b", "1"))
    deletion = ask_for(kb, "trash", metadata=is_customer("1"))
    assert deletion["receipt_id"] is None
    assert kb.artifacts.listed() == []
    ended(kb, deletion)
    (a, _b) = sorted(kb.call("GET", "/knowledge/trash").json()["items"], key=lambda item: item["title"])
    assert kb.restore(a["id"]).status_code == 200
    assert kb.artifacts.listed() == ["a"]
    assert kb.artifacts.text("a") == "text of a"
    until(lambda: [r["node_id"] for r in search(kb, "text")] == [a["id"]])


def search(kb: Knowledge, query: str) -> list[dict[str, Any]]:
    answer = kb.call("POST", "/knowledge/search", {"query": query, "mode": "full"})
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def test_a_folder_named_in_a_filter_stays_and_what_is_below_it_goes(kb: Knowledge) -> None:
    folder = kb.folder("policies")
    below = kb.document("D", kb.folder("below", folder))
    beside = kb.document("E")
    kb.indexed(below, beside)
    ended(kb, ask_for(kb, "erase", node_ids=[folder]))
    assert kb.shape() == {"policies": {"below": {}}, "E": {}}


def test_all_parts_of_a_filter_must_hold(kb: Knowledge) -> None:
    customers(kb, ("a", "1"), ("b", "2"))
    assert ask_for(kb, "erase", dry_run=True, collection="c", metadata=is_customer("2"))["documents"] == 1
    assert ask_for(kb, "erase", dry_run=True, collection="d", metadata=is_customer("2"))["documents"] == 0
    assert ask_for(kb, "erase", dry_run=True, collection="c", node_ids=[NOWHERE])["documents"] == 0
    assert ask_for(kb, "erase", dry_run=True, collection="c")["documents"] == 2


def test_what_is_not_empty_is_meant_by_is_empty_with_false_and_nothing_else(kb: Knowledge) -> None:
    customers(kb, ("a", "1"), ("b", ""))
    kb.artifacts.ingest("c", "text of c")
    filled = [{"key": "customer", "operator": "is_empty", "value": False}]
    preview = ask_for(kb, "erase", dry_run=True, metadata=filled)
    assert [d["artifact"] for d in preview["sample"]] == ["a"]
    assert ended(kb, ask_for(kb, "erase", metadata=filled))["documents"] == 1
    assert kb.artifacts.listed() == ["b", "c"]
    ended(kb, ask_for(kb, "erase", metadata=[{"key": "customer", "operator": "is_empty"}]))
    assert kb.artifacts.listed() == []


def test_an_ingestion_under_way_is_meant_by_its_metadata_and_stores_nothing(
    server: Server, kb: Knowledge
) -> None:
    body = {
        "collection": "c",
        "artifact": "a",
        "metadata": {"customer": "1"},
        "input": {"type": "text", "value": "The stone."},
    }
    with nothing_is_stored(server):
        task = kb.artifacts.post("/ingest/async", {"ingest_body": body}).json()["task_id"]
        begun(kb.artifacts, task)
        deletion = ask_for(kb, "erase", metadata=is_customer("1"))
        assert deletion["documents"] == 1
        assert kb.artifacts.task("ingest", task)["task_status"] == "REVOKED"
    ended(kb, deletion)
    assert kb.artifacts.listed() == []
    assert kb.tree() == []


def test_a_filter_that_means_nothing_ends_without_a_receipt(kb: Knowledge) -> None:
    deletion = ask_for(kb, "erase", collection="none")
    assert (deletion["documents"], deletion["receipt_id"]) == (0, None)
    assert ended(kb, deletion)["receipt_id"] is None
    assert kb.call("GET", "/receipts").json()["items"] == []


def test_what_is_in_the_trash_is_counted_and_stays_there(kb: Knowledge, other: Knowledge) -> None:
    customers(kb, ("a", "1"), ("b", "1"), ("c", "2"), ("d", "1"))
    (c,) = kb.tree()
    nodes = {d["title"]: d["id"] for d in ask_for(kb, "erase", dry_run=True, collection="c")["sample"]}
    for title in ("b", "c"):
        kb.delete(nodes[title])
    found = [{"in_trash": 1, "documents": n} for n in (2, 0)]
    assert ask_for(kb, "erase", dry_run=True, metadata=is_customer("1")).items() >= found[0].items()
    assert ask_for(kb, "erase", dry_run=True, node_ids=[nodes["b"]]).items() >= found[1].items()
    assert ask_for(kb, "erase", dry_run=True, node_ids=[c["id"]])["in_trash"] == 2
    assert ask_for(other, "erase", dry_run=True, metadata=is_customer("1"))["in_trash"] == 0
    deletion = ask_for(kb, "erase", metadata=is_customer("1"))
    assert deletion.items() >= found[0].items()
    assert ended(kb, deletion).items() >= found[0].items()
    kb.delete(c["id"])
    assert ask_for(kb, "erase", dry_run=True, collection="c")["in_trash"] == 2
    assert kb.call("DELETE", f"/knowledge/trash/{nodes['b']}").status_code in {200, 204}
    assert ask_for(kb, "erase", dry_run=True, metadata=is_customer("1"))["in_trash"] == 0


def test_another_companys_documents_are_never_meant(kb: Knowledge, other: Knowledge) -> None:
    customers(kb, ("a", "1"))
    (node,) = (d["id"] for d in ask_for(kb, "erase", dry_run=True, collection="c")["sample"])
    for filter in ({"metadata": is_customer("1")}, {"node_ids": [node]}, {"collection": "c"}):
        assert ask_for(other, "erase", dry_run=True, **filter)["documents"] == 0
        ended(other, ask_for(other, "erase", **filter))
    assert kb.artifacts.listed() == ["a"]
    deletion = ask_for(kb, "trash", collection="none")
    path = f"/knowledge/deletions/{deletion['task_id']}"
    assert (kb.call("GET", path).status_code, other.call("GET", path).status_code) == (200, 404)


@pytest.mark.parametrize(
    "body",
    [
        {"filter": {}, "mode": "erase"},
        {"filter": {"metadata": [], "node_ids": []}, "mode": "erase"},
        {"filter": {"collection": None}, "mode": "erase"},
        {"filter": {"colection": "a typing error must not widen it", "node_ids": [NOWHERE]}, "mode": "erase"},
        {"filter": {"collection": "c"}},
        {"filter": {"collection": "c"}, "mode": "burn"},
        {"filter": {"collection": "c"}, "mode": "erase", "dryrun": True},
        {"filter": {"collection": "c"}, "mode": "erase", "dry_run": "yes"},
        {"filter": {"node_ids": ["x"]}, "mode": "erase"},
        {"filter": {"metadata": [{"key": "k", "operator": "~", "value": 1}]}, "mode": "erase"},
        {"filter": {"metadata": [{"key": "k", "operator": "in", "value": 1}]}, "mode": "erase"},
        {"filter": {"metadata": [{"key": "k", "operator": "!="}]}, "mode": "erase"},
        {"filter": {"metadata": [{"key": "k", "operator": "is_empty", "value": "no"}]}, "mode": "erase"},
        {"mode": "erase"},
        [],
    ],
)
def test_a_filter_that_cannot_be_meant_is_a_400_and_deletes_nothing(kb: Knowledge, body: Any) -> None:
    answer = kb.call("POST", "/knowledge/deletions", body)
    assert (answer.status_code, answer.json()["error"]) == (400, "Bad Request"), answer.text


def test_a_token_that_may_only_delete_cannot_look_by_a_dry_run(server: Server) -> None:
    kb = Knowledge(server.client(scopes="knowledge:delete"))
    asked = {"filter": {"metadata": is_customer("1")}, "mode": "erase", "dry_run": True}
    answer = kb.call("POST", "/knowledge/deletions", asked)
    assert (answer.status_code, answer.json()["code"]) == (403, "INSUFFICIENT_SCOPE")
