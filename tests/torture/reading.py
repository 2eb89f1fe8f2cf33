"""A caller who reads, and notes what it sees."""

import threading
import time
from typing import Any

import httpx

from tests.client import TLS
from tests.server import Server
from tests.torture.history import NO_ANSWER, History, Operation, Outcome, Seen, words_in
from tests.waiting import PATIENCE_SECONDS

COLLECTIONS = ["c0", "c1"]
ARTIFACTS = [f"a{i}" for i in range(8)]
ANSWER_SECONDS = PATIENCE_SECONDS
"""More than any call waits for others. The first search after a start loads the model: half a minute, in bad times."""
FINAL = ("SUCCESS", "FAILURE", "REVOKED")


class World:
    """What the callers of one company know together: which nodes there are."""

    def __init__(self, company: str) -> None:
        self.company = company
        self._lock = threading.Lock()
        self.ids: dict[str, str] = {}
        """The node's id of each folder and each document that was made in the tree."""
        self.artifact_ids: dict[str, str] = {}
        """The node's id of each artifact that the tree has shown last."""
        self.tasks: list[Operation] = []

    def artifact(self, collection: str, artifact: str) -> str:
        """The subject of this name."""
        return f"artifact:{self.company}/{collection}/{artifact}"

    def node(self, title: str) -> str:
        """The subject of a document of the tree."""
        return f"node:{self.company}/{title}"

    def folder(self, title: str) -> str:
        """The subject of a folder of the tree."""
        return f"folder:{self.company}/{title}"

    def know(self, subject: str, id: str) -> None:
        with self._lock:
            self.ids[subject] = id

    def nodes(self, prefix: str) -> list[str]:
        """Subjects of this kind that have an id."""
        with self._lock:
            return [subject for subject in self.ids if subject.startswith(prefix)]


class Reader:
    """One client of a server: its calls, each of them noted, and what it sees."""

    def __init__(self, server: Server, token: str, history: History, world: World) -> None:
        self.history = history
        self.world = world
        self.http = httpx.Client(
            base_url=server.url, headers={"Authorization": f"Bearer {token}"}, trust_env=False, verify=TLS
        )

    def begin(self, kind: str, subject: str, *, writes: bool = False) -> Operation:
        """A call of this caller that begins now."""
        return self.history.begin(kind, subject, company=self.world.company, writes=writes)

    def patience(self) -> float:
        """Seconds to wait for an answer."""
        return ANSWER_SECONDS

    def read_content(self, subject: str, name: dict[str, str]) -> None:
        operation = self.begin("content", subject)
        which = {"context_filter": {"collection": name["collection"], "artifacts": [name["artifact"]]}}
        answer = self.call(operation, "POST", "/artifacts/content", json=which)
        if answer is not None and answer.status_code == 404:
            operation.missed = (subject,)
        elif answer is not None and answer.status_code == 200:
            self._saw(operation, subject, [d["content"] for d in answer.json()["data"]])

    def read_list(self, collection: str) -> None:
        operation = self.begin("list", "")
        answer = self.call(operation, "GET", "/artifacts/list", params={"collection": collection})
        if answer is not None and answer.status_code == 200:
            shown = {
                self.world.artifact(collection, d["artifact"]): d["doc_metadata"]["title"]
                for d in answer.json()["data"]
            }
            operation.seen = tuple(Seen(subject, word) for subject, word in shown.items())
            every = {self.world.artifact(collection, artifact) for artifact in ARTIFACTS}
            operation.missed = tuple(sorted(every - shown.keys()))

    def read_node(self, subject: str) -> None:
        operation = self.begin("node", subject)
        path = f"/knowledge/nodes/{self.world.ids[subject]}"
        answer = self.call(operation, "GET", path, params={"include": "markdown"})
        if answer is not None and answer.status_code == 404:
            operation.missed = (subject,)
        elif answer is not None and answer.status_code == 200:
            self._saw(operation, subject, [answer.json()["markdown"]])
            state = answer.json()["last_ingestion"] or {}
            operation.detail = f"{state.get('status', '')} {state.get('error') or ''}"

    def tree(self) -> None:
        operation = self.begin("tree", "")
        known = set(self.world.nodes("node:"))
        answer = self.call(operation, "GET", "/knowledge/tree")
        if answer is not None and answer.status_code == 200:
            seen = []
            for folder in answer.json()["items"]:
                if folder["title"] not in COLLECTIONS:
                    seen.append(Seen(self.world.folder(folder["title"]), None))
                    for item in folder["children"]:
                        subject = self.world.node(item["title"])
                        self.world.know(subject, item["id"])
                        seen.append(Seen(subject, None))
                else:
                    for item in folder["children"]:
                        writer = self.history.writes.get(item["title"])
                        subject = writer.subject if writer else f"unknown:{item['title']}"
                        self.world.artifact_ids[subject] = item["id"]
                        seen.append(Seen(subject, item["title"]))
            operation.seen = tuple(seen)
            operation.missed = tuple(sorted(known - {s.subject for s in seen}))

    def read_search(self, word: str, mode: str) -> None:
        operation = self.begin(f"search {mode}", "")
        asked = {"query": f"{word} river", "mode": mode, "top_k": 25}
        if mode == "full":
            asked["query"] = word
        answer = self.call(operation, "POST", "/knowledge/search", json=asked)
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

    def read_task(self, of: Operation) -> bool:
        """Note how a task stands. Its final state must not change. False when no answer came."""
        operation = self.begin("task", "")
        kind = "ingest" if of.kind == "ingest_async" else "delete"
        answer = self.call(operation, "GET", f"/artifacts/{kind}/async/{of.task}")
        if answer is None or answer.status_code >= 500:
            return False
        status = answer.json().get("task_status", f"no task: {answer.status_code}")
        operation.task, operation.status = of.task, status
        if status == "SUCCESS" and of.kind == "ingest_async":
            of.done = min(of.done, operation.ended)
        if status == "SUCCESS" and of.kind == "delete_async":
            of.receipt = answer.headers.get("lethe-receipt")
        if status in FINAL:
            of.status = of.status or status
            of.detail = str(answer.json()["task_result"] or "")[:200] if status == "FAILURE" else ""
        return True

    def call(self, operation: Operation, method: str, path: str, **more: Any) -> httpx.Response | None:
        """The answer, with the operation's end and outcome noted. None when none came."""
        patience = self.patience()
        try:
            answer = self.http.request(method, f"/v1{path}", timeout=patience, **more)
        except httpx.ConnectError:
            operation.outcome, operation.ended = Outcome.FAIL, self.history.now()
            time.sleep(0.2)
            return None
        except httpx.HTTPError as exc:
            waited = isinstance(exc, httpx.TimeoutException) and patience == ANSWER_SECONDS
            operation.detail = NO_ANSWER if waited else type(exc).__name__
            return None
        if answer.status_code >= 500:
            operation.detail = f"{answer.status_code} {answer.text[:120]}"
            return answer
        operation.ended = self.history.now()
        operation.receipt = answer.headers.get("lethe-receipt")
        operation.outcome = Outcome.OK if answer.status_code < 400 else Outcome.FAIL
        if operation.outcome is Outcome.FAIL:
            operation.detail = f"{answer.status_code} {answer.text[:120]}"
        return answer

    def _saw(self, operation: Operation, subject: str, texts: list[str | None]) -> None:
        words = words_in(texts)
        operation.seen = tuple(Seen(subject, word) for word in words) or (Seen(subject, None),)
