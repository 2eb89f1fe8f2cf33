"""Backup and restore: what was there is there again, and what was deleted since does not come back."""

import hashlib
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from lethe.core.receipts.receipt_log import Verifier, keys_of_end
from lethe.domain.checkpoints import arm
from lethe.store.postgres.superuser import SUPERUSER
from tests.http.knowledge.knowledge import Knowledge
from tests.lifecycle.lost_server import Story
from tests.lifecycle.stored import loose_ends
from tests.server import LETHE, Server
from tests.services import OpenAIServer
from tests.waiting import until


@pytest.fixture(scope="module")
def restored(
    story: Story, embedder: OpenAIServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server made from the backup and the receipts, in the second attempt: the first one is killed."""
    server = Server(story.backup.parent / "new", LETHE_EMBEDDER=embedder.spec)
    command = ["restore-backup", str(story.backup), "--receipts", str(story.receipts)]
    points = tmp_path_factory.mktemp("points")
    arm(points, "remove_after_rows_before_files", signal.SIGKILL)  # at the latest: it may be fast
    environment = {**server.environment, "LETHE_TEST_CHECKPOINTS": str(points)}
    with subprocess.Popen([LETHE, *command], env=environment, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        while "filling" not in (said := first.stdout.readline()):
            assert said, "it has ended"
        first.send_signal(signal.SIGKILL)
    assert first.returncode == -signal.SIGKILL
    for refused in (["serve", "--port", "0"], ["token", "list"]):
        answer = server.command(*refused, check=False)
        assert (answer.returncode, "did not finish" in answer.stderr) == (1, True), answer.stderr
    second = server.command(*command)
    assert f"kept folder {story.nodes['parted']}: it was erased, but contains documents" in second.stdout
    (warning,) = [line for line in second.stdout.splitlines() if "warning" in line]
    assert f"lacks the original {story.lost}" in warning
    server.first_token = "not shown again"
    server.start()
    yield server
    assert server.stop() == 0


def test_a_busy_server_is_copied_whole(story: Story) -> None:
    assert "documents of 2 companies" in story.said
    assert f"warning: the original {story.lost}" in story.said
    (meanwhile,) = (story.backup / "receipts").iterdir()
    assert b"erasure" in meanwhile.read_bytes()
    sums = (story.backup / "SHA256SUMS").read_text()
    subprocess.run(["sha256sum", "--check", "--quiet"], input=sums, text=True, cwd=story.backup, check=True)
    assert [p for p in [story.backup, *story.backup.rglob("*")] if p.stat().st_mode & 0o077] == []


def test_what_was_deleted_does_not_come_back_and_the_rest_is_whole(story: Story, restored: Server) -> None:
    kb = Knowledge(restored.client_of(story.token, story.company))
    client, nodes = kb.artifacts, story.nodes
    assert set(client.listed()) & story.erased == set()
    assert story.kept.keys() - set(client.listed()) == set()
    for artifact, text in story.kept.items():
        assert client.text(artifact) == text
    for artifact in sorted(story.erased)[:20]:
        assert client.text(artifact) is None
    for name in ("whole", "below", "deep", "stays in", "moves in", "thrown away for good"):
        assert not kb.there(nodes[name]), name
    assert kb.trash() == ["thrown away"]
    shape = kb.shape()
    assert (shape["parted"], shape["other"], "whole" in shape) == ({"moves out": {}}, {}, False)
    assert kb.text(nodes["moves out"]) == "# moves out\n\nlantern moves out\n"
    assert found(kb, "lantern") == {nodes["moves out"]}
    assert kb.restore(nodes["thrown away"]).status_code == 200
    until(lambda: found(kb, "lantern") == {nodes["moves out"], nodes["thrown away"]})
    gone = {"files that are gone": [story.lost]}
    until(lambda: loose_ends(restored) == gone)  # what was under way at the time of the backup has ended, too
    assert set(client.listed()) & story.erased == set()
    assert client.ingest("kept 1", "what comes after the restore").status_code == 200
    assert client.text("kept 1") == "what comes after the restore"


def test_the_receipts_go_on_where_they_were(story: Story, restored: Server) -> None:
    assert restored.client_of(story.token, story.company).delete("kept 2").status_code == 200
    before = story.receipts.read_bytes().splitlines()
    after = restored.command("receipts", "export", "--company", story.company).stdout.encode().splitlines()
    assert after[: len(before) - 1] == before[:-1]
    verifier = Verifier(keys_of_end(before[-1]))
    for line in after:
        verifier.line(line)
    assert (verifier.receipts, verifier.ended) == (len(before), True)
    assert f"{len(before)} receipts" in restored.command("receipts", "verify", "--all").stdout
    kb = Knowledge(restored.client_of(story.token, story.company))
    for artifact in ("doomed 0", "doomed 2", "kept 2"):  # erased after the backup, during it, and here
        (receipt,) = kb.call("GET", "/receipts", params={"collection": "c", "artifact": artifact}).json()[
            "items"
        ]
        assert receipt["version"] == 2
    erased = kb.call("GET", "/erasures").json()["items"]
    assert {item["seq"] for item in erased} == set(range(1, len(before) + 1))  # those that came back, too
    salt = story.receipts.with_name("salt")
    salt.write_text(kb.call("GET", "/receipts/salt").text)
    names = ["--salt", str(salt), "--collection", "c", "--artifact", "doomed 0"]
    restored.command("receipts", "verify", str(story.receipts), *names)


def found(kb: Knowledge, query: str) -> set[str]:
    """The nodes that a search finds."""
    answer = kb.call("POST", "/knowledge/search", {"query": query, "mode": "full"})
    assert answer.status_code == 200, answer.text
    return {result["node_id"] for result in answer.json()["results"]}


def test_a_directory_that_holds_something_is_neither_backed_up_nor_restored_into(
    story: Story, restored: Server, tmp_path: Path
) -> None:
    (tmp_path / "mine").write_text("x")
    backup, restore = ["backup", str(tmp_path)], ["restore-backup", str(story.backup)]
    for server, refused in ((restored, backup), (Server(tmp_path), restore)):
        answer = server.command(*refused, check=False)
        assert (answer.returncode, "not empty" in answer.stderr) == (1, True), answer.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine", "serve.lock"]


def test_a_database_of_the_operator_is_filled_as_its_owner_and_copied_by_a_role_that_sees_all(
    story: Story, tmp_path: Path, new_database: Callable[..., str]
) -> None:
    backup, erasure = shutil.copytree(story.backup, tmp_path / "backup"), str(uuid4())
    manifest = orjson.loads((backup / "manifest.json").read_bytes())
    under_way(manifest, story, erasure)
    write_again(backup, manifest)
    owner = new_database()
    server = Server(tmp_path / "data", LETHE_DATABASE_URL=owner)
    assert "warning: what was deleted after" in server.command("restore-backup", str(backup)).stdout
    bound = server.command("backup", str(tmp_path / "none"), check=False)
    assert "BYPASSRLS" in bound.stderr
    admin = make_conninfo(owner, user=SUPERUSER)
    with psycopg.connect(admin) as conn:
        assert conn.execute("SELECT FROM node WHERE artifact = 'doomed 2'").rowcount == 0
        (left,) = (
            conn.execute("SELECT count(*) FROM node WHERE id = %s", [story.nodes["deep"]]).fetchone() or ()
        )
        last = conn.execute(
            "SELECT id::text, subject_id FROM receipt ORDER BY erased_at DESC LIMIT 1"
        ).fetchone()
    assert (left, last) == (0, (erasure, story.nodes["deep"]))
    Server(tmp_path / "data", LETHE_DATABASE_URL=admin).command("backup", str(tmp_path / "second"))
    second = orjson.loads((tmp_path / "second" / "manifest.json").read_bytes())
    assert second["migrations"] == manifest["migrations"]
    assert [c["name"] for c in second["companies"]] == [c["name"] for c in manifest["companies"]]
    again = Server(tmp_path / "other", LETHE_DATABASE_URL=owner).command(
        "restore-backup", str(backup), check=False
    )
    assert "not empty" in again.stderr


def under_way(manifest: dict[str, Any], story: Story, erasure: str) -> None:
    """Let a backup know of an erasure that had no receipt when the backup ended."""
    document = story.nodes["deep"]
    manifest["erasing"].append(
        {
            "company_id": next(c["id"] for c in manifest["companies"] if c["name"] == story.company),
            "id": erasure,
            "subject": ["document", document, "0" * 64],
            "requested_at": manifest["taken_at"],
            "requested_by": "operator",
            "invisible_at": manifest["taken_at"],
            "documents": [document],
        }
    )


def write_again(backup: Path, manifest: dict[str, Any]) -> None:
    """Change the manifest as if it had been written so."""
    text = orjson.dumps(manifest)
    (backup / "manifest.json").write_bytes(text)
    sums = (backup / "SHA256SUMS").read_text().splitlines(keepends=True)
    sums = [line for line in sums if not line.endswith("  manifest.json\n")]
    (backup / "SHA256SUMS").write_text("".join(sums) + f"{hashlib.sha256(text).hexdigest()}  manifest.json\n")
