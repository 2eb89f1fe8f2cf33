"""Whatever way a document is deleted, nothing tells of it afterwards but what is documented."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from lethe.domain.webhooks import EventType
from tests.client import Client, body
from tests.hostile.routes import OPEN, served, unnamed
from tests.http.knowledge.knowledge import Knowledge
from tests.lifecycle.receiver import Receiver
from tests.lifecycle.stored import ask, files, scratch_files
from tests.lifecycle.told import Asked, Told
from tests.server import Server
from tests.services import RabbitMQ
from tests.waiting import until

KEPT_IN_TRASH = {"node", "document", "document_part", "task", "ingestion", "batch_member", "idempotency"}
"""Tables that hold what a restore brings back. In all others, and after an erasure in all, nothing is left."""


NOBODY = "http://127.0.0.1:1/"
"""A webhook that nobody listens at: what it is to be told of waits."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way of deleting: how the document is made, and how it is deleted."""

    make: Callable[[Told, Receiver], None]
    delete: Callable[[Told, Receiver], None]
    trash: bool = False
    """It can be restored, so the trash shows it and its rows and its file are kept."""


def by_artifacts(told: Told, receiver: Receiver) -> None:
    """Through the Artifacts API: stored, stored again by a task that tells of it, and read under keys."""
    told.keep("POST", "/artifacts/ingest", json=_body(told))
    ask_again = {"ingest_body": _body(told, extra=" and more"), "callback": _callback(told, receiver)}
    _ingested(told, told.keep("POST", "/artifacts/ingest/async", json=ask_again).json()["task_id"], receiver)
    ((told.node,),) = ask(told.server, "SELECT id FROM node WHERE artifact = %s", told.word("its name"))
    told.keep("POST", "/knowledge/deletions", json={**_by_filter(told), "mode": "erase", "dry_run": True})


def by_upload(told: Told, receiver: Receiver) -> None:
    """Through the Knowledge API, as a file in a folder; renamed once, its content replaced once."""
    kb = Knowledge(told.client)
    folder = told.keep("POST", "/knowledge/folders", json={"title": told.word("its folder")}).json()["id"]
    text = f"# {told.word('its words')}\n\nthe first text of {told.word('its words')}\n"
    told.node = told.keep(
        "POST",
        "/knowledge/documents/upload",
        data={"parent_id": folder, "title": told.word("its name")},
        files={"file": (f"{told.word('its file')}.md", text.encode())},
    ).json()["id"]
    kb.indexed(told.node)
    assert kb.change(told.node, title=f"{told.word('its name')} once more").status_code == 200
    kb.call("PUT", f"/knowledge/documents/{told.node}", {"markdown": text + told.word("its words")})
    kb.indexed(told.node)
    told.tasks += [
        ("ingest", str(id)) for (id,) in ask(told.server, "SELECT id FROM task WHERE node_id = %s", told.node)
    ]


def damaged(told: Told, receiver: Receiver) -> None:
    """A first ingestion that failed, by a request and by a task: there never was a document."""
    bad = {**_body(told), "input": {"type": "file", "value": "AAAA"}}
    assert told.word("its file") in told.keep("POST", "/artifacts/ingest", json=bad).text
    asked = {"ingest_body": bad, "callback": _callback(told, receiver)}
    _ingested(told, told.client.post("/ingest/async", asked).json()["task_id"], receiver)


def under_way(told: Told, receiver: Receiver) -> None:
    """An ingestion that nobody has taken up yet, and its deletion at once."""
    with told.server.worker_standing_still():
        task = told.keep("POST", "/artifacts/ingest/async", json={"ingest_body": _body(told)}).json()[
            "task_id"
        ]
        told.tasks.append(("ingest", task))
        assert told.in_rows(), "the search itself finds nothing"
        told.keep("POST", "/artifacts/delete", json=_named(told))


def in_a_batch(told: Told, receiver: Receiver) -> None:
    """In a batch with another one; the next batch has it again, and damaged under another file's name."""
    bad = {**_body(told), "input": {"type": "file", "value": "AAAA"}}
    for asked in (_body(told), _body(told, extra=" and more"), bad):
        documents = [asked, body("beside", "the text of another one")]
        sent = told.keep("POST", "/artifacts/ingest/batch", json={"documents": documents})
        batch = sent.json()["task_id"]
        until(partial(_has_ended, told, batch))
        members = _batch(told, batch)["task_result"]["data"]
        assert [one["artifact"] for one in members] == [told.word("its name"), "beside"]
        told.tasks += [("batch", batch), *(("ingest", one["task_id"]) for one in members)]
    ((told.node,),) = ask(told.server, "SELECT id FROM node WHERE artifact = %s", told.word("its name"))


def _batch(told: Told, id: str) -> Any:
    return told.client.get(f"/ingest/batch/{id}").json()


def _has_ended(told: Told, batch: str) -> bool:
    return _batch(told, batch)["task_status"] not in ("PENDING", "STARTED")


def erase_with_others(told: Told, receiver: Receiver) -> None:
    names = {"collection": "c", "artifacts": ["beside", told.word("its name"), "nothing"]}
    assert told.keep("POST", "/artifacts/delete/batch", json=names).json()["erased"] == 2


def erase(told: Told, receiver: Receiver) -> None:
    assert told.keep("POST", "/artifacts/delete", json=_named(told)).status_code == 200


def erase_by_task(told: Told, receiver: Receiver) -> None:
    asked = {"delete_body": _named(told), "callback": receiver.callback()}
    task = told.keep("POST", "/artifacts/delete/async", json=asked).json()["task_id"]
    told.tasks.append(("delete", task))
    asyncio.run(receiver.read_to_end(task))
    assert told.client.ended("delete", task)["task_status"] == "SUCCESS"


def by_filter(mode: str) -> Callable[[Told, Receiver], None]:
    def delete(told: Told, receiver: Receiver) -> None:
        begun = told.keep("POST", "/knowledge/deletions", json={**_by_filter(told), "mode": mode}).json()
        assert begun["documents"] == 1
        told.tasks.append(("filter", begun["task_id"]))
        status = f"/v1/knowledge/deletions/{begun['task_id']}"
        until(lambda: told.client.http.get(status).json()["status"] == "success")

    return delete


def its_collection(told: Told, receiver: Receiver) -> None:
    """By a filter that names the collection alone: what was never stored there is forgotten too."""
    asked = {"filter": {"collection": "c"}, "mode": "erase"}
    assert told.keep("POST", "/knowledge/deletions", json=asked).json()["documents"] == 1  # the other one


def to_trash(told: Told, receiver: Receiver) -> None:
    assert told.keep("DELETE", f"/knowledge/nodes/{told.node}").status_code == 204
    until(
        lambda: (
            ask(told.server, "SELECT FROM chunk_lex WHERE node_id = %s", told.node) == []
            and ask(told.server, "SELECT FROM task WHERE kind = 'trash' AND finished_at IS NULL") == []
        )
    )


def folder_to_trash(told: Told, receiver: Receiver) -> None:
    ((folder,),) = ask(told.server, "SELECT parent_id FROM node WHERE id = %s", told.node)
    assert told.keep("DELETE", f"/knowledge/nodes/{folder}").status_code == 204
    until(lambda: ask(told.server, "SELECT FROM chunk_lex WHERE node_id = %s", told.node) == [])


def out_of_trash(told: Told, receiver: Receiver) -> None:
    (top,) = [item["id"] for item in told.client.http.get("/v1/knowledge/trash").json()["items"]]
    assert told.keep("DELETE", f"/knowledge/trash/{top}").status_code in (200, 204)


def nothing(told: Told, receiver: Receiver) -> None:
    pass


def both(
    first: Callable[[Told, Receiver], None], second: Callable[[Told, Receiver], None]
) -> Callable[[Told, Receiver], None]:
    def delete(told: Told, receiver: Receiver) -> None:
        first(told, receiver)
        second(told, receiver)

    return delete


WAYS = {
    "trash": Way(by_artifacts, to_trash, trash=True),
    "trash, its folder": Way(by_upload, folder_to_trash, trash=True),
    "trash by filter": Way(by_artifacts, by_filter("trash"), trash=True),
    "erasure": Way(by_artifacts, erase),
    "trash, out of a batch": Way(in_a_batch, to_trash, trash=True),
    "erasure of what came in a batch": Way(in_a_batch, erase),
    "erasure of many names": Way(in_a_batch, erase_with_others),
    "erasure by a task": Way(by_artifacts, erase_by_task),
    "erasure by filter": Way(by_artifacts, by_filter("erase")),
    "erasure of a failed ingestion": Way(damaged, erase),
    "erasure of a failed ingestion by a task": Way(damaged, erase_by_task),
    "erasure of a failed ingestion with its collection": Way(damaged, its_collection),
    "erasure during its ingestion": Way(under_way, nothing),
    "erasure out of the trash": Way(by_artifacts, both(to_trash, out_of_trash)),
    "erasure out of the trash, its folder": Way(by_upload, both(folder_to_trash, out_of_trash)),
    "erasure out of the trash, by filter": Way(by_artifacts, both(by_filter("trash"), out_of_trash)),
}


def _searches(told: Told) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    for query in ("text", told.word("its words"), told.word("its name")):
        for mode in ("full", "vector", "hybrid"):
            yield (), {"json": {"query": query, "mode": mode, "include": ["text"]}}


def _receipts(told: Told) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    for receipt in told.client.http.get("/v1/receipts").json()["items"]:
        yield (receipt["id"],), {}


def _chunk_searches(told: Told) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    words = {"type": "keywords_search", "keywords": told.word("its words")}
    meaning = {"type": "semantic_search", "text": told.word("its words")}
    for context in (None, {"collection": "c"}):
        for query in (words, meaning):
            yield (), {"json": {**query, "context_filter": context}}


def _retrievals(told: Told) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    setting = {"top_k": 5, "score_threshold": 0}
    query = {"query": told.word("its words"), "retrieval_setting": setting}
    named = {"name": "diagnosis", "comparison_operator": "is", "value": told.word("its metadata")}
    for knowledge in ("c", told.node or "0" * 24):
        yield (), {"json": {**query, "knowledge_id": knowledge}}
        yield (
            (),
            {"json": {**query, "knowledge_id": knowledge, "metadata_condition": {"conditions": [named]}}},
        )


def _tasks(kind: str) -> Asked:
    return lambda told: [((id,), {}) for of, id in told.tasks if of == kind]


def _nodes(told: Told) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    for (id,) in ask(
        told.server,
        "SELECT n.id FROM node n JOIN company c ON c.id = n.company_id WHERE c.name = %s",
        told.client.company,
    ):
        yield (id,), {"params": {"include": "markdown"}}
    yield (told.node or "0" * 24,), {}


def _originals(told: Told) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    for values, _ in _nodes(told):
        yield values, {}


def _once(**more: Any) -> Asked:
    return lambda _: [((), more)]


def _contents(told: Told) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    for context in ({}, {"artifacts": [told.word("its name")]}):
        yield (), {"json": {"context_filter": {"collection": "c", **context}}}


def _by_assistant(told: Told) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    document = told.node or "0" * 24
    for method, params in (
        ("tools/call", {"name": "search_knowledge", "arguments": {"query": told.word("its words")}}),
        ("tools/call", {"name": "read_document", "arguments": {"node_id": document}}),
        ("tools/call", {"name": "list_tree", "arguments": {}}),
        ("resources/list", {}),
        ("resources/read", {"uri": f"lethe://documents/{document}"}),
    ):
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        yield (), {"json": body, "headers": {"Accept": "application/json, text/event-stream"}}


ASKED: dict[str, Asked] = {
    "POST /mcp": _by_assistant,
    "GET /v1/artifacts/list": lambda told: [
        ((), {"params": {"collection": collection}}) for collection in ("c", told.word("its folder"))
    ],
    "POST /v1/artifacts/content": _contents,
    "POST /v1/artifacts/chunked-content": _contents,
    "GET /v1/artifacts/readers": _once(),
    "GET /v1/artifacts/ingest/async/{}": _tasks("ingest"),
    "GET /v1/artifacts/delete/async/{}": _tasks("delete"),
    "GET /v1/artifacts/ingest/batch/{}": _tasks("batch"),
    "GET /v1/knowledge/deletions/{}": _tasks("filter"),
    "GET /v1/knowledge/tree": _once(),
    "GET /v1/knowledge/nodes/{}": _nodes,
    "GET /v1/knowledge/nodes/{}/original": _originals,
    "GET /v1/knowledge/trash": _once(),
    "POST /v1/knowledge/search": _searches,
    "POST /v1/knowledge/deletions": lambda told: [
        ((), {"json": {"filter": filter, "mode": "erase", "dry_run": True}})
        for filter in ({"collection": "c"}, _by_filter(told)["filter"])
    ],
    "POST /v1/primitives/search": _chunk_searches,
    "POST /v1/tools/semantic-search": lambda told: [
        ((), {"json": {"query": told.word("its words"), "context_filter": {"collection": "c"}}})
    ],
    "POST /retrieval": _retrievals,
    "POST /v1/embeddings": _once(json={"input": "words"}),
    "GET /v1/models": _once(),
    "GET /v1/models/{}": lambda _: [(("private-gpt",), {})],
    "GET /v1/receipts": _once(),
    "GET /v1/receipts/{}": _receipts,
    "GET /v1/receipts/key": _once(),
    "GET /v1/webhooks": _once(),
    "GET /v1/webhooks/deliveries": _once(params={"limit": 1000}),
    "GET /v1/erasures": _once(params={"limit": 1000}),
    "GET /v1/receipts/salt": _once(),
    "GET /v1/tasks": _once(),
    "GET /v1/tasks/{}": lambda told: [((id,), {}) for _, id in told.tasks],
    "GET /v1/assistants": _once(),
    "GET /v1/me": _once(),
    "GET /metrics": _once(),
    "GET /health": _once(),
    "GET /v1/health": _once(),
    "GET /ready": _once(),
    "GET /v1/ready": _once(),
    "GET /": _once(),
}
"""How each route is asked that may tell of what is stored."""

CHANGES = {
    "DELETE /v1/me/token",
    "DELETE /v1/knowledge/nodes/{}",
    "DELETE /v1/knowledge/trash/{}",
    "PATCH /v1/knowledge/nodes/{}",
    "POST /v1/artifacts/delete",
    "POST /v1/artifacts/delete/batch",
    "POST /v1/artifacts/ingest/batch",
    "POST /v1/artifacts/convert",
    "POST /v1/artifacts/delete/async",
    "POST /v1/artifacts/ingest",
    "POST /v1/artifacts/ingest/async",
    "DELETE /v1/webhooks/{}",
    "POST /v1/webhooks",
    "POST /v1/webhooks/{}/rotate",
    "POST /v1/webhooks/{}/test",
    "POST /v1/webhooks/deliveries/{}/redeliver",
    "POST /v1/knowledge/assignments",
    "POST /v1/knowledge/documents",
    "POST /v1/knowledge/documents/upload",
    "POST /v1/knowledge/folders",
    "POST /v1/knowledge/nodes/{}/restore",
    "PUT /v1/knowledge/documents/{}",
}
"""Routes that answer with what the caller has just sent; their earlier answers are asked for by their keys."""


def test_every_route_that_may_tell_of_a_document_is_asked() -> None:
    static = {route for route in OPEN if "openapi" in route or "docs" in route or "swagger" in route}
    assert served() - static == {unnamed(route) for route in ASKED} | CHANGES


@pytest.mark.parametrize("name", WAYS)
def test_nothing_tells_of_a_deleted_document(
    client: Client, server: Server, rabbitmq: RabbitMQ, name: str
) -> None:
    way = WAYS[name]
    told = Told(client, server, uuid4().hex[:12])
    receiver = asyncio.run(Receiver.bound(rabbitmq.url))
    client.ingest("other", "another text, which stays")
    client.http.post("/v1/webhooks", json={"url": NOBODY, "events": list(EventType)}).raise_for_status()
    way.make(told, receiver)
    asyncio.run(receiver.read_rest())
    before = len(receiver.events)
    assert told.in_rows() or way.make is under_way, "the search itself finds nothing"
    way.delete(told, receiver)
    until(lambda: _at_rest(told))
    answers = told.in_answers(ASKED)
    asyncio.run(receiver.read_rest())
    events = [e for e in receiver.events[before:] if told.found_in(str(e))]
    rows, stored = told.in_rows(), told.in_files()
    if way.trash:
        assert answers.pop("GET /v1/knowledge/trash")
        assert rows.keys() >= {"node", "document"}
        rows = {table: what for table, what in rows.items() if table not in KEPT_IN_TRASH}
        kept = {f"blobs/{key}" for key in files(server, client.company)}
        stored = {file: what for file, what in stored.items() if file not in kept}
    assert (answers, events, rows, stored) == ({}, [], {}, {})


def _body(told: Told, extra: str = "") -> dict[str, Any]:
    return {
        "artifact": told.word("its name"),
        "collection": "c",
        "metadata": {"diagnosis": told.word("its metadata"), "file_name": f"{told.word('its file')}.md"},
        "input": {
            "type": "text",
            "value": f"# {told.word('its words')}\n\nthe text of {told.word('its words')}{extra}",
        },
    }


def _named(told: Told) -> dict[str, Any]:
    return {"collection": "c", "artifact": told.word("its name")}


def _by_filter(told: Told) -> dict[str, Any]:
    named = {"key": "diagnosis", "operator": "==", "value": told.word("its metadata")}
    return {"filter": {"metadata": [named]}}


def _callback(told: Told, receiver: Receiver) -> dict[str, Any]:
    amqp = receiver.callback(properties={"for": told.word("its callback")})
    return {**amqp, "webhook": {"url": NOBODY}}


def _ingested(told: Told, task: str, receiver: Receiver) -> None:
    """The ingestion has ended, and its last event has come."""
    told.tasks.append(("ingest", task))
    asyncio.run(receiver.read_to_end(task))
    told.client.ended("ingest", task)


def _at_rest(told: Told) -> bool:
    """No work of the company is under way."""
    open_ones = ask(
        told.server,
        """
        SELECT FROM task t JOIN company c ON c.id = t.company_id WHERE c.name = %(name)s AND t.finished_at IS NULL
        UNION ALL SELECT FROM erasure e JOIN company c ON c.id = e.company_id WHERE c.name = %(name)s
        UNION ALL SELECT FROM outbox o JOIN company c ON c.id = o.company_id WHERE c.name = %(name)s
        """,
        name=told.client.company,
    )
    return open_ones == [] and scratch_files(told.server) == []
