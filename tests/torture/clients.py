"""Callers of both doors, who write, delete, bring back and read."""

import random
from collections.abc import Callable
from typing import Any

from tests.client import body
from tests.server import Server
from tests.torture.history import History, Operation
from tests.torture.reading import ARTIFACTS, COLLECTIONS, Reader, World

FOLDERS = 3
"""How many a company has at a time."""


class Caller(Reader):
    """One client of a server, with a mind of its own."""

    def __init__(
        self,
        server: Server,
        token: str,
        history: History,
        world: World,
        seed: str,
        callback: Callable[[int], Any],
    ) -> None:
        super().__init__(server, token, history, world)
        self.random = random.Random(seed)
        self._callback = callback

    def patience(self) -> float:
        """Now and then a caller hangs up."""
        return self.random.uniform(0.01, 0.3) if self.random.random() < 0.05 else super().patience()

    def act(self) -> None:
        """Do something."""
        choices = self.random.choices
        (do,) = choices(list(_ACTS), weights=list(_ACTS.values()))
        do(self)

    # ------------------------------------------------------------ writing

    def ingest(self) -> None:
        operation, name = self._artifact_write("ingest")
        answer = self.call(operation, "POST", "/artifacts/ingest", json=name)
        if answer is not None and answer.status_code == 200:
            operation.done = operation.ended

    def ingest_form(self) -> None:
        operation, name = self._artifact_write("ingest")
        form = {"collection": name["collection"], "artifact": name["artifact"]}
        form["metadata"] = f'{{"title": "{operation.word}"}}'
        files = {"file": ("text.md", name["input"]["value"].encode())}
        answer = self.call(operation, "POST", "/artifacts/ingest", data=form, files=files)
        if answer is not None and answer.status_code == 200:
            operation.done = operation.ended

    def ingest_async(self) -> None:
        operation, name = self._artifact_write("ingest_async")
        self._task(operation, "ingest", {"ingest_body": name})

    def create(self) -> None:
        folder = self._some("folder:")
        if folder is None:
            return
        operation = self.begin("create", "", writes=True)
        operation.subject = self.world.node(str(operation.word))
        self.history.folder_of[operation.subject] = folder
        title = {"title": operation.word, "parent_id": self.world.ids[folder]}
        text = self._text(operation.word)
        if self.random.random() < 0.3:
            file = {"file": ("text.txt", text.encode())}
            answer = self.call(operation, "POST", "/knowledge/documents/upload", data=title, files=file)
        else:
            answer = self.call(operation, "POST", "/knowledge/documents", json={**title, "markdown": text})
        if answer is not None and answer.status_code == 201:
            self.world.know(operation.subject, answer.json()["id"])

    def replace(self) -> None:
        subject = self._some("node:")
        if subject is not None:
            operation = self.begin("replace", subject, writes=True)
            markdown = {"markdown": self._text(operation.word)}
            self.call(operation, "PUT", f"/knowledge/documents/{self.world.ids[subject]}", json=markdown)

    def make_folder(self) -> None:
        """Another one, unless there are enough."""
        made = self.world.nodes("folder:")
        erased = {o.subject for o in self.history.operations if o.kind == "erase"}
        if len(set(made) - erased) >= FOLDERS:
            return
        title = f"f{len(made)}-{self.random.randrange(10**6)}"
        operation = self.begin("folder", self.world.folder(title))
        answer = self.call(operation, "POST", "/knowledge/folders", json={"title": title})
        if answer is not None and answer.status_code == 201:
            self.world.know(operation.subject, answer.json()["id"])

    # ------------------------------------------------------------ deleting and bringing back

    def delete(self) -> None:
        subject, name = self._name()
        self.call(self.begin("delete", subject), "POST", "/artifacts/delete", json=name)

    def delete_async(self) -> None:
        subject, name = self._name()
        self._task(self.begin("delete_async", subject), "delete", {"delete_body": name})

    def trash(self) -> None:
        self._on_node("trash", "DELETE", "/knowledge/nodes/{}", self._some("node:"))

    def trash_folder(self) -> None:
        self._on_node("trash", "DELETE", "/knowledge/nodes/{}", self._some("folder:"))

    def trash_artifact(self) -> None:
        """Through the other door. A delete by its name does not reach it there."""
        if self.world.artifact_ids:
            subject, id = self.random.choice(sorted(self.world.artifact_ids.items()))
            self.call(self.begin("trash", subject), "DELETE", f"/knowledge/nodes/{id}")

    def restore_artifact(self) -> None:
        answer = self.call(self.begin("look", ""), "GET", "/knowledge/trash")
        shown = answer.json()["items"] if answer is not None and answer.status_code == 200 else []
        artifacts = [
            (self.history.writes[entry["title"]].subject, entry["id"])
            for entry in shown
            if entry["title"] in self.history.writes
            and self.history.writes[entry["title"]].subject.startswith("artifact:")
        ]
        if artifacts:
            subject, id = self.random.choice(artifacts)
            self.call(self.begin("restore", subject), "POST", f"/knowledge/nodes/{id}/restore")

    def restore(self) -> None:
        trashed = self._trashed()
        self._on_node("restore", "POST", "/knowledge/nodes/{}/restore", trashed)

    def erase(self) -> None:
        trashed = self._trashed()
        if trashed is not None and (trashed.startswith("node:") or self.random.random() < 0.3):
            self._on_node("erase", "DELETE", "/knowledge/trash/{}", trashed)

    # ------------------------------------------------------------ reading

    def content(self) -> None:
        subject, name = self._name()
        self.read_content(subject, name)

    def list_collection(self) -> None:
        self.read_list(self.random.choice(COLLECTIONS))

    def node(self) -> None:
        subject = self._some("node:")
        if subject is not None:
            self.read_node(subject)

    def search(self) -> None:
        words = [w for w, o in sorted(self.history.writes.items())[-300:] if o.company == self.world.company]
        if words:
            self.read_search(self.random.choice(words), self.random.choice(["full", "vector", "hybrid"]))

    def look_at_task(self) -> None:
        if self.world.tasks:
            self.read_task(self.random.choice(self.world.tasks[-40:]))

    # ------------------------------------------------------------ how

    def _artifact_write(self, kind: str) -> tuple[Operation, dict[str, Any]]:
        subject, name = self._name()
        operation = self.begin(kind, subject, writes=True)
        text = self._text(operation.word)
        document = body(
            name["artifact"], text, collection=name["collection"], metadata={"title": operation.word}
        )
        return operation, document

    def _task(self, operation: Operation, kind: str, document: dict[str, Any]) -> None:
        operation.told = self.random.random() < 0.6
        document["callback"] = self._callback(operation.number) if operation.told else None
        answer = self.call(operation, "POST", f"/artifacts/{kind}/async", json=document)
        if answer is not None and answer.status_code == 200:
            operation.task = answer.json()["task_id"]
            self.world.tasks.append(operation)

    def _on_node(self, kind: str, method: str, path: str, subject: str | None) -> None:
        if subject is not None:
            operation = self.begin(kind, subject)
            answer = self.call(operation, method, path.format(self.world.ids[subject]))
            if kind == "trash" and answer is not None and answer.status_code == 404:
                operation.missed = (subject,)

    def _name(self) -> tuple[str, dict[str, str]]:
        collection, artifact = self.random.choice(COLLECTIONS), self.random.choice(ARTIFACTS)
        return self.world.artifact(collection, artifact), {"collection": collection, "artifact": artifact}

    def _some(self, prefix: str) -> str | None:
        """A node that may be there, the newer the likelier."""
        nodes = self.world.nodes(prefix)
        if not nodes:
            return None
        return nodes[max(self.random.randrange(len(nodes)), self.random.randrange(len(nodes)))]

    def _trashed(self) -> str | None:
        """Something that was put into the trash not long ago."""
        last = [
            o.subject
            for o in self.history.operations[-400:]
            if o.kind == "trash" and o.subject in self.world.ids
        ]
        return self.random.choice(last) if last else None

    def _text(self, word: str | None) -> str:
        sentence = f"The river {word} carries what was said, and the stone keeps what was written. "
        paragraphs = [sentence * self.random.randint(1, 6) for _ in range(self.random.randint(1, 12))]
        if self.random.random() < 0.05:
            paragraphs *= 10
        return f"# {word}\n\n" + "\n\n".join(paragraphs) + "\n"


_ACTS: dict[Callable[[Caller], None], int] = {
    Caller.ingest: 8,
    Caller.ingest_form: 2,
    Caller.ingest_async: 10,
    Caller.create: 8,
    Caller.replace: 4,
    Caller.delete: 5,
    Caller.delete_async: 5,
    Caller.trash: 5,
    Caller.trash_folder: 1,
    Caller.trash_artifact: 2,
    Caller.make_folder: 2,
    Caller.restore: 6,
    Caller.restore_artifact: 2,
    Caller.erase: 3,
    Caller.content: 8,
    Caller.list_collection: 5,
    Caller.node: 6,
    Caller.tree: 4,
    Caller.search: 12,
    Caller.look_at_task: 8,
}
"""What callers do, and how often."""
