"""A client of the Artifacts API, and documents for it."""

import ssl
from collections.abc import Mapping
from typing import Any

import httpx

from tests.waiting import PATIENCE_SECONDS, until

TLS = ssl.create_default_context()
"""Made once: it takes longer than most calls do, and all of them are plain HTTP."""


KEPT_SECONDS = 1.5


class Client:
    """A caller of the Artifacts API."""

    def __init__(self, url: str, token: str, company: str) -> None:
        self.company = company
        self.token = token
        self.http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=PATIENCE_SECONDS,
            trust_env=False,
            verify=TLS,
            # The server ends connections that are idle for 5 s: not in the moment in which one is used again.
            limits=httpx.Limits(keepalive_expiry=KEPT_SECONDS),
        )

    def post(self, path: str, body: Any) -> httpx.Response:
        """POST a JSON body below /v1/artifacts."""
        return self.http.post(f"/v1/artifacts{path}", json=body)

    def get(self, path: str, **params: Any) -> httpx.Response:
        """GET below /v1/artifacts."""
        return self.http.get(f"/v1/artifacts{path}", params=params)

    def ingest(
        self, artifact: str, text: str, *, collection: str = "c", metadata: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        """Ingest text and wait."""
        return self.post("/ingest", body(artifact, text, collection=collection, metadata=metadata))

    def ingest_async(self, artifact: str, text: str, *, collection: str = "c", callback: Any = None) -> str:
        """Ingest text in the background; the task's id."""
        answer = self.post(
            "/ingest/async",
            {"ingest_body": body(artifact, text, collection=collection), "callback": callback},
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["task_id"])

    def delete(self, artifact: str, *, collection: str = "c") -> httpx.Response:
        """Erase and wait."""
        return self.post("/delete", {"collection": collection, "artifact": artifact})

    def delete_async(self, artifact: str, *, collection: str = "c", callback: Any = None) -> str:
        """Erase in the background; the task's id."""
        answer = self.post(
            "/delete/async",
            {"delete_body": {"collection": collection, "artifact": artifact}, "callback": callback},
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["task_id"])

    def task(self, kind: str, task_id: str) -> dict[str, Any]:
        """A task as the API shows it."""
        answer = self.get(f"/{kind}/async/{task_id}")
        assert answer.status_code == 200, answer.text
        task: dict[str, Any] = answer.json()
        return task

    def ended(self, kind: str, task_id: str, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """The task once it has ended."""
        until(lambda: self.task(kind, task_id)["task_status"] not in ("PENDING", "STARTED"), seconds)
        return self.task(kind, task_id)

    def listed(self, collection: str = "c") -> list[str]:
        """The artifacts of a collection."""
        return [d["artifact"] for d in self.get("/list", collection=collection).json()["data"]]

    def content(self, artifact: str, *, collection: str = "c", **more: Any) -> httpx.Response:
        """A document's content."""
        return self.post(
            "/content", {"context_filter": {"collection": collection, "artifacts": [artifact]}, **more}
        )

    def text(self, artifact: str, *, collection: str = "c") -> str | None:
        """A document's markdown; None when there is no such document."""
        answer = self.content(artifact, collection=collection)
        if answer.status_code == 404:
            return None
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"][0]["content"])


def bare(method: str, url: str, **more: Any) -> httpx.Response:
    """A request on a connection of its own, without a token, that waits as long as all others do."""
    given = {"timeout": PATIENCE_SECONDS, "trust_env": False, "verify": TLS, **more}
    return httpx.request(method, url, **given)


def body(
    artifact: str, text: str, *, collection: str = "c", metadata: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The JSON of an ingestion."""
    return {
        "artifact": artifact,
        "collection": collection,
        "metadata": metadata,
        "input": {"type": "text", "value": text},
    }


def long_text(kilobytes: int, seed: str = "") -> str:
    """A markdown text of about this size with sections and paragraphs."""
    paragraph = f"The river {seed} carries what was said, and the stone keeps what was written. " * 6
    section = f"# Section {seed}\n\n" + f"{paragraph}\n\n" * 8
    return "".join(f"{section}Number {i}.\n\n" for i in range(1 + kilobytes * 1024 // len(section)))
