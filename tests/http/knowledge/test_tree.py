"""GET /tree, POST /folders and /documents: what is made is there at once, for both doors."""

import re

import pytest

from tests.http.knowledge.knowledge import NOWHERE, Knowledge
from tests.server import Server
from tests.waiting import until

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def test_a_folder_and_a_document_in_it_are_in_the_tree(kb: Knowledge) -> None:
    answer = kb.call("POST", "/knowledge/folders", {"title": "Soporte"})
    assert answer.status_code == 201
    folder = answer.json()
    assert re.fullmatch(r"[0-9a-f]{24}", folder["id"])
    assert MOMENT.fullmatch(folder["created_at"])
    assert MOMENT.fullmatch(folder["updated_at"])
    del folder["created_at"], folder["updated_at"]
    assert folder == {
        "id": folder["id"], "title": "Soporte", "node_type": "folder", "parent_id": None, "position": 0,
        "path_cache": "/Soporte", "collection": "Soporte", "artifact": None,
    }  # fmt: skip
    answer = kb.call(
        "POST", "/knowledge/documents", {"title": "Política", "parent_id": folder["id"], "markdown": "# Hola"}
    )
    assert answer.status_code == 201
    document = answer.json()
    assert document["node_type"] == "document"
    assert document["path_cache"] == "/Soporte/Política"
    (top,) = kb.tree()
    assert document.pop("metadata") == {}
    assert (document["collection"], document["artifact"]) == ("Soporte", document["id"])
    (child,) = top["children"]
    assert MOMENT.fullmatch(child["updated_at"])  # its text may have been stored meanwhile
    assert child == {**document, "updated_at": child["updated_at"], "children": []}


def test_siblings_are_in_the_order_in_which_they_came(kb: Knowledge) -> None:
    folder = kb.folder("F")
    for i in range(5):
        (kb.folder if i % 2 else kb.document)(f"n{i}", folder)
    items = kb.tree()[0]["children"]
    assert [(i["title"], i["position"]) for i in items] == [(f"n{i}", i) for i in range(5)]


def test_a_part_of_the_tree_can_be_asked_for(kb: Knowledge) -> None:
    a = kb.folder("A")
    b = kb.folder("B", a)
    kb.folder("C", b)
    kb.folder("Z")
    assert kb.shape() == {"A": {"B": {"C": {}}}, "Z": {}}
    assert kb.shape(parent_id=a) == {"B": {"C": {}}}
    assert kb.shape(parent_id=a, depth=1) == {"B": {}}
    assert kb.shape(depth=2) == {"A": {"B": {}}, "Z": {}}
    (c,) = kb.tree(parent_id=b)
    assert (c["path_cache"], c["collection"], c["artifact"]) == ("/A/B/C", "A", None)
    assert kb.call("GET", "/knowledge/tree", params={"parent_id": NOWHERE}).status_code == 404


def test_a_name_at_the_root_is_a_collection_and_given_once(kb: Knowledge) -> None:
    kb.folder("policies")
    answer = kb.call("POST", "/knowledge/folders", {"title": "policies"})
    assert answer.status_code == 409
    assert answer.json()["error"] == "Conflict"
    assert kb.shape() == {"policies": {}}
    below = kb.folder("policies", kb.tree()[0]["id"])
    kb.folder("policies", below)


def test_a_parent_must_be_a_folder_that_is_there(kb: Knowledge, other: Knowledge) -> None:
    document = kb.document("D")
    theirs = other.folder("theirs")
    for path, extra in (("/knowledge/folders", {}), ("/knowledge/documents", {"markdown": "x"})):
        answer = kb.call("POST", path, {"title": "t", "parent_id": document, **extra})
        assert answer.status_code == 400
        assert "parent_id" in answer.json()["message"]
        for nowhere in (NOWHERE, theirs):
            answer = kb.call("POST", path, {"title": "t", "parent_id": nowhere, **extra})
            assert answer.status_code == 404
            assert answer.json()["code"] == "NOT_FOUND"
    assert kb.shape() == {"D": {}}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "title"),
        ({"title": ""}, "title"),
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "a\u0000b"}, "title"),
        ({"title": 7}, "title"),
        ({"title": "x", "parent_id": "zz"}, "parent_id"),
        ({"title": "x", "parent_id": 7}, "parent_id"),
        ([], "body"),
    ],
)
def test_a_body_of_another_shape_is_a_400_that_names_the_field(
    kb: Knowledge, body: object, field: str
) -> None:
    answer = kb.call("POST", "/knowledge/folders", body)
    assert answer.status_code == 400
    assert answer.json()["error"] == "Bad Request"
    assert field in answer.json()["message"]


@pytest.mark.parametrize("markdown", [None, "", " \n", "a\u0000b"])
def test_a_document_needs_text(kb: Knowledge, markdown: str | None) -> None:
    answer = kb.call("POST", "/knowledge/documents", {"title": "t", "markdown": markdown})
    assert answer.status_code == 400
    assert "markdown" in answer.json()["message"]


def test_broken_json_is_a_400(kb: Knowledge) -> None:
    for content in (b'{"title": "x"', b'{"title": "\\ud800"}', b"\xff", b"[" * 10_000):
        assert kb.call("POST", "/knowledge/folders", content=content).status_code == 400


def test_the_tree_ends_at_a_depth_of_50(kb: Knowledge) -> None:
    parent = None
    for i in range(50):
        parent = kb.folder(f"f{i}", parent)
    answer = kb.call("POST", "/knowledge/folders", {"title": "x", "parent_id": parent})
    assert answer.status_code == 400


def test_an_artifact_is_in_the_tree_below_its_collection(kb: Knowledge) -> None:
    kb.artifacts.ingest("a", "text", collection="policies", metadata={"title": "Returns"})
    kb.artifacts.ingest("b", "text", collection="policies", metadata={"file_name": "b.md"})
    kb.artifacts.ingest("c", "text", collection="policies")
    assert kb.shape() == {"policies": {"Returns": {}, "b.md": {}, "c": {}}}


def test_a_document_below_a_collection_is_in_its_list(kb: Knowledge) -> None:
    folder = kb.folder("policies")
    document = kb.document("Returns", kb.folder("below", folder), "# Hello\n")
    kb.indexed(document)
    assert kb.artifacts.listed("policies") == [document]
    assert kb.artifacts.text(document, collection="policies") == "# Hello\n"
    listed = kb.artifacts.get("/list", collection="policies").json()["data"][0]["doc_metadata"]
    assert (listed["title"], listed["file_type"], listed["collection"]) == ("Returns", "md", "policies")
    assert kb.node(document)["title"] == "Returns"


def test_a_new_document_is_in_the_list_before_a_worker_has_seen_it(server: Server, kb: Knowledge) -> None:
    with server.worker_standing_still():
        document = kb.document("Returns", kb.folder("policies"), "# Hello")
        (listed,) = kb.artifacts.get("/list", collection="policies").json()["data"]
        assert listed["artifact"] == document
        named = {"title": "Returns", "file_name": "Returns.md", "collection": "policies"}
        assert listed["doc_metadata"].items() >= named.items()
        assert kb.call("DELETE", f"/knowledge/nodes/{document}").status_code == 204
        assert kb.artifacts.listed("policies") == []


def test_an_upload_that_failed_is_in_no_list(kb: Knowledge) -> None:
    folder = kb.folder("policies")
    uploaded = kb.call(
        "POST",
        "/knowledge/documents/upload",
        data={"parent_id": folder},
        files={"file": ("cv.docx", b"no such file")},
    )
    node = uploaded.json()["id"]
    until(lambda: kb.node(node)["last_ingestion"]["status"] == "failure")
    assert kb.artifacts.listed("policies") == []
    assert kb.artifacts.content(node, collection="policies").status_code == 404
    assert kb.delete(node).status_code == 204


def test_deleting_an_artifact_takes_it_from_the_tree(kb: Knowledge) -> None:
    kb.artifacts.ingest("a", "text", collection="policies")
    assert kb.artifacts.delete("a", collection="policies").status_code == 200
    assert kb.shape() == {"policies": {}}
    assert kb.trash() == []


def test_companies_do_not_see_each_others_trees(kb: Knowledge, other: Knowledge) -> None:
    kb.folder("same")
    other.folder("same")
    other.document("D")
    assert kb.shape() == {"same": {}}
    assert other.shape() == {"same": {}, "D": {}}
