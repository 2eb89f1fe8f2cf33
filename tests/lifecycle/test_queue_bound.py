"""A full queue: ingestions are put off before anything of them is kept, all else goes on."""

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.client import Client, body
from tests.http.knowledge.knowledge import Knowledge
from tests.lifecycle.stored import ask, files, loose_ends
from tests.server import Server
from tests.waiting import until

OF_COMPANY, OF_ALL = 3, 5


@pytest.fixture(scope="module")
def small(new_server: Callable[..., Server]) -> Iterator[Server]:
    """A server with room for few ingestions."""
    limits = {"LETHE_LIMIT_QUEUE": str(OF_ALL), "LETHE_LIMIT_QUEUE_OF_COMPANY": str(OF_COMPANY)}
    started = new_server("queue", **limits).start()
    yield started
    started.stop()


@contextmanager
def held(server: Server) -> Iterator[None]:
    """The worker does nothing while the block runs; afterwards everything that was queued gets done."""
    try:
        with server.worker_standing_still():
            yield
    finally:
        until(lambda: not ask(server, "SELECT FROM task WHERE finished_at IS NULL"))


def fill(client: Client, count: int) -> list[str]:
    """Queue so many ingestions; their artifacts."""
    names = [f"waiting-{client.company}-{i}" for i in range(count)]
    for name in names:
        client.ingest_async(name, f"text of {name}")
    return names


def refused(answer: httpx.Response) -> bool:
    """True when this is the answer of a full queue."""
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["Retry-After"]) >= 1
    said = answer.json()
    message = said.get("detail") or said.get("message")
    assert said in (
        {"detail": message},
        {"message": message, "error": "Service Unavailable", "statusCode": 503},
    )
    return str(message).startswith("Too many ingestions are waiting: try again")


def test_a_full_queue_puts_off_every_kind_of_ingestion_and_keeps_nothing_of_it(small: Server) -> None:
    client = small.client()
    knowledge = Knowledge(client)
    folder = knowledge.folder("Folder")
    document = knowledge.document("Document", folder)
    knowledge.indexed(document)
    with held(small):
        names = fill(client, OF_COMPANY)
        kept = (
            files(small),
            ask(small, "SELECT count(*) FROM node"),
            ask(small, "SELECT key FROM blob_removal"),
        )
        new = {"title": "new", "parent_id": folder, "markdown": "text"}
        form = {"file": ("f.md", b"text", "text/markdown")}
        assert refused(client.ingest("new", "text"))
        assert refused(client.http.post("/v1/artifacts/ingest", files=form))
        assert refused(client.post("/ingest/async", {"ingest_body": body("new", "text"), "callback": None}))
        assert refused(knowledge.call("POST", "/knowledge/documents", new))
        assert refused(knowledge.call("POST", "/knowledge/documents/upload", files=form))
        assert refused(knowledge.call("PUT", f"/knowledge/documents/{document}", {"markdown": "other"}))
        assert kept == (
            files(small),
            ask(small, "SELECT count(*) FROM node"),
            ask(small, "SELECT key FROM blob_removal"),
        )
    assert client.ingest("new", "text").status_code == 200
    assert knowledge.call("PUT", f"/knowledge/documents/{document}", {"markdown": "other"}).status_code == 200
    knowledge.indexed(document)
    assert set(client.listed()) == {*names, "new"}
    until(lambda: not loose_ends(small))


def test_a_full_queue_takes_deletions_restores_and_reads(small: Server) -> None:
    client = small.client()
    knowledge = Knowledge(client)
    folder = knowledge.folder("Folder")
    document = knowledge.document("Document", folder, "# Text\n\nlantern\n")
    knowledge.indexed(document)
    for name in ("a", "b"):
        assert client.ingest(name, f"text {name}").status_code == 200
    with held(small):
        fill(client, OF_COMPANY)
        assert refused(client.ingest("new", "text"))
        assert client.delete("a").status_code == 200
        client.delete_async("b")
        assert client.listed() == []
        assert knowledge.delete(document).status_code == 204
        assert knowledge.restore(document).status_code == 200
        assert knowledge.delete(document).status_code == 204
        assert knowledge.restore(document).status_code == 200
        assert knowledge.folder("Another", folder)
        assert knowledge.change(document, title="Renamed").status_code == 200
        assert knowledge.shape() == {"Folder": {"Renamed": {}, "Another": {}}, "c": {}}
        search = {"query": "lantern", "mode": "full"}
        assert knowledge.call("POST", "/knowledge/search", search).status_code == 200
        assert refused(client.ingest("new", "text"))
    assert len(client.listed()) == OF_COMPANY
    until(lambda: not loose_ends(small))


def test_a_deletion_makes_room_in_a_full_queue(small: Server) -> None:
    client = small.client()
    with held(small):
        first, *_ = fill(client, OF_COMPANY)
        assert refused(client.ingest("new", "text"))
        client.delete_async(first)
        client.ingest_async("new", "text")
        assert refused(client.ingest("newer", "text"))
    assert first not in client.listed()
    assert "new" in client.listed()


def test_one_company_leaves_room_for_others_until_the_whole_queue_is_full(small: Server) -> None:
    greedy, modest, third = small.client(), small.client(), small.client()
    with held(small):
        fill(greedy, OF_COMPANY)
        assert refused(greedy.ingest("new", "text"))
        fill(modest, OF_ALL - OF_COMPANY)
        assert refused(modest.ingest("new", "text"))
        assert refused(third.ingest("new", "text"))
    assert third.ingest("new", "text").status_code == 200


def test_a_large_document_is_refused_without_being_waited_for(small: Server) -> None:
    client = small.client()
    large = body("large", "")
    large["input"] = {"type": "file", "value": base64.b64encode(bytes(24 << 20)).decode()}
    with held(small):
        fill(client, OF_COMPANY)
        assert refused(client.post("/ingest", large))
        assert refused(client.post("/ingest", large))
