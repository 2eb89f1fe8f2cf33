"""Tokens that are bound to folders: what they may do there, and that nothing else exists for them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.http.knowledge.knowledge import Knowledge
from tests.server import Server
from tests.waiting import until

BEYOND = (403, "BEYOND_BOUNDS")


@pytest.fixture
def kb(server: Server) -> Iterator[Knowledge]:
    """A company of its own, seen without bounds."""
    yield Knowledge(server.client())
    server.close_clients()


@pytest.fixture
def bound(server: Server, kb: Knowledge) -> Callable[[dict[str, bool]], Knowledge]:
    """`bound({folder: may it write there})`: the same company, seen by a token with these bounds."""
    return lambda only: Knowledge(server.client(company=kb.company, only=only))


def refused(answer: Any) -> tuple[int, str]:
    """Status and code of an error."""
    return answer.status_code, answer.json().get("code", answer.text)


def test_a_token_for_a_collection_works_there_by_both_doors_and_nowhere_else(
    kb: Knowledge, bound: Any
) -> None:
    kb.artifacts.ingest("paper", "# Paper\n\nherons\n", collection="birds")
    kb.artifacts.ingest("paper", "# Paper\n\nherons\n", collection="fish")
    birds = next(item["id"] for item in kb.tree() if item["title"] == "birds")
    own = bound({birds: True})
    artifacts = own.artifacts

    assert artifacts.ingest("second", "# Second\n\nherons again\n", collection="birds").status_code == 200
    assert (
        artifacts.ended("ingest", artifacts.ingest_async("third", "# 3\n", collection="birds"))["task_status"]
        == "SUCCESS"
    )
    assert artifacts.listed("birds") == ["paper", "second", "third"]
    many = [{"collection": "birds", "artifact": "fourth", "input": {"type": "text", "value": "# 4\n"}}]
    sent = artifacts.post("/ingest/batch", {"documents": many}).json()["task_id"]
    until(lambda: artifacts.get(f"/ingest/batch/{sent}").json()["task_status"] == "SUCCESS")
    names = {"collection": "birds", "artifacts": ["fourth"]}
    erased = artifacts.post("/delete/batch", names).json()["data"]
    assert own.call("GET", f"/receipts/{erased[0]['receipt_id']}").status_code == 200
    assert own.shape() == {"birds": {"paper": {}, "second": {}, "third": {}}}
    hits = own.call("POST", "/knowledge/search", {"query": "herons", "mode": "full", "top_k": 10}).json()[
        "results"
    ]
    assert {(hit["collection"], hit["artifact"]) for hit in hits} == {("birds", "paper"), ("birds", "second")}

    for collection in ("fish", "new"):  # one that is there, and one that would have to be made
        assert artifacts.ingest("x", "# X\n", collection=collection).status_code == 403
        many = [{"collection": collection, "artifact": "x", "input": {"type": "text", "value": "# X\n"}}]
        assert artifacts.post("/ingest/batch", {"documents": many}).status_code == 403
        assert artifacts.delete("paper", collection=collection).status_code == 404
        assert artifacts.listed(collection) == []
    deletion = artifacts.delete_async("third", collection="birds")
    assert artifacts.ended("delete", deletion)["task_status"] == "SUCCESS"
    receipt = artifacts.delete("second", collection="birds").headers["Lethe-Receipt"]
    assert artifacts.listed("birds") == ["paper"]
    assert own.call("GET", f"/receipts/{receipt}").status_code == 200
    assert kb.artifacts.listed("fish") == ["paper"]


def test_receipts_and_tasks_of_others_are_not_shown_even_of_what_was_within(
    kb: Knowledge, bound: Any
) -> None:
    kb.artifacts.ingest("paper", "# Paper\n", collection="birds")
    birds = next(item["id"] for item in kb.tree() if item["title"] == "birds")
    own = bound({birds: True})
    theirs = kb.artifacts.delete("paper", collection="birds").headers["Lethe-Receipt"]
    assert own.call("GET", f"/receipts/{theirs}").status_code == 404
    own.artifacts.ingest("mine", "# Mine\n", collection="birds")
    mine = own.artifacts.delete("mine", collection="birds").headers["Lethe-Receipt"]
    assert [r["id"] for r in own.call("GET", "/receipts").json()["items"]] == [mine]
    assert [r["id"] for r in kb.call("GET", "/receipts").json()["items"]] == [mine, theirs]
    outside = kb.document("elsewhere")
    kb.indexed(outside)
    assert {task["node_id"] for task in own.call("GET", "/tasks").json()["items"]} == {None}


def test_folders_below_the_root_are_a_token_s_own_roots_and_what_is_above_has_no_name(
    kb: Knowledge, bound: Any
) -> None:
    top = kb.folder("Secret project")
    drafts, final = kb.folder("Drafts", top), kb.folder("Final", top)
    deeper = kb.folder("Old", drafts)
    document = kb.document("Plan", deeper, "# Plan\n\notters\n")
    kb.document("Plan", top, "# Plan\n\notters\n")
    own = bound({drafts: True, final: False, deeper: True})

    assert own.shape() == {"Drafts": {"Old": {"Plan": {}}}, "Final": {}}
    assert [(item["parent_id"], item["path_cache"], item["position"]) for item in own.tree()] == [
        (None, "/Drafts", 0), (None, "/Final", 1),
    ]  # fmt: skip
    assert own.node(drafts)["parent_id"] is None
    assert own.node(document)["path_cache"] == "/Drafts/Old/Plan"
    kb.indexed(document)
    search = {"query": "otters", "mode": "hybrid"}
    hits = own.call("POST", "/knowledge/search", search)
    assert [hit["node_id"] for hit in hits.json()["results"]] == [document]
    assert own.call("POST", "/knowledge/search", {**search, "node_ids": [top]}).json()["results"] == []
    for path in (f"/knowledge/nodes/{document}", "/knowledge/tree", "/tasks", "/knowledge/trash", "/me"):
        assert "Secret" not in own.call("GET", path).text
    assert "Secret" not in hits.text
    (task,) = (task for task in own.call("GET", "/tasks").json()["items"] if task["node_id"] == document)
    told = own.artifacts.get(f"/ingest/async/{task['id']}").json()
    assert told["task_result"]["data"][0]["doc_metadata"]["collection"] is None
    assert "Secret" not in str(told)
    assert own.call("GET", "/me").json()["only"] == [
        {"id": drafts, "title": "Drafts", "write": True},
        {"id": final, "title": "Final", "write": False},
        {"id": deeper, "title": "Old", "write": True},
    ]


def test_what_a_token_may_only_read_it_can_neither_change_nor_take_away(kb: Knowledge, bound: Any) -> None:
    shelf, desk = kb.folder("Shelf"), kb.folder("Desk")
    book, note = kb.document("Book", shelf), kb.document("Note", desk)
    gone = kb.document("Gone", shelf)
    kb.indexed(book, note, gone)
    kb.delete(gone)
    own = bound({shelf: False, desk: True})
    assert own.text(book) == "# Text\n\nwords\n"
    attempts = [
        own.change(book, title="x"),
        own.change(book, metadata={"x": 1}),
        own.change(book, parent_id=desk),
        own.change(note, parent_id=shelf),
        own.delete(book),
        own.restore(gone),
        own.restore(gone, parent_id=desk),
        own.call("DELETE", f"/knowledge/trash/{gone}"),
        own.call("PUT", f"/knowledge/documents/{book}", {"markdown": "x"}),
        own.call("POST", "/knowledge/documents", {"title": "x", "markdown": "x", "parent_id": shelf}),
        own.call("POST", "/knowledge/folders", {"title": "x", "parent_id": shelf}),
    ]
    assert [refused(answer) for answer in attempts] == [BEYOND] * len(attempts)
    assert own.artifacts.delete(book, collection="Shelf").status_code == 403
    assert own.artifacts.ingest("x", "# X\n", collection="Shelf").status_code == 403
    assert kb.shape() == {"Shelf": {"Book": {}}, "Desk": {"Note": {}}}


def test_the_folder_itself_is_not_the_tokens_to_change(kb: Knowledge, bound: Any) -> None:
    desk, drawer = kb.folder("Desk"), kb.folder("Drawer")
    kb.document("Note", desk)
    own = bound({desk: True, drawer: True})
    for answer in (
        own.change(desk, title="Mine"),
        own.change(desk, parent_id=drawer),
        own.change(desk, position=1),
        own.delete(desk),
        own.change(own.tree()[0]["children"][0]["id"], parent_id=None),
        own.call("POST", "/knowledge/folders", {"title": "Another"}),
    ):
        assert refused(answer) == BEYOND
    kb.delete(drawer)
    assert refused(own.restore(drawer)) == refused(own.call("DELETE", f"/knowledge/trash/{drawer}")) == BEYOND
    assert kb.shape() == {"Desk": {"Note": {}}}


def test_the_bounds_follow_the_folder_and_end_with_it(kb: Knowledge, bound: Any) -> None:
    desk, cellar = kb.folder("Desk"), kb.folder("Cellar")
    note = kb.document("Note", desk)
    kb.indexed(note)
    own = bound({desk: True})
    key = {"Idempotency-Key": "once"}
    body = {"title": "Again", "markdown": "# Again\n", "parent_id": desk}
    made = own.call("POST", "/knowledge/documents", body, headers=key).json()["id"]
    kb.indexed(made)
    kb.change(desk, parent_id=cellar)
    assert own.shape() == {"Desk": {"Note": {}, "Again": {}}}
    kb.change(note, parent_id=cellar)
    kb.change(made, parent_id=cellar)
    assert own.shape() == {"Desk": {}}
    assert not own.there(note)
    replayed = own.call("POST", "/knowledge/documents", body, headers=key)
    assert (replayed.status_code, made in replayed.text) == (409, False)
    assert (
        own.call("GET", "/tasks").json()["items"][0]["node_id"] is None
    )  # its own task, of a document elsewhere
    kb.delete(desk)
    assert own.tree() == []
    kb.restore(desk)
    assert own.shape() == {"Desk": {}}
    kb.delete(desk)
    assert kb.call("DELETE", f"/knowledge/trash/{desk}").status_code in (200, 204)
    assert (own.tree(), own.trash(), own.call("GET", "/me").json()["only"]) == ([], [], [])
    assert own.call("POST", "/knowledge/search", {"query": "words", "mode": "full"}).json()["results"] == []
    assert kb.there(note)


def test_a_document_that_is_moved_away_while_it_is_ingested_is_stored_where_it_is(
    server: Server, kb: Knowledge, bound: Any
) -> None:
    desk, cellar = kb.folder("Desk"), kb.folder("Cellar")
    own = bound({desk: True})
    with server.worker_standing_still():
        note = own.document("Note", desk, "# Note\n\nbadgers\n")
        kb.change(note, parent_id=cellar)
    kb.indexed(note)
    found = {"query": "badgers", "mode": "full"}
    assert own.call("POST", "/knowledge/search", found).json()["results"] == []
    assert len(kb.call("POST", "/knowledge/search", found).json()["results"]) == 1
    assert not own.there(note)
    until(lambda: own.call("GET", "/tasks").json()["items"][0]["status"] == "success")


def test_the_command_binds_a_token_by_paths_and_lists_what_it_is_bound_to(
    server: Server, kb: Knowledge
) -> None:
    top = kb.folder("Handbook")
    drafts, read = kb.folder("Drafts", top), kb.folder("Policies")
    create = ("token", "create", "--company", kb.company, "--name", "bound", "--scopes", "all")
    wrong = server.command(*create, "--only", "Handbook/Nothing", check=False)
    assert wrong.returncode != 0
    assert "no folder 'Handbook/Nothing'" in wrong.stderr
    twins = [kb.folder("Twin", top), kb.folder("Twin", top)]
    unclear = server.command(*create, "--only", "Handbook/Twin", check=False)
    assert unclear.returncode != 0
    assert ", ".join(sorted(twins)) in unclear.stderr
    made = server.command(*create, "--only", "Handbook/Drafts", "--only-read", "Policies", "--json")
    created = json.loads(made.stdout)
    assert created["only"] == {drafts: True, read: False}
    own = Knowledge(server.client_of(created["token"], kb.company))
    assert own.shape() == {"Drafts": {}, "Policies": {}}
    listed = server.command("token", "list", "--company", kb.company).stdout
    assert "only /Handbook/Drafts\n" in listed
    assert "only /Policies, to read\n" in listed


@dataclass
class Forest:
    """A company with two trees of folders and documents, and tokens that are bound to some of them."""

    kb: Knowledge
    folders: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        left, right = self.kb.folder("Left"), self.kb.folder("Right")
        self.folders = [left, right, self.kb.folder("Inner", left), self.kb.folder("Inner", right)]
        self.documents = [self.kb.document(f"Document {n}", parent) for n, parent in enumerate(self.folders)]

    def below(self, roots: set[str]) -> set[str]:
        """What is below these nodes, as somebody without bounds sees it: one of them too, if it is below another."""

        def walk(items: list[dict[str, Any]], within: bool) -> set[str]:
            found = set()
            for item in items:
                inside = within or item["id"] in roots
                found |= ({item["id"]} if within else set()) | walk(item["children"], inside)
            return found

        return walk(self.kb.tree(), within=False)

    def seen(self, roots: set[str]) -> set[str]:
        """What is at and below these nodes."""
        return self.below(roots) | roots & ids_of(self.kb.tree())


def ids_of(items: list[dict[str, Any]]) -> set[str]:
    """The ids of a tree."""
    return {id for item in items for id in ({item["id"]} | ids_of(item["children"]))}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["move", "delete", "restore"]), st.integers(0, 7), st.integers(0, 3), st.booleans()
    ),
    min_size=3,
    max_size=7,
)


@settings(max_examples=4)
@example(
    steps=[("move", 2, 0, True)], roots={0, 2}
)  # a folder of the token's below another one is its to change
@given(steps=STEPS, roots=st.sets(st.integers(0, 3), min_size=1, max_size=2))
def test_whatever_is_moved_deleted_and_restored_a_token_sees_what_is_below_its_folders(
    server: Server, steps: list[tuple[str, int, int, bool]], roots: set[int]
) -> None:
    kb = Knowledge(server.client())
    forest = Forest(kb)
    bounds = {forest.folders[n] for n in roots}
    own = Knowledge(server.client(company=kb.company, only=dict.fromkeys(bounds, True)))
    nodes = [*forest.folders, *forest.documents]
    for what, which, where, by_own in steps:
        node, before = nodes[which], ids_of(kb.tree())
        within, below = forest.seen(bounds), forest.below(bounds)
        actor = own if by_own else kb
        if what == "move":
            answer = actor.change(node, parent_id=forest.folders[where])
        else:
            answer = actor.delete(node) if what == "delete" else actor.restore(node)
        if by_own and what != "restore":
            if node not in within:
                assert answer.status_code == 404
            elif node not in below or (what == "move" and forest.folders[where] not in within):
                assert answer.status_code in (403, 404, 409)
        if by_own:  # whatever it did, nothing outside has changed
            assert before - within <= ids_of(kb.tree())
        there = forest.seen(bounds)
        assert ids_of(own.tree()) == there
        assert own.there(node) == (node in there)
    server.close_clients()
