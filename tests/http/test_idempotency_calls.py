"""The Idempotency-Key on every call of both doors that changes something."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest

from tests.client import Client, body
from tests.http.idempotency import keyed, nothing_changes, replayed, rows, sentence, under_way
from tests.http.knowledge.assistants import new_assistant
from tests.http.knowledge.knowledge import Knowledge
from tests.server import Server
from tests.waiting import until

READING = {
    ("POST", "/artifacts/content"),
    ("POST", "/artifacts/chunked-content"),
    ("POST", "/artifacts/convert"),
    ("POST", "/knowledge/search"),
}


HOOK = "http://127.0.0.1:1"
"""Nobody listens there."""


class Place:
    """A company, in which a call finds what it needs."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.client = server.client()
        self.kb = Knowledge(self.client)
        self.folder = self.kb.folder("F")

    def document(self) -> str:
        """A new document's id."""
        return self.kb.document("D", self.folder)

    def trashed(self) -> str:
        """A document in the trash."""
        node = self.document()
        self.kb.delete(node)
        return node

    def artifact(self) -> dict[str, str]:
        """A document of the Artifacts API, which has not been stored yet."""
        name = uuid4().hex
        self.client.ingest_async(name, f"The text of {name}.")
        return {"collection": "c", "artifact": name}

    def webhook(self) -> str:
        """A new webhook's id."""
        return str(self.kb.call("POST", "/webhooks", {"url": HOOK}).json()["id"])

    def delivery(self) -> str:
        """A delivery's id."""
        return str(self.kb.call("POST", f"/webhooks/{self.webhook()}/test").json()["id"])

    def assistant(self) -> str:
        """A new assistant's id."""
        return new_assistant(self.server, self.client.company)


@pytest.fixture(scope="module")
def place(server: Server) -> Place:
    """Shared by the calls of the table, each with a key of its own."""
    return Place(server)


@dataclass(frozen=True)
class Call:
    """A call that succeeds once, and another one that is its like."""

    path: str
    more: dict[str, Any] = field(default_factory=dict)
    other: dict[str, Any] = field(default_factory=dict)
    other_path: str | None = None


def _file(text: str) -> dict[str, Any]:
    return {"files": {"file": ("f.txt", text.encode())}}


def _json(**fields: Any) -> dict[str, Any]:
    return {"json": fields}


def _asynchronous(text: str) -> dict[str, Any]:
    return _json(ingest_body=body("new in the background", text), callback=None)


def _names(*documents: dict[str, str]) -> dict[str, Any]:
    return _json(collection="c", artifacts=[document["artifact"] for document in documents])


def _assignments(p: Place) -> Call:
    assistant, node, other = p.assistant(), p.document(), p.document()
    return Call(
        "/knowledge/assignments",
        _json(assistant_id=assistant, node_ids=[node]),
        _json(assistant_id=assistant, node_ids=[other]),
    )


CALLS: dict[tuple[str, str], Callable[[Place], Call]] = {
    ("POST", "/artifacts/ingest"): lambda p: Call(
        "/artifacts/ingest", _json(**body("new", "one")), _json(**body("new", "two"))
    ),
    ("POST", "/artifacts/ingest/async"): lambda p: Call(
        "/artifacts/ingest/async", _asynchronous("three"), _asynchronous("four")
    ),
    ("POST", "/artifacts/ingest/batch"): lambda p: Call(
        "/artifacts/ingest/batch",
        _json(documents=[body("new in a batch", "five")]),
        _json(documents=[body("new in a batch", "six")]),
    ),
    ("POST", "/artifacts/delete/batch"): lambda p: Call(
        "/artifacts/delete/batch", _names(p.artifact(), p.artifact()), _names(p.artifact())
    ),
    ("POST", "/artifacts/delete"): lambda p: Call(
        "/artifacts/delete", _json(**p.artifact()), _json(**p.artifact())
    ),
    ("POST", "/artifacts/delete/async"): lambda p: Call(
        "/artifacts/delete/async", _json(delete_body=p.artifact()), _json(delete_body=p.artifact())
    ),
    ("POST", "/knowledge/folders"): lambda p: Call(
        "/knowledge/folders", _json(title="G", parent_id=p.folder), _json(title="H", parent_id=p.folder)
    ),
    ("POST", "/knowledge/documents"): lambda p: Call(
        "/knowledge/documents", _json(title="G", markdown="# Text"), _json(title="G", markdown="# Words")
    ),
    ("POST", "/knowledge/documents/upload"): lambda p: Call(
        "/knowledge/documents/upload", _file("text"), _file("words")
    ),
    ("PUT", "/knowledge/documents/{node_id}"): lambda p: Call(
        f"/knowledge/documents/{p.document()}", _json(markdown="# New"), _json(markdown="# Newer")
    ),
    ("PATCH", "/knowledge/nodes/{node_id}"): lambda p: Call(
        f"/knowledge/nodes/{p.document()}", _json(title="E"), _json(title="F")
    ),
    ("DELETE", "/knowledge/nodes/{node_id}"): lambda p: Call(
        f"/knowledge/nodes/{p.document()}", other_path=f"/knowledge/nodes/{p.document()}"
    ),
    ("POST", "/knowledge/nodes/{node_id}/restore"): lambda p: Call(
        f"/knowledge/nodes/{p.trashed()}/restore", {}, _json(title="U")
    ),
    ("DELETE", "/knowledge/trash/{node_id}"): lambda p: Call(
        f"/knowledge/trash/{p.trashed()}", other_path=f"/knowledge/trash/{p.trashed()}"
    ),
    ("POST", "/knowledge/assignments"): _assignments,
    ("POST", "/webhooks"): lambda _: Call("/webhooks", _json(url=f"{HOOK}/a"), _json(url=f"{HOOK}/b")),
    ("POST", "/webhooks/{webhook_id}/rotate"): lambda p: Call(
        f"/webhooks/{p.webhook()}/rotate", other_path=f"/webhooks/{p.webhook()}/rotate"
    ),
    ("POST", "/webhooks/{webhook_id}/test"): lambda p: Call(
        f"/webhooks/{p.webhook()}/test", other_path=f"/webhooks/{p.webhook()}/test"
    ),
    ("DELETE", "/webhooks/{webhook_id}"): lambda p: Call(
        f"/webhooks/{p.webhook()}", other_path=f"/webhooks/{p.webhook()}"
    ),
    ("POST", "/webhooks/deliveries/{delivery_id}/redeliver"): lambda p: Call(
        f"/webhooks/deliveries/{p.delivery()}/redeliver",
        other_path=f"/webhooks/deliveries/{p.delivery()}/redeliver",
    ),
    ("POST", "/knowledge/deletions"): lambda p: Call(
        "/knowledge/deletions",
        _json(filter={"node_ids": [p.document()]}, mode="trash"),
        _json(filter={"node_ids": [p.document()]}, mode="erase"),
    ),
}


def test_every_call_that_changes_something_is_in_the_table_and_documents_the_header(client: Client) -> None:
    documented: set[tuple[str, str]] = set()
    others: set[tuple[str, str]] = set()
    for door in ("artifacts/", ""):
        schema = client.http.get(f"/v1/{door}openapi.json").json()
        prefix = schema["servers"][0]["url"].removeprefix("/v1")
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                names = [p["name"] for p in operation.get("parameters", [])]
                call = (method.upper(), prefix + path)
                (documented if "Idempotency-Key" in names else others).add(call)
    assert documented == set(CALLS)
    assert {call for call in others if call[0] != "GET"} == READING | {("DELETE", "/me/token")}


def without_secret(answer: bytes) -> bytes:
    """An answer as it is kept: what is shown once is not."""
    return re.sub(rb'"secret":"whsec_[^"]*"', b'"secret":null', answer)


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_a_request_that_is_sent_again_is_done_once_and_answered_alike(
    server: Server, place: Place, call: tuple[str, str]
) -> None:
    client, method, made = place.client, call[0], CALLS[call](place)
    key = f"a key for {call}"
    with ThreadPoolExecutor(1) as pool:
        with nothing_changes(server):
            sending = pool.submit(keyed, client, key, method, made.path, **made.more)
            until(lambda: under_way(server, client))
            early = keyed(client, key, method, made.path, **made.more)
            assert (early.status_code, early.headers["Retry-After"]) == (409, "1")
            assert "still running" in sentence(early)
            wrong = keyed(client, key, method, made.other_path or made.path, **made.other)
            assert (wrong.status_code, wrong.headers.get("Retry-After")) == (409, None)
            assert "a different request" in sentence(wrong)
            assert not sending.done()
        first = sending.result()
    assert first.is_success, first.text
    assert not replayed(first)
    for _ in range(2):
        again = keyed(client, key, method, made.path, **made.more)
        assert replayed(again)
        assert (again.status_code, again.content) == (first.status_code, without_secret(first.content))
        assert again.headers.get("Content-Type") == first.headers.get("Content-Type")
    wrong = keyed(client, key, method, made.other_path or made.path, **made.other)
    assert wrong.status_code == 409
    assert not replayed(wrong)
    if made.other_path:
        assert keyed(client, f"{key} 2", method, made.other_path).status_code == first.status_code
    else:  # the other request with a key of its own: done, and not replayed
        other = keyed(client, f"{key} 2", method, made.path, **made.other)
        assert not replayed(other)
        assert other.status_code in (first.status_code, 404)  # what is restored is in the trash no more


@pytest.mark.parametrize("call", sorted(READING), ids=" ".join)
def test_a_call_that_only_reads_ignores_the_header(
    server: Server, client: Client, call: tuple[str, str]
) -> None:
    client.ingest("a", "Some words.")
    bodies: dict[str, Any] = {
        "/knowledge/search": {"query": "words", "mode": "full"},
        "/artifacts/convert": {"input": {"type": "text", "value": "Some words."}},
    }
    more = bodies.get(call[1], {"context_filter": {"collection": "c"}})
    for key in ("k", "k" * 300, ""):
        answer = keyed(client, key, *call, json=more)
        assert answer.status_code == 200, answer.text
        assert not replayed(answer)
    assert rows(server, client) == []


def test_a_dry_run_is_done_again_and_leaves_no_titles(server: Server, client: Client) -> None:
    Knowledge(client).document("a title")
    ids = [n["id"] for n in Knowledge(client).tree()]
    more = _json(filter={"node_ids": ids}, mode="erase", dry_run=True)
    for _ in range(2):
        shown = keyed(client, "k", "POST", "/knowledge/deletions", **more)
        assert (shown.status_code, shown.json()["documents"], replayed(shown)) == (200, 1, False)
    assert "a title" not in json.dumps(rows(server, client))


@pytest.mark.parametrize("key", ["", "k" * 256, "clé", "a\tb", ["a", "b"]], ids=ascii)
@pytest.mark.parametrize(
    "call", [("POST", "/artifacts/delete"), ("POST", "/knowledge/folders"), ("DELETE", "/knowledge/nodes/x")]
)
def test_a_key_that_is_none_is_a_400(client: Client, call: tuple[str, str], key: str | list[str]) -> None:
    keys = key if isinstance(key, list) else [key]
    headers = [("Idempotency-Key", k.encode()) for k in keys]
    answer = client.http.request(call[0], f"/v1{call[1]}", headers=headers, content=b"{}")  # type: ignore[arg-type]
    assert answer.status_code == 400
    assert "Idempotency-Key" in sentence(answer)
