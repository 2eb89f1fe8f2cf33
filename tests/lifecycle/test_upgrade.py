"""What an earlier version stored goes on working: its database with this version, and its backup.

old_backup.tar holds what the version of 27 November 2026 left (`make_old_backup.py`): documents of which one is
replaced and one new just then, a trash, and receipts of the first kind.
"""

import asyncio
import json
import shutil
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from lethe.core.receipts.receipt_log import Verifier, keys_of_end
from lethe.store.postgres import dump
from lethe.store.postgres.embedded import EmbeddedPostgres
from tests.http.knowledge.knowledge import Knowledge
from tests.lifecycle.make_old_backup import PACKED
from tests.lifecycle.stored import ask, loose_ends
from tests.queue_schema import differences
from tests.server import Server
from tests.services import OpenAIServer
from tests.waiting import until


@dataclass
class Old:
    """What an earlier version left, and the server that it was handed to."""

    place: Path
    known: dict[str, Any]
    server: Server

    @property
    def backup(self) -> Path:
        return self.place / "backup"

    @property
    def kb(self) -> Knowledge:
        return Knowledge(self.server.client_of(self.known["token"], self.known["company"]))


@pytest.fixture(scope="module")
def old(service_directory: Callable[[str], Path], embedder: OpenAIServer) -> Iterator[Old]:
    """A server on the old version's database and files, which `lethe migrate` brought to this version."""
    place = service_directory("upgrade")
    with tarfile.open(PACKED) as packed:
        packed.extractall(place, filter="data")
    server = Server(place / "data", LETHE_EMBEDDER=embedder.spec)
    found = Old(place, json.loads((place / "known.json").read_text()), server)
    server.directory.mkdir(mode=0o711)
    with EmbeddedPostgres(server.directory / "postgres") as postgres:
        asyncio.run(dump.load(postgres.superuser_conninfo, found.backup / "database.dump"))
        shutil.copytree(found.backup / "blobs", server.directory / "blobs")
        assert "applied 0015_warnings_places.sql" in server.command("migrate").stdout
        server.first_token = found.known["token"]
        server.start()
    yield found
    assert server.stop() == 0


def test_what_was_stored_is_read_and_found_and_what_was_under_way_ends(old: Old) -> None:
    kb, nodes, texts = old.kb, old.known["nodes"], old.known["texts"]
    until(lambda: loose_ends_but_for_the_trash(old.server) == {})
    for artifact in ("política", "replaced", "doomed"):
        assert kb.artifacts.text(artifact) == texts[artifact]
    assert (kb.artifacts.text("erased"), kb.there(nodes["thrown"])) == (None, False)
    assert found(kb, "lantern") == {"policy", "stays"}
    assert [found(kb, word) for word in ("faroles", "copper", "arsenic")] == [{"política"}, set(), set()]
    assert [found(kb, word) for word in ("tin", "zinc", "nickel")] == [
        {"replaced"},
        {"under way"},
        {"policy"},
    ]
    assert found(kb, texts["doomed"], "vector") >= {"doomed"}


def test_the_queues_tables_are_those_of_a_new_database(old: Old) -> None:
    async def compare() -> tuple[set[str], set[str]]:
        async with await psycopg.AsyncConnection.connect(old.server.database()) as conn:
            return await differences(conn)

    lacks, besides = asyncio.run(compare())
    assert (lacks, [line.split()[2] for line in besides]) == (set(), ["job_of_company"])


def test_the_old_trash_gives_back_and_erases(old: Old) -> None:
    kb, nodes = old.kb, old.known["nodes"]
    assert sorted(kb.trash()) == ["thrown", "thrown folder"]
    assert kb.restore(nodes["thrown"]).status_code == 200
    until(lambda: found(kb, "lantern") == {"policy", "stays", "thrown"})
    assert kb.call("DELETE", f"/knowledge/trash/{nodes['thrown folder']}").is_success
    assert kb.trash() == []


def test_receipts_go_on_behind_the_old_ones_and_erase_again_in_the_old_backup(
    old: Old, embedder: OpenAIServer
) -> None:
    assert old.kb.artifacts.delete("doomed").status_code == 200
    assert old.kb.artifacts.text("doomed") is None
    export = old.server.command("receipts", "export", "--company", old.known["company"]).stdout
    before, now = (old.place / "receipts.jsonl").read_bytes().splitlines(), export.encode().splitlines()
    assert now[: len(before) - 1] == before[:-1]
    assert {json.loads(line)["version"] for line in before[:-1]} == {1}
    verifier = Verifier(keys_of_end(now[-1]))
    for line in now:
        verifier.line(line)
    assert (verifier.receipts, verifier.ended) == (len(now) - 1, True)
    assert f"{len(now) - 1} receipts" in old.server.command("receipts", "verify", "--all").stdout
    until(lambda: loose_ends(old.server) == {})
    old.server.command("doctor")

    newest = old.place / "newest.jsonl"
    newest.write_text(export)
    new = Server(old.place / "new", LETHE_EMBEDDER=embedder.spec)
    said = new.command("restore-backup", str(old.backup), "--receipts", str(newest)).stdout
    assert "erased 2 documents again" in said
    assert "warning" not in said
    with EmbeddedPostgres(new.directory / "postgres"):
        there = {title for (title,) in ask(new, "SELECT title FROM live_document")}
        assert ask(new, "SELECT title FROM node WHERE state = 'deleted'") == [("thrown",)]
    assert there == {"policy", "política", "replaced", "stays"}


def loose_ends_but_for_the_trash(server: Server) -> dict[str, Any]:
    """All that the server has not ended, but for what is in the trash."""
    trash = {"documents whose node is not live", "deleted nodes", "documents whose chunks are not all there"}
    return {what: rows for what, rows in loose_ends(server).items() if what not in trash}


def found(kb: Knowledge, query: str, mode: str = "full") -> set[str]:
    """The titles of what a search finds."""
    answer = kb.call("POST", "/knowledge/search", {"query": query, "mode": mode})
    assert answer.status_code == 200, answer.text
    return {result["title"] for result in answer.json()["results"]}
