"""Each group of calls does on a real server what it says, with both clients."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lethe_client import Lethe, NotFoundError

from tests.client import Client
from tests.clients.conftest import Either

PDF = Path(__file__).parents[2] / "examples" / "rental-policy.pdf"


def test_documents_of_a_collection_are_stored_listed_read_and_erased(either: Either) -> None:
    stored = either(lambda c: c.artifacts.ingest(file=PDF, collection="c", metadata={"year": 2026}))
    assert (stored.artifact, stored.unchanged, stored.doc_metadata["year"]) == (
        "rental-policy.pdf",
        False,
        2026,
    )
    with PDF.open("rb") as file:
        assert either(
            lambda c: c.artifacts.ingest(file=file, collection="c", metadata={"year": 2026})
        ).unchanged
    either(lambda c: c.artifacts.ingest("note", text="# Hello", collection="c"))
    either(lambda c: c.artifacts.ingest("by address", uri="data:text/plain,hello", collection="c"))
    listed = either(lambda c: c.artifacts.list("c", limit=2))
    assert [d.artifact for d in listed] == ["rental-policy.pdf", "note", "by address"]
    (read,) = either(lambda c: c.artifacts.content("c", ["note"]))
    assert read.content == "# Hello"
    pieces = either(lambda c: c.artifacts.chunked_content("c", ["rental-policy.pdf"], max_tokens=100))
    assert len(pieces) > 1
    erased = either(lambda c: c.artifacts.delete("rental-policy.pdf", "c"))
    receipt = either(lambda c: c.receipts.get(erased.receipt_id))
    assert (receipt.erased["documents"], len(receipt.to_dict()["documents"])) == (1, 1)
    with pytest.raises(NotFoundError):
        either(lambda c: c.artifacts.delete("rental-policy.pdf", "c"))


def test_a_tree_is_made_changed_deleted_and_restored(either: Either) -> None:
    folder = either(lambda c: c.folders.create("Soporte"))
    note = either(
        lambda c: c.documents.create("Nota", "# Uno", parent_id=folder.id, metadata={"idioma": "es"})
    )
    assert either(lambda c: c.documents.wait(note.id)).markdown is None
    either(lambda c: c.documents.replace(note.id, "# Dos"))
    either(lambda c: c.documents.wait(note.id, timeout=60))
    assert either(lambda c: c.nodes.get(note.id, markdown=True)).markdown == "# Dos"
    moved = either(lambda c: c.nodes.update(note.id, title="Aviso", parent_id=None))
    assert (moved.path_cache, moved.metadata) == ("/Aviso", {"idioma": "es"})
    either(lambda c: c.nodes.update(note.id, parent_id=folder.id))
    assert [node.path_cache for node in either(lambda c: c.tree()).walk()] == ["/Soporte", "/Soporte/Aviso"]
    either(lambda c: c.nodes.delete(folder.id))
    (entry,) = either(lambda c: c.trash.list())
    assert (entry.id, entry.documents) == (folder.id, 1)
    assert entry.deleted_at < datetime.now(UTC) < entry.purge_at
    assert either(lambda c: c.nodes.restore(folder.id, title="Ayuda")).title == "Ayuda"
    either(lambda c: c.nodes.delete(folder.id))
    assert either(lambda c: c.trash.erase(folder.id)).receipt_id == next(
        r.id for r in either(lambda c: c.receipts.list(subject=folder.id))
    )


def test_searches_give_documents_and_chunks(either: Either) -> None:
    either(lambda c: c.artifacts.ingest("a", text="# River\n\nThe river carries.", collection="c"))
    either(lambda c: c.artifacts.ingest("b", text="# Stone\n\nThe stone keeps.", collection="d"))
    found = either(lambda c: c.search("river", mode="full", top_k=1))
    (hit,) = found
    assert (found.mode, hit.title) == ("full", "a")
    assert "The river carries." in hit.snippet
    (chunk,) = either(lambda c: c.search_chunks("stone", mode="full", collection="d"))
    assert (chunk.title, chunk.headings, chunk.node_id) == ("b", ["Stone"], chunk.id.partition("-")[0])
    assert chunk.document.doc_metadata["collection"] == "d"
    assert either(lambda c: c.search_chunks("stone", collection="c", score_threshold=0.9)) == []


def test_deletions_by_filter_are_tried_first(either: Either) -> None:
    either(lambda c: c.artifacts.ingest("a", text="x", collection="c"))
    preview = either(lambda c: c.deletions.preview(collection="c"))
    assert (preview.documents, preview.sample[0]["artifact"]) == (1, "a")
    deletion = either(lambda c: c.deletions.create(mode="erase", collection="c"))
    assert either(lambda c: c.tasks.wait(deletion.task_id)).receipt_id == deletion.receipt_id
    assert either(lambda c: c.deletions.get(deletion.task_id)).status == "success"
    assert either(lambda c: c.artifacts.list("c")) == []


def test_the_token_the_keys_and_the_assistants_can_be_seen(either: Either, client: Client) -> None:
    me = either(lambda c: c.me())
    assert (me.company, client.token.startswith(me.prefix), me.expires_at) == (client.company, True, None)
    assert either(lambda c: c.receipts.key()).pem.startswith("-----BEGIN PUBLIC KEY")
    assert either(lambda c: c.receipts.salt()).algorithm == "HMAC-SHA-256"
    assert either(lambda c: c.assistants.list("x")) == []
    with pytest.raises(NotFoundError):
        either(lambda c: c.assistants.assign("0" * 24, ["0" * 24]))


def test_what_a_file_holds_and_the_document_does_not_is_told(either: Either) -> None:
    page = b"<html><body><p>Text.</p><img src='a.png'></body></html>"
    stored = either(lambda c: c.artifacts.ingest(file=page, file_name="a.html", collection="c"))
    assert stored.warnings == either(lambda c: c.nodes.get(stored.node_id)).warnings
    (task,) = either(lambda c: c.tasks.list())
    assert either(lambda c: c.tasks.get(task.id)).warnings == stored.warnings


def test_raw_responses_have_headers_and_the_result(either: Either) -> None:
    raw = either(lambda c: c.with_raw_response.folders.create("F"))
    assert (raw.status_code, raw.parse().title, raw.request_id) == (201, "F", raw.headers["x-request-id"])
    page = either(lambda c: c.with_raw_response.tasks.list()).parse()
    assert (page.data, page.next_cursor) == ([], None)


def test_options_are_those_of_the_calls_that_they_are_given_for(lethe: Lethe) -> None:
    keyed = lethe.with_options(headers={"Idempotency-Key": "mine"}, max_retries=0, timeout=30)
    made = keyed.folders.create("F")
    assert keyed.with_raw_response.folders.create("F").headers["idempotency-replayed"] == "true"
    assert [node.id for node in lethe.tree()] == [made.id]


def test_a_pipe_is_read_to_its_end(lethe: Lethe, client: Client) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"# Piped")
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        lethe.artifacts.ingest(file=pipe, file_name="p.md", collection="c")
    assert client.text("p.md") == "# Piped"


def test_fields_of_later_servers_are_kept(lethe: Lethe) -> None:
    me = lethe.me()
    later = type(me).from_dict({**me.to_dict(), "nickname": "ci"})
    assert (later.extra, later.to_dict()["nickname"], me.extra) == ({"nickname": "ci"}, "ci", {})
