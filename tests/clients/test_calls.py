"""Each group of calls does on a real server what it says, with both clients."""

import os
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from lethe_client import Lethe, NotFoundError

from tests.client import Client
from tests.clients.conftest import Either
from tests.waiting import PATIENCE_SECONDS

PDF = Path(__file__).parents[2] / "examples" / "rental-policy.pdf"


def test_documents_of_a_collection_are_stored_listed_read_and_erased(either: Either) -> None:
    stored = either(lambda c: c.artifacts.ingest(file=PDF, collection="c", metadata={"year": 2026}))
    assert (stored.artifact, stored.unchanged, stored.doc_metadata["year"]) == (
        "rental-policy.pdf",
        False,
        2026,
    )
    original = BytesIO()
    either(lambda c: c.nodes.download(stored.node_id, original))
    assert original.getvalue() == PDF.read_bytes()
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


def test_many_documents_are_stored_and_erased_together(either: Either) -> None:
    counts: list[int] = []
    documents = [
        {"artifact": "note", "text": "# Hello"},
        {"file": PDF, "metadata": {"year": 2026}},
        {"artifact": "empty", "text": "", "collection": "d"},
    ]
    batch = either(
        lambda c: c.artifacts.ingest_batch(
            documents, collection="c", on_progress=lambda b: counts.append(len(b.failed))
        )
    )
    assert (batch.task_status, counts[-1]) == ("FAILURE", 1)
    assert [(one.artifact, one.collection, one.error) for one in batch.documents] == [
        ("note", "c", None),
        ("rental-policy.pdf", "c", None),
        ("empty", "d", "'empty' is empty."),
    ]
    assert batch.failed == [batch.documents[2]]
    assert either(lambda c: c.artifacts.batch(batch.task_id)) == batch
    erased = either(lambda c: c.artifacts.delete_batch(["note", "nothing", "rental-policy.pdf"], "c"))
    assert [one is not None for one in erased] == [True, False, True]
    receipt = either(lambda c: c.receipts.get(erased[0].receipt_id))
    assert receipt.erased["documents"] == 1
    with pytest.raises(ValueError, match="Unknown arguments of 'ingest': txt"):
        either(lambda c: c.artifacts.ingest_batch([{"artifact": "a", "txt": "x"}]))


def test_a_tree_is_made_changed_deleted_and_restored(sync: Either) -> None:
    folder = sync(lambda c: c.folders.create("Soporte"))
    note = sync(lambda c: c.documents.create("Nota", "# Uno", parent_id=folder.id, metadata={"idioma": "es"}))
    assert sync(lambda c: c.documents.wait(note.id)).markdown is None
    sync(lambda c: c.documents.replace(note.id, "# Dos"))
    sync(lambda c: c.documents.wait(note.id, timeout=PATIENCE_SECONDS))
    assert sync(lambda c: c.nodes.get(note.id, markdown=True)).markdown == "# Dos"
    moved = sync(lambda c: c.nodes.update(note.id, title="Aviso", parent_id=None))
    assert (moved.path_cache, moved.metadata) == ("/Aviso", {"idioma": "es"})
    sync(lambda c: c.nodes.update(note.id, parent_id=folder.id))
    assert [node.path_cache for node in sync(lambda c: c.tree()).walk()] == ["/Soporte", "/Soporte/Aviso"]
    sync(lambda c: c.nodes.delete(folder.id))
    (entry,) = sync(lambda c: c.trash.list())
    assert (entry.id, entry.documents) == (folder.id, 1)
    assert entry.deleted_at < datetime.now(UTC) < entry.purge_at
    assert sync(lambda c: c.nodes.restore(folder.id, title="Ayuda")).title == "Ayuda"
    sync(lambda c: c.nodes.delete(folder.id))
    assert sync(lambda c: c.trash.erase(folder.id)).receipt_id == next(
        r.id for r in sync(lambda c: c.receipts.list(subject=folder.id))
    )


def test_searches_give_documents_and_chunks(either: Either) -> None:
    either(lambda c: c.artifacts.ingest("a", text="# River\n\nThe river carries.", collection="c"))
    either(lambda c: c.artifacts.ingest("b", text="# Stone\n\nThe stone keeps.", collection="d"))
    found = either(lambda c: c.search("river", mode="full", top_k=1))
    (hit,) = found
    assert (hit.headings, hit.collection, hit.text, hit.explanation) == (["River"], "c", None, None)
    (whole,) = either(lambda c: c.search("river", mode="full", top_k=1, text=True, explain=True))
    assert whole.text == "# River\n\nThe river carries."
    assert "river" in whole.explanation["terms"][0]["forms"]
    assert (found.mode, hit.title) == ("full", "a")
    assert "The river carries." in hit.snippet
    (chunk,) = either(lambda c: c.search_chunks("stone", mode="full", collection="d"))
    assert (chunk.title, chunk.headings, chunk.node_id) == ("b", ["Stone"], chunk.id.partition("-")[0])
    assert chunk.document.doc_metadata["collection"] == "d"
    assert either(lambda c: c.search_chunks("stone", collection="c", score_threshold=0.9)) == []


def test_deletions_by_filter_are_tried_first(sync: Either) -> None:
    sync(lambda c: c.artifacts.ingest("a", text="x", collection="c"))
    preview = sync(lambda c: c.deletions.preview(collection="c"))
    assert (preview.documents, preview.sample[0]["artifact"]) == (1, "a")
    deletion = sync(lambda c: c.deletions.create(mode="erase", collection="c"))
    assert sync(lambda c: c.tasks.wait(deletion.task_id)).receipt_id == deletion.receipt_id
    assert sync(lambda c: c.deletions.get(deletion.task_id)).status == "success"
    assert sync(lambda c: c.artifacts.list("c")) == []


def test_the_token_the_keys_and_the_assistants_can_be_seen(sync: Either, client: Client) -> None:
    me = sync(lambda c: c.me())
    assert (me.company, client.token.startswith(me.prefix), me.expires_at) == (client.company, True, None)
    assert sync(lambda c: c.receipts.key()).pem.startswith("-----BEGIN PUBLIC KEY")
    assert sync(lambda c: c.receipts.salt()).algorithm == "HMAC-SHA-256"
    assert sync(lambda c: c.assistants.list("x")) == []
    with pytest.raises(NotFoundError):
        sync(lambda c: c.assistants.assign("0" * 24, ["0" * 24]))


def test_what_a_file_holds_and_the_document_does_not_is_told(sync: Either) -> None:
    page = b"<html><body><p>Text.</p><img src='a.png'></body></html>"
    stored = sync(lambda c: c.artifacts.ingest(file=page, file_name="a.html", collection="c"))
    assert stored.warnings == sync(lambda c: c.nodes.get(stored.node_id)).warnings
    (task,) = sync(lambda c: c.tasks.list())
    assert sync(lambda c: c.tasks.get(task.id)).warnings == stored.warnings


def test_raw_responses_have_headers_and_the_result(either: Either) -> None:
    raw = either(lambda c: c.with_raw_response.folders.create("F"))
    assert (raw.status_code, raw.parse().title, raw.request_id) == (201, "F", raw.headers["x-request-id"])
    page = either(lambda c: c.with_raw_response.tasks.list()).parse()
    assert (page.data, page.next_cursor) == ([], None)


def test_options_are_those_of_the_calls_that_they_are_given_for(lethe: Lethe) -> None:
    keyed = lethe.with_options(headers={"Idempotency-Key": "mine"}, max_retries=0, timeout=PATIENCE_SECONDS)
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
