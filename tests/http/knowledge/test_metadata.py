"""Metadata of documents through the Knowledge API, and fields that a call does not know."""

import json
from typing import Any

import pytest

from tests.client import long_text
from tests.http.knowledge.knowledge import NOWHERE, Knowledge
from tests.server import Server

OWN = ("title", "file_name", "collection", "artifact_id", "file_type", "hash")


def document(
    kb: Knowledge, title: str, metadata: Any, markdown: str = "# Pan\n\nEl pan de centeno.\n"
) -> str:
    """A new document with metadata, searchable; its id."""
    body = {"title": title, "markdown": markdown, "metadata": metadata}
    answer = kb.call("POST", "/knowledge/documents", body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["metadata"] == (metadata or {})
    kb.indexed(answer.json()["id"])
    return str(answer.json()["id"])


def found(kb: Knowledge, *conditions: Any, **more: Any) -> dict[str, Any]:
    """Titles and metadata of what a search finds."""
    body = {"query": "pan centeno", "mode": "full", "top_k": 25, "metadata": list(conditions), **more}
    answer = kb.call("POST", "/knowledge/search", body)
    assert answer.status_code == 200, answer.text
    return {r["title"]: r["metadata"] for r in answer.json()["results"]}


def condition(key: str, operator: str, value: Any = None) -> dict[str, Any]:
    """A condition of a filter."""
    return {"key": key, "operator": operator, "value": value}


def test_metadata_come_back_in_the_node_the_search_and_the_other_door(kb: Knowledge) -> None:
    folder = kb.folder("c")
    given = {"idioma": "es", "año": 2026, "etiquetas": ["a", {"b": None}]}
    body = {"title": "D", "parent_id": folder, "markdown": "El pan de centeno.", "metadata": given}
    node = kb.call("POST", "/knowledge/documents", body).json()
    assert node["metadata"] == given
    kb.indexed(node["id"])
    assert kb.node(node["id"])["metadata"] == given
    assert found(kb) == {"D": given}
    (listed,) = kb.artifacts.get("/list", collection="c").json()["data"]
    assert listed["doc_metadata"].items() >= {**given, "title": "D"}.items()
    assert "metadata" not in kb.node(folder)


def test_what_the_other_door_was_given_is_shown_without_what_the_server_writes(kb: Knowledge) -> None:
    given = {"year": 2020, "title": "T", "file_name": "t.md"}
    kb.artifacts.ingest("a", "El pan de centeno.", metadata=given)
    node = kb.node(kb.tree()[0]["children"][0]["id"])
    assert (node["title"], node["metadata"]) == ("T", {"year": 2020})
    assert found(kb) == {"T": {"year": 2020}}


def test_a_patch_takes_the_place_of_what_was_given(kb: Knowledge) -> None:
    folder = kb.folder("c")
    id = document(kb, "D", {"a": 1, "b": 2})
    assert kb.change(id, parent_id=folder).json()["metadata"] == {"a": 1, "b": 2}
    answer = kb.change(id, title="E", metadata={"b": 3})
    assert (answer.json()["title"], answer.json()["metadata"]) == ("E", {"b": 3})
    assert found(kb, condition("a", "==", 1)) == {}
    assert found(kb, condition("b", "==", 3)) == {"E": {"b": 3}}
    (listed,) = kb.artifacts.get("/list", collection="c").json()["data"]
    assert "a" not in listed["doc_metadata"]
    assert (
        listed["doc_metadata"].items() >= {"b": 3, "title": "E", "artifact_id": id, "file_type": "md"}.items()
    )
    assert len(listed["doc_metadata"]["hash"]) == 64
    assert kb.change(id, metadata=None, title="E").json()["metadata"] == {"b": 3}
    assert kb.change(id, metadata={}).json()["metadata"] == {}


def test_a_patch_during_an_ingestion_is_kept_by_it_and_the_content_comes(
    kb: Knowledge, server: Server
) -> None:
    id = document(kb, "D", {"a": 1})
    with server.worker_standing_still():
        assert kb.call("PUT", f"/knowledge/documents/{id}", {"markdown": "El pan nuevo."}).status_code == 200
        assert kb.change(id, metadata={"a": 2}).status_code == 200
    kb.indexed(id)
    assert (kb.text(id), kb.node(id)["metadata"]) == ("El pan nuevo.", {"a": 2})


def test_new_content_keeps_the_metadata_or_brings_its_own(kb: Knowledge, server: Server) -> None:
    id = document(kb, "D", {"a": 1})
    path = f"/knowledge/documents/{id}"
    assert kb.call("PUT", path, {"markdown": "dos"}).status_code == 200
    kb.indexed(id)
    assert kb.node(id)["metadata"] == {"a": 1}
    with server.worker_standing_still():
        assert kb.call("PUT", path, {"markdown": "tres", "metadata": {"a": 3}}).json()["metadata"] == {"a": 1}
        assert kb.call("PUT", path, {"markdown": "cuatro"}).status_code == 200
    kb.indexed(id)
    assert (kb.text(id), kb.node(id)["metadata"]) == ("cuatro", {"a": 3})


def test_the_same_input_after_a_patch_is_taken_in_again(kb: Knowledge) -> None:
    first = kb.artifacts.ingest("a", "text", metadata={"a": 1}).json()["data"]
    id = kb.tree()[0]["children"][0]["id"]
    kb.change(id, metadata={"a": 2})
    again = kb.artifacts.ingest("a", "text", metadata={"a": 1}).json()["data"]
    assert again == first
    assert kb.node(id)["metadata"] == {"a": 1}
    assert kb.artifacts.ingest("a", "text", metadata={"a": 1}).json()["data"] == []


def test_an_upload_takes_metadata(kb: Knowledge) -> None:
    upload = "/knowledge/documents/upload"
    files = {"file": ("r.md", b"text")}
    answer = kb.call("POST", upload, data={"metadata": json.dumps({"a": [1]})}, files=files)
    assert (answer.status_code, answer.json()["metadata"]) == (201, {"a": [1]})
    for bad in ("[]", "{", '"x"', '{"hash": 1}'):
        answer = kb.call("POST", upload, data={"metadata": bad}, files=files)
        assert (answer.status_code, answer.json()["message"][:8]) == (400, "metadata"), bad


@pytest.mark.parametrize(
    "metadata", [[], "x", {"a": "x" * 70_000}, {"a": "\0"}, *({key: "x"} for key in OWN)]
)
def test_metadata_are_bounded_and_none_of_the_servers_own(kb: Knowledge, metadata: Any) -> None:
    id = kb.document("D")
    for answer in (
        kb.call("POST", "/knowledge/documents", {"title": "E", "markdown": "x", "metadata": metadata}),
        kb.call("PUT", f"/knowledge/documents/{id}", {"markdown": "x", "metadata": metadata}),
        kb.change(id, metadata=metadata),
    ):
        assert answer.status_code == 400
        assert answer.json()["message"].startswith("metadata")
    assert kb.node(id)["metadata"] == {}


def test_a_folder_has_no_metadata(kb: Knowledge) -> None:
    answer = kb.change(kb.folder("F"), title="G", metadata={"a": 1})
    assert (answer.status_code, answer.json()["message"]) == (400, "metadata: Only documents have metadata.")
    assert kb.shape() == {"F": {}}


def test_a_search_looks_only_in_documents_that_meet_the_conditions(kb: Knowledge) -> None:
    folder = kb.folder("F")
    for title, metadata in (("A", {"n": 1}), ("B", {"n": 2}), ("C", {"s": "es"}), ("D", None)):
        id = document(kb, title, metadata)
        if title in "AC":
            kb.change(id, parent_id=folder)
    assert set(found(kb, condition("n", ">=", 1))) == {"A", "B"}
    assert set(found(kb, condition("n", ">=", 1), node_ids=[folder])) == {"A"}
    assert set(found(kb, condition("n", "is_empty"))) == {"C", "D"}
    assert set(found(kb, condition("n", ">=", 1), condition("n", "!=", 1))) == {"B"}
    assert set(found(kb, condition("n", "==", 1), node_ids=[NOWHERE])) == set()
    assert set(found(kb, condition("artifact_id", "is_empty", value=False))) == {"A", "B", "C", "D"}
    for mode in ("vector", "hybrid"):
        assert set(found(kb, condition("s", "contains", "e"), mode=mode)) == {"C"}
    wrong = {"query": "x", "mode": "full", "metadata": [{"key": "n", "operator": "in", "value": 1}]}
    answer = kb.call("POST", "/knowledge/search", wrong)
    assert (answer.status_code, answer.json()["message"].partition(":")[0]) == (400, "metadata.0.value")


def test_a_deletion_by_filter_sees_patched_metadata(kb: Knowledge) -> None:
    id = document(kb, "D", {"a": 1})
    kb.change(id, metadata={"a": 2})
    body = {"filter": {"metadata": [condition("a", "==", 1)]}, "mode": "erase", "dry_run": True}
    assert kb.call("POST", "/knowledge/deletions", body).json()["documents"] == 0
    body["filter"] = {"metadata": [condition("a", "==", 2)]}
    assert kb.call("POST", "/knowledge/deletions", body).json()["documents"] == 1


UNKNOWN: list[tuple[str, str, dict[str, Any], str]] = [
    ("POST", "/knowledge/folders", {"title": "F", "parent": None}, "parent"),
    ("POST", "/knowledge/folders", {"title": "F", "metadata": {}}, "metadata"),
    ("POST", "/knowledge/documents", {"title": "D", "markdown": "x", "metdata": {}}, "metdata"),
    ("PUT", "/knowledge/documents/ID", {"markdown": "x", "title": "E"}, "title"),
    ("PATCH", "/knowledge/nodes/ID", {"name": "E"}, "name"),
    ("POST", "/knowledge/nodes/ID/restore", {"position": 0}, "position"),
    ("POST", "/knowledge/search", {"query": "x", "mode": "full", "collection": "c"}, "collection"),
    ("POST", "/knowledge/search", {"query": "x", "mode": "full", "metadata_filter": []}, "metadata_filter"),
    ("POST", "/knowledge/search", {"query": "x", "mode": "full", "topk": 3}, "topk"),
    (
        "POST",
        "/knowledge/search",
        {"query": "x", "mode": "full", "metadata": [{"key": "a", "operator": "==", "value": 1, "case": 1}]},
        "metadata.0.case",
    ),
    ("POST", "/knowledge/assignments", {"assistant_id": "0" * 24, "node_ids": ["0" * 24], "x": 1}, "x"),
    (
        "POST",
        "/knowledge/deletions",
        {"filter": {"collection": "c"}, "mode": "trash", "dryrun": True},
        "dryrun",
    ),
    ("POST", "/knowledge/deletions", {"filter": {"collections": "c"}, "mode": "trash"}, "filter.collections"),
]


@pytest.mark.parametrize(("method", "path", "body", "field"), UNKNOWN)
def test_a_field_that_a_call_does_not_know_is_named_by_a_400(
    kb: Knowledge, method: str, path: str, body: dict[str, Any], field: str
) -> None:
    id = kb.document("D")
    answer = kb.call(method, path.replace("ID", id), body)
    assert answer.status_code == 400
    assert f"{field}: unknown field" in answer.json()["message"]
    assert kb.shape() == {"D": {}}


def test_the_other_door_ignores_what_its_reference_ignores(kb: Knowledge) -> None:
    body = {"artifact": "a", "collection": "c", "colour": 1, "input": {"type": "text", "value": "x", "y": 1}}
    assert kb.artifacts.post("/ingest", body).status_code == 200


def test_the_primitives_look_into_all_collections_unless_one_is_named(kb: Knowledge) -> None:
    for collection in ("c", "d"):
        kb.artifacts.ingest("a", f"El pan {collection}", collection=collection, metadata={"in": collection})
    kb.artifacts.ingest("b", "El pan", collection="d")

    def seen(filter: Any) -> list[tuple[str, str]]:
        body = {"type": "keywords_search", "keywords": "pan", "context_filter": filter}
        answer = kb.artifacts.http.post("/v1/primitives/search", json=body)
        assert answer.status_code == 200, answer.text
        documents = [chunk["document"] for chunk in answer.json()["data"]]
        return sorted((d["doc_metadata"]["collection"], d["artifact"]) for d in documents)

    everything = [("c", "a"), ("d", "a"), ("d", "b")]
    assert seen(None) == seen({}) == seen({"collection": None}) == everything
    assert seen({"artifacts": ["a"]}) == [("c", "a"), ("d", "a")]
    assert seen({"metadata_filter": [condition("in", "==", "d")]}) == [("d", "a")]
    assert seen({"collection": "d"}) == [("d", "a"), ("d", "b")]
    assert seen({"collection": "d", "artifacts": ["b"]}) == [("d", "b")]
    assert seen({"artifacts": []}) == []


def test_a_long_ingestion_shows_the_metadata_that_it_was_given(kb: Knowledge, server: Server) -> None:
    with server.worker_standing_still():
        body = {"title": "D", "markdown": long_text(20), "metadata": {"a": 1}}
        id = kb.call("POST", "/knowledge/documents", body).json()["id"]
        assert kb.node(id)["metadata"] == {"a": 1}
