"""`lethe scrub`: afterwards a plain search of all files finds nothing of what was erased, and all else is whole."""

import base64
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from lethe.domain.checkpoints import arm
from tests.http.knowledge.knowledge import Knowledge
from tests.lifecycle.scrubbed import company, index_is_off, node_of_company, scrub, settle, start
from tests.lifecycle.searched import MODES, Watch, embeddings, finds, forms, grep, prose
from tests.lifecycle.stored import ask, without_autovacuum
from tests.lifecycle.test_kill import is_gone
from tests.server import Server
from tests.waiting import PATIENCE_SECONDS, until

LARGE = 120
"""Paragraphs of a document whose text lies outside its row."""


@pytest.fixture(scope="module")
def own(new_server: Callable[..., Server]) -> Iterator[Server]:
    """A server whose files are searched. Nobody else removes what the search is to find, and readers only wait."""
    server = new_server("scrub", LETHE_EMBEDDER="local", LETHE_LOCK_SECONDS="0").start()
    without_autovacuum(server)
    yield server
    assert server.stop() == 0


def test_nothing_of_what_was_erased_is_in_any_file_and_all_else_is_whole(own: Server) -> None:
    client = own.client()
    kb = Knowledge(client)
    markers = {
        name: f"zq{name}{random.getrandbits(64):016x}"
        for name in ("small", "large", "file", "trash", "folder", "kept")
    }
    for name, paragraphs in {"small": 1, "large": LARGE, "kept": LARGE}.items():
        marker = markers[name]
        metadata = {
            "title": f"A title of {marker} that is not short",
            "note": [f"{marker} and words about it"] * 30,
        }
        answer = client.ingest(name, prose(marker, paragraphs), metadata=metadata)
        assert answer.status_code == 200, answer.text
    file = base64.b64encode(prose(markers["file"], 40).encode("utf-16")).decode()
    answer = client.post(
        "/ingest",
        {"artifact": markers["file"], "collection": "c", "input": {"type": "file", "value": file},
         "metadata": {"file_name": f"{markers['file']}.txt"}},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    trashed = kb.document(f"Trashed {markers['trash']}", markdown=prose(markers["trash"], 5))
    folder = kb.folder(f"Folder {markers['folder']}")
    below = kb.document("below", folder, markdown=prose(markers["folder"], LARGE))
    kb.indexed(trashed, below)
    kept = markers.pop("kept")
    nodes = {name: node_of_company(own, client, name) for name in ("small", "large", "kept")}
    sought = {**forms(*markers.values()), **embeddings(own, nodes["small"], nodes["large"], trashed, below)}
    staying = {**forms(kept), **embeddings(own, nodes["kept"])}

    with own.worker_standing_still():  # it takes statistics anew
        settle(own)
        for artifact in ("small", "large", markers["file"]):
            assert client.delete(artifact).status_code == 200
        for node in (trashed, folder):
            assert kb.delete(node).status_code == 204
        own.command("erase", trashed, "--company", client.company)
        assert kb.call("DELETE", f"/knowledge/trash/{folder}").is_success
        before = grep(own, sought)
    # The search can find them: plain and as embeddings, in tables, indexes, statistics and the log.
    assert {*markers.values()} <= set(before)
    assert sum(name.startswith("embedding") for name in before) >= 4
    where = set.union(*before.values())
    assert any("pg_wal" in path for path in where)
    relations = {
        table: {
            f"postgres/pgdata/{path}"
            for (path,) in ask(
                own, "SELECT pg_relation_filepath(oid) FROM pg_class WHERE relname = %s", table
            )
        }
        for table in (
            "chunk_text",
            "chunk_lex",
            "chunk_lex_words",
            "chunk_vec",
            "chunk_vec_nearest",
            "node",
            "pg_statistic",
        )
    }
    assert [table for table, paths in relations.items() if not paths & where] == []

    kept_text = prose(kept, LARGE)
    with Watch(client, "kept", kept_text, kept) as watch:
        report = scrub(own)
        assert company(report, client.company)["bytes_found_before"] > 0
    assert watch.answers > 0
    assert watch.wrong == []

    until(lambda: grep(own, sought) == {})  # the worker's sign of life and the like may still be on their way
    assert len(grep(own, staying)) >= 2
    assert client.text("kept") == kept_text
    for mode in MODES:
        assert finds(client, kept, mode)[0] == f"A title of {kept} that is not short", mode
    ((indexes,),) = ask(
        own,
        "SELECT count(*) FROM pg_index WHERE indrelid IN ('chunk_vec'::regclass, 'chunk_lex'::regclass) AND indisvalid",
    )
    assert indexes == 5

    ours = company(report, client.company)
    assert report["level"] == "physical"
    assert report["left"] == []
    assert (ours["covers"], ours["erasures"], ours["documents"]) == ({"from": 1, "to": 5}, 5, 5)
    assert ours["places_found_before"] * 32 == ours["bytes_found_before"]
    assert (ours["bytes_found_after"], ours["samples_shared"]) == (0, 0)
    entry = client.http.get(f"/v1/receipts/{ours['receipt']}").json()
    assert (entry["kind"], entry["levels"], entry["seq"]) == ("scrub", ["physical"], 6)
    assert entry["covers"] == {"from": 1, "to": 5, "erasures": 5, "documents": 5}
    assert entry["bytes_found_before"] == ours["bytes_found_before"]
    assert client.http.get("/v1/receipts").json()["items"][0] == entry
    assert "5 of 5 erasures are gone from the disk" in own.command("receipts", "verify", "--all").stdout
    assert ask(own, "SELECT FROM erased_document WHERE fingerprints IS NOT NULL") == []


def test_what_another_document_holds_too_is_not_taken_for_a_remainder(own: Server) -> None:
    client = own.client()
    marker = f"zqtwice{random.getrandbits(64):016x}"
    for artifact in ("one", "two"):
        assert (
            client.ingest(
                artifact, prose(marker, 30), metadata={"title": "The same title for both of them"}
            ).status_code
            == 200
        )
    assert client.delete("one").status_code == 200
    ours = company(scrub(own, "--company", client.company), client.company)
    assert ours["samples_shared"] > ours["samples"] // 2
    assert ours["places_found_after"] == 0
    assert client.text("two") == prose(marker, 30)


def test_a_remainder_that_it_cannot_remove_is_told_and_nothing_is_proved(own: Server) -> None:
    client = own.client()
    text = prose(f"zqcopy{random.getrandbits(64):016x}", 10)
    assert client.ingest("a", text).status_code == 200
    copy = own.directory / "a copy that somebody made"
    copy.write_text(text)
    try:
        assert client.delete("a").status_code == 200
        report = scrub(own, "--company", client.company, code=1)
        assert [left["file"] for left in report["left"]] == [copy.name]
        assert company(report, client.company)["receipt"] is None
    finally:
        copy.unlink()
    ours = company(scrub(own, "--company", client.company), client.company)
    assert ours["receipt"] is not None
    assert ours["covers"] == {"from": 1, "to": 1}


def test_what_a_document_had_before_is_looked_for_too(own: Server) -> None:
    kb = Knowledge(own.client())
    had = {name: f"zq{name}{random.getrandbits(64):016x} that the document had" for name in (
        "first title", "first note", "first text", "second title", "second note", "third title")}  # fmt: skip
    answer = kb.call(
        "POST",
        "/knowledge/documents",
        {
            "title": had["first title"],
            "markdown": prose(had["first text"], 5),
            "metadata": {"note": had["first note"]},
        },
    )
    assert answer.status_code == 201, answer.text
    node = answer.json()["id"]
    kb.indexed(node)
    change = f"/knowledge/nodes/{node}"
    second = {"title": had["second title"], "metadata": {"note": had["second note"]}}
    assert kb.call("PATCH", change, second).status_code == 200
    assert (
        kb.call("PUT", f"/knowledge/documents/{node}", {"markdown": "Nothing", "metadata": {}}).status_code
        == 200
    )
    kb.indexed(node)
    assert kb.call("PATCH", change, {"title": had["third title"]}).status_code == 200
    assert kb.call("PATCH", change, {"title": "Nothing"}).status_code == 200
    copies = {}
    for name, text in {**had, "first text": prose(had["first text"], 5)}.items():
        copies[name] = own.directory / f"copy of {name}"
        copies[name].write_text(text)
    assert kb.delete(node).status_code == 204
    assert kb.call("DELETE", f"/knowledge/trash/{node}").status_code == 204
    try:
        report = scrub(own, "--company", kb.artifacts.company, code=1)
    finally:
        for copy in copies.values():
            copy.unlink()
    assert {left["file"] for left in report["left"]} == {copy.name for copy in copies.values()}


def test_what_a_restore_erased_again_is_looked_for_on_its_disk_too(
    new_server: Callable[..., Server],
) -> None:
    old = new_server("scrub-restored").start()
    place = old.directory.parent
    new = Server(place / "new")
    try:
        client = old.client()
        marker = f"zqback{random.getrandbits(64):016x}"
        for artifact in ("a", "later"):
            assert client.ingest(artifact, prose(f"{marker}{artifact}", 5)).status_code == 200
        old.command("backup", str(place / "backup"))
        for artifact in ("a", "later"):
            assert client.delete(artifact).status_code == 200
        assert company(scrub(old), client.company)["covers"] == {"from": 1, "to": 2}
        receipts = place / "receipts.jsonl"
        receipts.write_text(old.command("receipts", "export", "--company", client.company).stdout)
    finally:
        old.stop()
    restored = new.command("restore-backup", str(place / "backup"), "--receipts", str(receipts))
    assert "until the next 'lethe scrub'" in restored.stdout
    assert grep(new, forms(marker)) != {}
    ours = company(scrub(new), client.company)
    assert (ours["documents"], ours["covers"]) == (2, {"from": 1, "to": 2})
    assert ours["places_found_before"] > 0
    assert grep(new, forms(marker)) == {}
    assert company(scrub(new), client.company)["erasures"] == 0
    new.command("receipts", "verify", "--all")


@pytest.mark.parametrize("killed", ["scrub", "database"])
def test_a_scrub_that_is_killed_is_finished_by_the_next(own: Server, killed: str, tmp_path: Path) -> None:
    client = own.client()
    marker, kept = (f"zq{killed}{random.getrandbits(64):016x}" for _ in range(2))
    client.ingest("gone", prose(marker, LARGE))
    client.ingest("kept", prose(kept, LARGE))
    settle(own)
    sought = {**forms(marker), **embeddings(own, node_of_company(own, client, "gone"))}
    # A crash leaves the files of a table that was just being made: here with a copy of the text.
    other = psycopg.connect(own.superuser())
    other.execute("CREATE TABLE half_made AS SELECT * FROM document_part")
    settle(own)
    assert client.delete("gone").status_code == 200
    waiting: LiteralString = (
        "SELECT FROM pg_stat_activity WHERE application_name = 'lethe scrub' AND query LIKE '%%open for%%'"
    )
    if killed == "scrub":
        arm(tmp_path, "index_before_being_made_again", signal.SIGKILL)
    with ExitStack() as stack:
        if killed == "scrub":
            stack.enter_context(own.worker_standing_still())  # it would make the index
        running = stack.enter_context(start(own, "scrub", LETHE_TEST_CHECKPOINTS=str(tmp_path)))
        stack.callback(running.kill)
        if killed == "database":
            postmaster = own.postmaster()
            until(lambda: ask(own, waiting) != [])
            postmaster.send_signal(signal.SIGKILL)
            until(lambda: is_gone(postmaster))
            assert running.wait(PATIENCE_SECONDS) == 1
            other.close()
        else:
            other.rollback()
            other.close()
            assert running.wait(PATIENCE_SECONDS) == -signal.SIGKILL
            assert index_is_off(own)
    until(own.is_ready)
    report = scrub(own)
    assert {c["receipt"] is not None for c in report["companies"] if c["erasures"]} == {True}
    assert {c["receipt"] for c in report["companies"] if not c["erasures"]} <= {None}
    assert grep(own, sought) == {}
    assert not index_is_off(own)
    assert client.text("kept") == prose(kept, LARGE)
    for mode in MODES:
        assert finds(client, kept, mode) == ["kept"], mode
    assert "hold" in own.command("receipts", "verify", "--all").stdout


def test_a_database_elsewhere_is_rewritten_and_not_said_to_be_searched(
    new_database: Callable[[], str], tmp_path: Path
) -> None:
    beside = Server(tmp_path / "data", LETHE_DATABASE_URL=new_database())
    report = scrub(beside)
    assert (report["level"], report["searched_files"], report["left"]) == ("rewritten", None, [])
    assert {"node", "document_part", "chunk_lex", "chunk_vec", "procrastinate_jobs"} <= set(
        report["locked_seconds"]
    )
