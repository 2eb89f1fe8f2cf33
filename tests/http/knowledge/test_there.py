"""What is there: the list, the content, the tree and the search agree at each moment."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.http.knowledge.knowledge import Knowledge
from tests.lifecycle.stored import ask, files
from tests.server import Server
from tests.waiting import until

SMALL = "# Pan\r\n\r\n- centeno\n- trigo\n"
LONG = "# Pan de centeno\n\n" + "- a\n" * 2_500


def seen(kb: Knowledge, node: str) -> set[str]:
    """Where a document of the collection `c` shows."""
    by_name = {"context_filter": {"collection": "c", "artifacts": [node]}}
    query = {"query": "centeno nuevo", "mode": "full"}
    found = kb.call("POST", "/knowledge/search", query).json()["results"]
    (folder,) = kb.tree()
    shown = {
        "list": node in kb.artifacts.listed("c"),
        "content": kb.artifacts.post("/content", by_name).status_code == 200,
        "pieces": kb.artifacts.post("/chunked-content", by_name).status_code == 200,
        "search": node in [hit["node_id"] for hit in found],
        "node": kb.there(node),
        "tree": node in [child["id"] for child in folder["children"]],
        "count": kb.node(folder["id"])["counts"]["documents"] == len(folder["children"]) > 0,
    }
    return {where for where, is_there in shown.items() if is_there}


TREE = {"node", "tree", "count"}
READABLE = {*TREE, "list", "content", "pieces"}
EVERYWHERE = {*READABLE, "search"}


def blocks(kb: Knowledge, node: str) -> Iterator[dict[str, Any]]:
    """The blocks of a document, those above before those below."""

    def below(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield block
        for child in block.get("children") or ():
            yield from below(child)

    answer = kb.artifacts.content(node, format="object")
    for block in answer.json()["data"][0]["content"]["children"]:
        yield from below(block)


def whole(kb: Knowledge, node: str, text: str) -> None:
    """All that is told of a document's content is of this text."""
    read = text.replace("\r\n", "\n")
    original = hashlib.sha256(text.encode()).hexdigest()
    details = kb.node(node, include="markdown")
    assert (details["markdown"], details["hash"]) == (read, original)
    sizes = {"characters": len(read), "bytes": len(text.encode())}
    assert details["counts"].items() >= sizes.items()
    assert kb.artifacts.text(node) == read
    (listed,) = kb.artifacts.get("/list", collection="c").json()["data"]
    told = {"hash": original, "file_name": "D.md", "file_type": "md", "artifact_id": node, "collection": "c"}
    assert listed["doc_metadata"].items() >= {**told, "title": "D"}.items()
    pieces = kb.artifacts.post("/chunked-content", {"context_filter": {"collection": "c"}}).json()["data"]
    assert "".join(piece["content"][1]["text"] for piece in pieces) == read


@pytest.mark.parametrize("text", [SMALL, LONG], ids=["small", "long"])
def test_a_text_can_be_read_from_the_answer_on(kb: Knowledge, server: Server, text: str) -> None:
    with server.worker_standing_still():
        node = kb.document("D", kb.folder("c"), text)
        assert seen(kb, node) == READABLE
        whole(kb, node, text)
        before = {block["id"]: block for block in blocks(kb, node)}
    kb.indexed(node)
    assert seen(kb, node) == EVERYWHERE
    whole(kb, node, text)
    after = {block["id"]: block for block in blocks(kb, node)}
    # An id never means another block than it did.
    assert after == before if text is SMALL else not after.keys() & before.keys()


def test_until_new_content_is_searchable_the_old_one_is_read_listed_and_found(
    kb: Knowledge, server: Server
) -> None:
    node = kb.document("D", kb.folder("c"), SMALL)
    path, new = f"/knowledge/documents/{node}", "El pan nuevo es de centeno.\n"
    kb.indexed(node)
    with server.worker_standing_still():
        assert kb.call("PUT", path, {"markdown": new}).status_code == 200
        assert seen(kb, node) == EVERYWHERE
        whole(kb, node, SMALL)
    kb.indexed(node)
    assert seen(kb, node) == EVERYWHERE
    whole(kb, node, new)


def test_new_content_before_the_first_was_searchable_takes_its_place(kb: Knowledge, server: Server) -> None:
    with server.worker_standing_still():
        node = kb.document("D", kb.folder("c"), SMALL)
        assert (
            kb.call("PUT", f"/knowledge/documents/{node}", {"markdown": "centeno nuevo"}).status_code == 200
        )
        whole(kb, node, SMALL)
    kb.indexed(node)
    assert seen(kb, node) == EVERYWHERE
    whole(kb, node, "centeno nuevo")
    until(lambda: len(files(server, kb.company)) == 1)


def test_a_file_is_in_the_tree_at_once_and_elsewhere_when_it_was_read(kb: Knowledge, server: Server) -> None:
    folder = kb.folder("c")
    with server.worker_standing_still():
        answer = kb.call(
            "POST",
            "/knowledge/documents/upload",
            data={"parent_id": folder, "title": "D"},
            files={"file": ("D.md", SMALL.encode())},
        )
        node = answer.json()["id"]
        assert seen(kb, node) == TREE
        assert kb.text(node) is None
    kb.indexed(node)
    assert seen(kb, node) == EVERYWHERE
    whole(kb, node, SMALL)


def test_a_text_that_no_worker_has_seen_is_deleted_and_restored_as_any_other(
    kb: Knowledge, server: Server
) -> None:
    folder = kb.folder("c")
    with server.worker_standing_still():
        node = kb.document("D", folder, SMALL)
        assert kb.delete(node).status_code == 204
        assert seen(kb, node) == set()
        assert kb.restore(node).status_code == 200
        assert seen(kb, node) == READABLE
        whole(kb, node, SMALL)
    kb.indexed(node)
    assert seen(kb, node) == EVERYWHERE
    whole(kb, node, SMALL)


@pytest.mark.parametrize("trashed", [False, True])
def test_a_text_that_no_worker_has_seen_is_erased_with_all_that_is_stored_of_it(
    kb: Knowledge, server: Server, trashed: bool
) -> None:
    with server.worker_standing_still():
        node = kb.document("D", kb.folder("c"), LONG)
        if trashed:
            assert kb.delete(node).status_code == 204
            answer = kb.call("DELETE", f"/knowledge/trash/{node}")
        else:
            answer = kb.artifacts.delete(node)
        assert answer.is_success
        receipt = kb.call("GET", f"/receipts/{answer.headers['Lethe-Receipt']}").json()
        assert receipt["erased"]["bytes"] == len(LONG)
        assert seen(kb, node) == set()
        for table in ("document", "document_part", "ingestion JOIN task ON id = task_id"):
            assert ask(server, f"SELECT count(*) FROM {table} WHERE node_id = %s", node) == [(0,)]
        assert files(server, kb.company) == set()


def test_a_text_in_which_nothing_can_be_found_can_be_read_all_the_same(kb: Knowledge, server: Server) -> None:
    node = kb.document("D", kb.folder("c"), "---\n\n***\n")
    until(lambda: kb.node(node)["last_ingestion"]["status"] == "failure")
    assert "has no text" in kb.node(node)["last_ingestion"]["error"]
    assert kb.node(node)["last_ingestion"]["failure"] == "rejected"
    assert seen(kb, node) == READABLE
    whole(kb, node, "---\n\n***\n")
    assert kb.artifacts.delete(node).status_code == 200
    assert seen(kb, node) == set()
    until(lambda: files(server, kb.company) == set())
