"""Both doors against a model: whatever is done in whatever order, tree, list, content and trash agree with it."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.http.knowledge.knowledge import Knowledge
from tests.server import Server

NAMES = st.sampled_from(["a", "b", "c"])


@dataclass
class Known:
    """What the model knows of a node. `trash` is the number of the deletion that took it, None while live."""

    id: str
    title: str
    parent: str | None
    text: str | None
    artifact: str | None = None
    trash: str | None = None
    order: list[str] = field(default_factory=list)


def id_of(node: Known | None) -> str | None:
    """The node's id; None for the root."""
    return node.id if node else None


class Doors(RuleBasedStateMachine):
    """Random requests through both doors."""

    server: Server

    def __init__(self) -> None:
        super().__init__()
        self.kb = Knowledge(self.server.client())
        self.nodes: dict[str, Known] = {}

    def teardown(self) -> None:
        self.server.close_clients()

    def pick(self, index: int, *, folders: bool = False, trashed: bool = False) -> Known | None:
        found = [
            n
            for n in self.nodes.values()
            if (n.trash is not None) == trashed and not (folders and n.text is not None)
        ]
        return found[index % len(found)] if found else None

    def live(self, parent: str | None) -> list[Known]:
        return [n for n in self.nodes.values() if n.parent == parent and n.trash is None]

    def below(self, node: Known) -> list[Known]:
        return [node, *(m for n in self.nodes.values() if n.parent == node.id for m in self.below(n))]

    def root(self, node: Known) -> Known:
        return node if node.parent is None else self.root(self.nodes[node.parent])

    def taken(self, title: str) -> bool:
        return any(n.title == title and n.text is None for n in self.live(None))

    @rule(title=NAMES, index=st.integers(0, 9), at_root=st.booleans())
    def make_folder(self, title: str, index: int, at_root: bool) -> None:
        parent = None if at_root else self.pick(index, folders=True)
        answer = self.kb.call("POST", "/knowledge/folders", {"title": title, "parent_id": id_of(parent)})
        if parent is None and self.taken(title):
            assert answer.status_code == 409
            return
        assert answer.status_code == 201
        id = answer.json()["id"]
        self.nodes[id] = Known(id, title, id_of(parent), None)

    @rule(title=NAMES, index=st.integers(0, 9), text=NAMES)
    def make_document(self, title: str, index: int, text: str) -> None:
        parent = self.pick(index, folders=True)
        id = self.kb.document(title, id_of(parent), text)
        self.nodes[id] = Known(id, title, id_of(parent), text, id)
        self.kb.indexed(id)

    @rule(collection=NAMES, artifact=NAMES, text=NAMES)
    def ingest(self, collection: str, artifact: str, text: str) -> None:
        assert self.kb.artifacts.ingest(artifact, text, collection=collection).status_code == 200
        folder = next((n for n in self.live(None) if n.title == collection and n.text is None), None)
        known = next(
            (n for n in self.nodes.values() if folder and n.trash is None and n.artifact == artifact
             and self.root(n) is folder), None,
        )  # fmt: skip
        if known is not None:
            if known.text != text:
                known.text, known.title = text, artifact
            return
        seen = {i["id"]: i for i in self.flat(self.kb.tree())}
        for id in [i for i in seen if i not in self.nodes]:
            item = seen[id]
            document = item["node_type"] == "document"
            self.nodes[id] = Known(
                id,
                item["title"],
                item["parent_id"],
                text if document else None,
                artifact if document else None,
            )

    @rule(collection=NAMES, artifact=NAMES)
    def erase_artifact(self, collection: str, artifact: str) -> None:
        known = next(
            (n for n in self.nodes.values() if n.trash is None and n.artifact == artifact
             and self.root(n).text is None and self.root(n).title == collection), None,
        )  # fmt: skip
        answer = self.kb.artifacts.delete(artifact, collection=collection)
        assert answer.status_code == (404 if known is None else 200)
        if known is not None:
            del self.nodes[known.id]

    @precondition(lambda self: self.pick(0))
    @rule(index=st.integers(0, 9))
    def delete(self, index: int) -> None:
        node = self.pick(index)
        assert node is not None
        assert self.kb.delete(node.id).status_code == 204
        for each in self.below(node):
            each.trash = each.trash or node.id

    @precondition(lambda self: self.pick(0, trashed=True))
    @rule(index=st.integers(0, 9))
    def restore(self, index: int) -> None:
        node = self.pick(index, trashed=True)
        assert node is not None
        back = [n for n in self.below(node) if n.trash == node.trash]
        orphan = node.parent is not None and self.nodes[node.parent].trash is not None
        answer = self.kb.restore(node.id)
        if orphan or (node.text is None and node.parent is None and self.taken(node.title)):
            assert answer.status_code == 409
            return
        top = self.root(node)
        names = {
            n.artifact for n in self.nodes.values() if n.trash is None and n.artifact and self.root(n) is top
        }
        if names & {n.artifact for n in back}:
            assert answer.status_code == 409
            return
        assert answer.status_code == 200, answer.text
        for each in back:
            each.trash = None

    @precondition(lambda self: self.pick(0, trashed=True))
    @rule(index=st.integers(0, 9))
    def erase(self, index: int) -> None:
        node = self.pick(index, trashed=True)
        assert node is not None
        assert self.kb.call("DELETE", f"/knowledge/trash/{node.id}").status_code == 204
        for each in self.below(node):
            del self.nodes[each.id]

    @precondition(lambda self: self.pick(0))
    @rule(index=st.integers(0, 9), into=st.integers(0, 9), title=NAMES, at_root=st.booleans())
    def move(self, index: int, into: int, title: str, at_root: bool) -> None:
        node = self.pick(index)
        parent = None if at_root else self.pick(into, folders=True)
        assert node is not None
        answer = self.kb.change(node.id, parent_id=id_of(parent), title=title)
        if answer.status_code == 200:
            node.parent, node.title = parent.id if parent else None, title
            return
        assert answer.status_code == 409
        inside = parent is not None and parent in self.below(node)
        name = parent is None and node.text is None and self.taken(title)
        top = self.root(parent) if parent else node
        moving = [n.artifact for n in self.below(node) if n.trash is None and n.artifact]
        there = [n.artifact for n in self.nodes.values() if n not in self.below(node) and n.trash is None
                 and n.artifact and self.root(n) is top]  # fmt: skip
        assert inside or name or set(moving) & set(there) or len(set(moving)) < len(moving)

    def flat(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [n for item in items for n in (item, *self.flat(item["children"]))]

    @invariant()
    def all_agree(self) -> None:
        seen = {i["id"]: (i["title"], i["parent_id"]) for i in self.flat(self.kb.tree())}
        assert seen == {n.id: (n.title, n.parent) for n in self.nodes.values() if n.trash is None}
        for title in "abc":
            expected = {n.artifact: n.text for n in self.nodes.values() if n.trash is None and n.artifact
                        and self.root(n).text is None and self.root(n).title == title}  # fmt: skip
            contents = self.kb.artifacts.post("/content", {"context_filter": {"collection": title}}).json()
            assert {d["artifact_id"]: d["content"] for d in contents["data"]} == expected
        tops = {n.trash for n in self.nodes.values() if n.trash is not None}
        entries = {e["id"] for e in self.kb.call("GET", "/knowledge/trash").json()["items"]}
        assert entries == {t for t in tops if t in self.nodes and self.nodes[t].trash == t}


def test_both_doors_agree_with_a_model_in_random_orders(server: Server) -> None:
    Doors.server = server
    run_state_machine_as_test(
        Doors,
        settings=settings(
            max_examples=6,
            stateful_step_count=16,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
