"""Callers of both doors, who note what they do and see."""

import random
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx

from tests.server import Server, body
from tests.torture.history import History, Operation, Outcome, Seen, words_in

COLLECTIONS = ["c0", "c1"]
ARTIFACTS = [f"a{i}" for i in range(8)]
FOLDERS = ["f0", "f1", "f2"]
ANSWER_SECONDS = 30
FINAL = ("SUCCESS", "FAILURE", "REVOKED")


class World:
    """What the callers of one company know together: which nodes there are."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.ids: dict[str, str] = {}
        """The node's id of each folder and each document that was made in the tree."""
        self.tasks: list[Operation] = []

    def know(self, subject: str, id: str) -> None:
        with self._lock:
            self.ids[subject] = id

    def nodes(self, prefix: str) -> list[str]:
        """Subjects of this kind that have an id."""
        with self._lock:
            return [subject for subject in self.ids if subject.startswith(prefix)]


class Caller:
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
        self.history = history
        self.world = world
        self.random = random.Random(seed)
        self._callback = callback
        self.http = httpx.Client(
            base_url=server.url, headers={"Authorization": f"Bearer {token}"}, trust_env=False
        )

    def act(self) -> None:
        """Do something."""
        choices = self.random.choices
        (do,) = choices(list(_ACTS), weights=list(_ACTS.values()))
        do(self)

    # ------------------------------------------------------------ writing

    def ingest(self) -> None:
        operation, name = self._artifact_write("ingest")
        answer = self._call(operation, "POST", "/artifacts/ingest", json=name)
        if answer is not None and answer.status_code == 200:
            operation.done = operation.ended

    def ingest_form(self) -> None:
        operation, name = self._artifact_write("ingest")
        form = {"collection": name["collection"], "artifact": name["artifact"]}
        form["metadata"] = f'{{"title": "{operation.word}"}}'
        files = {"file": ("text.md", name["input"]["value"].encode())}
        answer = self._call(operation, "POST", "/artifacts/ingest", data=form, files=files)
        if answer is not None and answer.status_code == 200:
            operation.done = operation.ended

    def ingest_async(self) -> None:
        operation, name = self._artifact_write("ingest_async")
        self._task(operation, "ingest", {"ingest_body": name})

    def create(self) -> None:
        folder = self._some("folder:")
        if folder is None:
            return
        operation = self.history.begin("create", "", writes=True)
        operation.subject = f"node:{operation.word}"
        self.history.folder_of[operation.subject] = folder
        title = {"title": operation.word, "parent_id": self.world.ids[folder]}
        text = self._text(operation.word)
        if self.random.random() < 0.3:
            file = {"file": ("text.txt", text.encode())}
            answer = self._call(operation, "POST", "/knowledge/documents/upload", data=title, files=file)
        else:
            answer = self._call(operation, "POST", "/knowledge/documents", json={**title, "markdown": text})
        if answer is not None and answer.status_code == 201:
            self.world.know(operation.subject, answer.json()["id"])

    def replace(self) -> None:
        subject = self._some("node:")
        if subject is not None:
            operation = self.history.begin("replace", subject, writes=True)
            markdown = {"markdown": self._text(operation.word)}
            self._call(operation, "PUT", f"/knowledge/documents/{self.world.ids[subject]}", json=markdown)

    def make_folder(self, title: str) -> None:
        """At the start of a run."""
        operation = self.history.begin("folder", f"folder:{title}")
        answer = self._call(operation, "POST", "/knowledge/folders", json={"title": title})
        assert answer is not None
        self.world.know(operation.subject, answer.json()["id"])

    # ------------------------------------------------------------ deleting and bringing back

    def delete(self) -> None:
        subject, name = self._name()
        self._call(self.history.begin("delete", subject), "POST", "/artifacts/delete", json=name)

    def delete_async(self) -> None:
        subject, name = self._name()
        self._task(self.history.begin("delete_async", subject), "delete", {"delete_body": name})

    def trash(self) -> None:
        self._on_node("trash", "DELETE", "/knowledge/nodes/{}", self._some("node:"))

    def trash_folder(self) -> None:
        self._on_node("trash", "DELETE", "/knowledge/nodes/{}", self._some("folder:"))

    def restore(self) -> None:
        trashed = self._trashed()
        self._on_node("restore", "POST", "/knowledge/nodes/{}/restore", trashed)

    def erase(self) -> None:
        trashed = self._trashed()
        if trashed is not None and trashed.startswith("node:"):
            self._on_node("erase", "DELETE", "/knowledge/trash/{}", trashed)

    # ------------------------------------------------------------ reading

    def content(self) -> None:
        subject, name = self._name()
        self.read_content(subject, name)

    def read_content(self, subject: str, name: dict[str, str]) -> None:
        operation = self.history.begin("content", subject)
        which = {"context_filter": {"collection": name["collection"], "artifacts": [name["artifact"]]}}
        answer = self._call(operation, "POST", "/artifacts/content", json=which)
        if answer is not None and answer.status_code == 404:
            operation.missed = (subject,)
        elif answer is not None and answer.status_code == 200:
            self._saw(operation, subject, [d["content"] for d in answer.json()["data"]])

    def list_collection(self) -> None:
        self.read_list(self.random.choice(COLLECTIONS))

    def read_list(self, collection: str) -> None:
        operation = self.history.begin("list", "")
        answer = self._call(operation, "GET", "/artifacts/list", params={"collection": collection})
        if answer is not None and answer.status_code == 200:
            shown = {
                f"artifact:{collection}/{d['artifact']}": d["doc_metadata"]["title"]
                for d in answer.json()["data"]
            }
            operation.seen = tuple(Seen(subject, word) for subject, word in shown.items())
            every = {f"artifact:{collection}/{artifact}" for artifact in ARTIFACTS}
            operation.missed = tuple(sorted(every - shown.keys()))

    def node(self) -> None:
        subject = self._some("node:")
        if subject is not None:
            self.read_node(subject)

    def read_node(self, subject: str) -> None:
        operation = self.history.begin("node", subject)
        path = f"/knowledge/nodes/{self.world.ids[subject]}"
        answer = self._call(operation, "GET", path, params={"include": "markdown"})
        if answer is not None and answer.status_code == 404:
            operation.missed = (subject,)
        elif answer is not None and answer.status_code == 200:
            self._saw(operation, subject, [answer.json()["markdown"]])
            operation.detail = str(answer.json().get("last_ingestion"))

    def tree(self) -> None:
        operation = self.history.begin("tree", "")
        known = set(self.world.nodes("node:"))
        answer = self._call(operation, "GET", "/knowledge/tree")
        if answer is not None and answer.status_code == 200:
            seen = []
            for folder in answer.json()["items"]:
                if folder["title"] in FOLDERS:
                    seen.append(Seen(f"folder:{folder['title']}", None))
                    for item in folder["children"]:
                        subject = f"node:{item['title']}"
                        self.world.know(subject, item["id"])
                        seen.append(Seen(subject, None))
                else:
                    for item in folder["children"]:
                        writer = self.history.writes.get(item["title"])
                        subject = writer.subject if writer else f"unknown:{item['title']}"
                        seen.append(Seen(subject, item["title"]))
            operation.seen = tuple(seen)
            operation.missed = tuple(sorted(known - {s.subject for s in seen}))

    def search(self) -> None:
        words = sorted(self.history.writes)[-200:]
        if words:
            self.read_search(self.random.choice(words), self.random.choice(["full", "vector", "hybrid"]))

    def read_search(self, word: str, mode: str) -> None:
        operation = self.history.begin(f"search {mode}", "")
        asked = {"query": f"{word} river", "mode": mode, "top_k": 25}
        if mode == "full":
            asked["query"] = word
        answer = self._call(operation, "POST", "/knowledge/search", json=asked)
        if answer is not None and answer.status_code == 200:
            writes = self.history.writes
            seen = []
            for result in answer.json()["results"]:
                titled = writes.get(result["title"])
                subject = titled.subject if titled else f"unknown:{result['title']}"
                words = words_in([result["snippet"]])
                seen += [Seen(subject, w) for w in words] or [Seen(subject, None)]
            operation.seen = tuple(seen)
            operation.detail = word
            if mode == "full" and word not in {s.word for s in seen}:
                operation.missed = (f"word:{word}",)

    def look_at_task(self) -> None:
        if self.world.tasks:
            self.read_task(self.random.choice(self.world.tasks[-40:]))

    def read_task(self, of: Operation) -> None:
        """Note how a task stands. Its final state must not change."""
        operation = self.history.begin("task", "")
        kind = "ingest" if of.kind == "ingest_async" else "delete"
        answer = self._call(operation, "GET", f"/artifacts/{kind}/async/{of.task}")
        if answer is None or answer.status_code >= 500:
            return
        status = answer.json().get("task_status", f"no task: {answer.status_code}")
        operation.task, operation.status = of.task, status
        if status == "SUCCESS" and of.kind == "ingest_async":
            of.done = min(of.done, operation.ended)
        if status in FINAL:
            of.status = of.status or status
            of.detail = str(answer.json()["task_result"] or "")[:200] if status == "FAILURE" else ""

    # ------------------------------------------------------------ how

    def _artifact_write(self, kind: str) -> tuple[Operation, dict[str, Any]]:
        subject, name = self._name()
        operation = self.history.begin(kind, subject, writes=True)
        text = self._text(operation.word)
        document = body(
            name["artifact"], text, collection=name["collection"], metadata={"title": operation.word}
        )
        return operation, document

    def _task(self, operation: Operation, kind: str, document: dict[str, Any]) -> None:
        operation.told = self.random.random() < 0.6
        document["callback"] = self._callback(operation.number) if operation.told else None
        answer = self._call(operation, "POST", f"/artifacts/{kind}/async", json=document)
        if answer is not None and answer.status_code == 200:
            operation.task = answer.json()["task_id"]
            self.world.tasks.append(operation)

    def _on_node(self, kind: str, method: str, path: str, subject: str | None) -> None:
        if subject is not None:
            operation = self.history.begin(kind, subject)
            answer = self._call(operation, method, path.format(self.world.ids[subject]))
            if kind == "trash" and answer is not None and answer.status_code == 404:
                operation.missed = (subject,)

    def _call(self, operation: Operation, method: str, path: str, **more: Any) -> httpx.Response | None:
        """The answer, with the operation's end and outcome noted. None when none came."""
        patience = self.random.uniform(0.01, 0.3) if self.random.random() < 0.05 else ANSWER_SECONDS
        try:
            answer = self.http.request(method, f"/v1{path}", timeout=patience, **more)
        except httpx.ConnectError:
            operation.outcome, operation.ended = Outcome.FAIL, self.history.now()
            time.sleep(0.2)
            return None
        except httpx.HTTPError as exc:
            operation.detail = type(exc).__name__
            return None
        if answer.status_code >= 500:
            operation.detail = f"{answer.status_code} {answer.text[:120]}"
            return answer
        operation.ended = self.history.now()
        operation.outcome = Outcome.OK if answer.status_code < 400 else Outcome.FAIL
        if operation.outcome is Outcome.FAIL:
            operation.detail = f"{answer.status_code} {answer.text[:120]}"
        return answer

    def _saw(self, operation: Operation, subject: str, texts: list[str | None]) -> None:
        words = words_in(texts)
        operation.seen = tuple(Seen(subject, word) for word in words) or (Seen(subject, None),)

    def _name(self) -> tuple[str, dict[str, str]]:
        collection, artifact = self.random.choice(COLLECTIONS), self.random.choice(ARTIFACTS)
        return f"artifact:{collection}/{artifact}", {"collection": collection, "artifact": artifact}

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
    Caller.restore: 6,
    Caller.erase: 3,
    Caller.content: 8,
    Caller.list_collection: 5,
    Caller.node: 6,
    Caller.tree: 4,
    Caller.search: 12,
    Caller.look_at_task: 8,
}
"""What callers do, and how often."""
