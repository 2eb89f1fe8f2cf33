"""Whatever way a document is deleted, nothing tells of it afterwards but what is documented."""

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from lethe.domain.webhooks import EventType
from tests.client import Client
from tests.hostile.routes import OPEN, served, unnamed
from tests.lifecycle.receiver import Receiver
from tests.lifecycle.stored import ask, files, scratch_files
from tests.lifecycle.told import Asked, Told
from tests.lifecycle.ways import NOBODY, WAYS, filtered, under_way
from tests.server import Server
from tests.services import RabbitMQ
from tests.waiting import until

KEPT_IN_TRASH = {"node", "document", "document_part", "task", "ingestion", "batch_member", "idempotency"}
"""Tables that hold what a restore brings back. In all others, and after an erasure in all, nothing is left."""


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
        for filter in ({"collection": "c"}, filtered(told)["filter"])
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
    kept = {
        f"blobs/{key}" for key in files(server, client.company)
    }  # a replaced one may be removed meanwhile
    rows, stored = told.in_rows(), told.in_files()
    if way.trash:
        assert answers.pop("GET /v1/knowledge/trash")
        assert rows.keys() >= {"node", "document"}
        rows = {table: what for table, what in rows.items() if table not in KEPT_IN_TRASH}
        stored = {file: what for file, what in stored.items() if file not in kept}
    assert (answers, events, rows, stored) == ({}, [], {}, {})


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
