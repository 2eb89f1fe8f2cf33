"""Backup and restore: what was there is there again, and what was deleted since does not come back."""

import hashlib
import random
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg.conninfo import make_conninfo

from lethe.adapters.archive import Archive
from lethe.core.backup.restore import Restore
from lethe.core.receipts.chain import Verifier, keys_of_end
from lethe.core.receipts.keys import SigningKey, key_id, raw
from lethe.core.receipts.links import GENESIS, Broken, canonical, parsed, seal
from lethe.domain.errors import LetheError, OperatorError
from lethe.store.embedded import SUPERUSER
from tests.http.knowledge.knowledge import Knowledge
from tests.lifecycle.stored import ask, loose_ends
from tests.server import LETHE, Client, Server, long_text
from tests.waiting import until


@dataclass
class Story:
    """What became of a server before it was lost: what must come back, what must not, and what was saved of it."""

    token: str
    company: str
    backup: Path
    receipts: Path
    kept: dict[str, str]
    """Texts of artifacts that were there before the backup began and were not deleted later."""
    erased: set[str]
    """Artifacts whose erasure was acknowledged."""
    nodes: dict[str, str]
    """Nodes of the tree by what the story calls them."""
    said: str = ""


@dataclass
class Churn:
    """Four callers who put documents in and delete them, and note what was acknowledged."""

    client: Client
    erased: set[str] = field(default_factory=set[str])
    texts: dict[str, str] = field(default_factory=dict[str, str])
    enough: threading.Event = field(default_factory=threading.Event)

    def run(self, seed: int) -> None:
        """Until told to stop: put in, replace, erase at once or by a task."""
        dice, mine, count = random.Random(seed), list[str](), 0
        while not self.enough.is_set():
            if len(mine) < 3 or dice.random() < 0.5:
                name = f"churn-{seed}-{(count := count + 1)}"
                self.texts[name] = long_text(1, name)
                assert self.client.ingest(name, self.texts[name]).status_code == 200
                mine.append(name)
            elif dice.random() < 0.3:
                name = dice.choice(mine)
                assert (
                    self.client.ingest(name, long_text(1, f"{name} again {dice.random()}")).status_code == 200
                )
            else:
                name = mine.pop(dice.randrange(len(mine)))
                if dice.random() < 0.5:
                    assert self.client.delete(name).status_code == 200
                else:
                    self.client.delete_async(name)
                self.erased.add(name)


def begin(server: Server) -> tuple[Knowledge, dict[str, str], dict[str, str]]:
    """A company's documents before the backup, through both doors: its caller, texts by artifact, and its nodes."""
    kb = Knowledge(server.client())
    texts = {f"kept {i}": long_text(4, f"kept{i}") for i in range(4)} | {
        f"doomed {i}": "doomed" for i in range(6)
    }
    for artifact, text in texts.items():
        metadata = {"customer": "7"} if artifact == "doomed 5" else None
        assert kb.artifacts.ingest(artifact, text, metadata=metadata).status_code == 200
    nodes = {name: kb.folder(name) for name in ("whole", "parted", "other")}
    nodes["below"] = kb.folder("below", nodes["whole"])
    for name, folder in (
        ("deep", "below"),
        ("stays in", "parted"),
        ("moves out", "parted"),
        ("moves in", "other"),
    ):
        nodes[name] = kb.document(name, nodes[folder], f"# {name}\n\nlantern {name}\n")
    for name in ("thrown away", "thrown away for good"):
        nodes[name] = kb.document(name, None, f"# {name}\n\nlantern {name}\n")
    kb.indexed(
        *(
            nodes[n]
            for n in ("deep", "stays in", "moves out", "moves in", "thrown away", "thrown away for good")
        )
    )
    for name in ("thrown away", "thrown away for good"):
        assert kb.delete(nodes[name]).status_code == 204
    return kb, texts, nodes


def delete_more(kb: Knowledge, nodes: dict[str, str]) -> set[str]:
    """Deletions of every kind after the backup; the artifacts among them."""
    client = kb.artifacts
    assert client.delete("doomed 0").status_code == 200
    assert client.ended("delete", client.delete_async("doomed 1"))["task_status"] == "SUCCESS"
    body = {"filter": {"metadata": [{"key": "customer", "operator": "==", "value": "7"}]}, "mode": "erase"}
    by_filter = kb.call("POST", "/knowledge/deletions", body).json()
    assert kb.change(nodes["moves out"], parent_id=nodes["other"]).status_code == 200
    assert kb.change(nodes["moves in"], parent_id=nodes["parted"]).status_code == 200
    for folder in ("whole", "parted"):
        assert kb.delete(nodes[folder]).status_code == 204
        erase(kb, nodes[folder])
    erase(kb, nodes["thrown away for good"])
    until(
        lambda: kb.call("GET", f"/knowledge/deletions/{by_filter['task_id']}").json()["status"] == "success"
    )
    return {"doomed 0", "doomed 1", "doomed 5"}


def erase(kb: Knowledge, node: str) -> None:
    assert kb.call("DELETE", f"/knowledge/trash/{node}").is_success


@pytest.fixture(scope="module")
def story(service_directory: Callable[[str], Path]) -> Story:
    """A server with a busy company, backed up while it works; it is stopped for good after more deletions."""
    place = service_directory("backup")
    server = Server(place / "lost").start()
    kb, texts, nodes = begin(server)
    churn = Churn(kb.artifacts)
    callers = [threading.Thread(target=churn.run, args=(seed,)) for seed in range(4)]
    for caller in callers:
        caller.start()
    try:
        until(lambda: len(churn.erased) >= 4)
        said = server.command("backup", str(place / "backup")).stdout
    finally:
        churn.enough.set()
        for caller in callers:
            caller.join()
    erased = churn.erased | delete_more(kb, nodes)
    until(lambda: ask(server, "SELECT count(*) FROM erasure") == [(0,)])
    assert kb.artifacts.ingest("kept 0", "another text, which came after the backup").status_code == 200
    export = server.command("receipts", "export", "--company", kb.company).stdout
    (place / "receipts.jsonl").write_text(export)
    token = kb.artifacts.token
    assert server.stop() == 0
    kept = {name: text for name, text in texts.items() if name not in erased}
    return Story(token, kb.company, place / "backup", place / "receipts.jsonl", kept, erased, nodes, said)


@pytest.fixture(scope="module")
def restored(story: Story) -> Iterator[Server]:
    """A server made from the backup and the receipts, in the second attempt: the first one is killed."""
    server = Server(story.backup.parent / "new")
    command = ["restore-backup", str(story.backup), "--receipts", str(story.receipts)]
    with subprocess.Popen(
        [LETHE, *command], env=server.environment, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        while "filling" not in first.stdout.readline():
            pass
        first.send_signal(signal.SIGKILL)
    for refused in (["serve", "--port", "0"], ["token", "list"]):
        answer = server.command(*refused, check=False)
        assert (answer.returncode, "did not end" in answer.stderr) == (1, True), answer.stderr
    second = server.command(*command)
    assert f"folder {story.nodes['parted']} was erased, but holds documents" in second.stdout
    assert "warning" not in second.stdout
    server.first_token = "not shown again"
    server.start()
    yield server
    assert server.stop() == 0


def test_a_busy_server_is_copied_whole(story: Story) -> None:
    assert "documents of 2 companies" in story.said
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
    until(lambda: loose_ends(restored) == {})  # what was under way at the time of the backup has ended, too
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


def found(kb: Knowledge, query: str) -> set[str]:
    """The nodes that a search finds."""
    answer = kb.call("POST", "/knowledge/search", {"query": query, "mode": "full"})
    assert answer.status_code == 200, answer.text
    return {result["node_id"] for result in answer.json()["results"]}


def change_a_byte(backup: Path) -> None:
    path = backup / "database.dump"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def lose_an_original(backup: Path) -> None:
    next(p for p in (backup / "blobs").rglob("*") if p.is_file()).unlink()


def slip_a_file_in(backup: Path) -> None:
    (backup / "blobs" / "other").write_text("x")


def put_a_link_in_place(backup: Path) -> None:
    (backup / "database.dump").rename(backup.parent / "elsewhere")
    (backup / "database.dump").symlink_to(backup.parent / "elsewhere")


def cut_the_sums(backup: Path) -> None:
    text = (backup / "SHA256SUMS").read_text()
    (backup / "SHA256SUMS").write_text(text[:-10])


def do_not_end(backup: Path) -> None:
    (backup / "SHA256SUMS").unlink()


@pytest.mark.parametrize(
    "damage", [change_a_byte, lose_an_original, slip_a_file_in, put_a_link_in_place, cut_the_sums, do_not_end]
)
def test_a_backup_that_is_not_whole_is_refused(
    story: Story, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    backup = shutil.copytree(story.backup, tmp_path / "backup")
    damage(backup)
    with pytest.raises(OperatorError):
        Restore(Archive.open(backup), [], {})


def take_a_link_out(lines: list[bytes]) -> None:
    del lines[1]


def cut_the_end_off(lines: list[bytes]) -> None:
    del lines[-1]


def change_a_document(lines: list[bytes]) -> None:
    i = next(i for i, line in enumerate(lines) if parsed(line).get("documents"))
    link = parsed(lines[i])
    link["documents"][0]["id"] = "0" * 24
    lines[i] = canonical(link)


def sign_it_anew(lines: list[bytes]) -> None:
    lines[:] = signed_by(stranger(), lines)


@pytest.mark.parametrize("damage", [take_a_link_out, cut_the_end_off, change_a_document, sign_it_anew])
def test_receipts_that_do_not_hold_are_refused(
    story: Story, tmp_path: Path, damage: Callable[[list[bytes]], None]
) -> None:
    lines = story.receipts.read_bytes().splitlines()
    damage(lines)
    forged = tmp_path / "receipts.jsonl"
    forged.write_bytes(b"".join(line + b"\n" for line in lines))
    with pytest.raises(Broken, match="do not hold"):
        Restore(Archive.open(story.backup), [forged], {})


def test_receipts_of_another_chain_are_refused_whoever_signed_them(story: Story, tmp_path: Path) -> None:
    key = stranger()
    forged = tmp_path / "receipts.jsonl"
    lines = signed_by(key, story.receipts.read_bytes().splitlines())
    forged.write_bytes(b"".join(line + b"\n" for line in lines))
    with pytest.raises(LetheError, match="another installation"):
        Restore(Archive.open(story.backup), [forged], {key.id: key.private.public_key()})


def stranger() -> SigningKey:
    """A key that no Lethe knows."""
    private = Ed25519PrivateKey.generate()
    return SigningKey(key_id(raw(private.public_key())), private)


def signed_by(key: SigningKey, lines: list[bytes]) -> list[bytes]:
    """The same chain from the hands of somebody else."""
    previous, made = GENESIS, list[bytes]()
    for seq, line in enumerate(lines, 1):
        link: dict[str, Any] = parsed(line)
        documents = link.pop("documents", None)
        facts = {k: v for k, v in link.items() if k not in ("hash", "signature", "seq", "previous", "key_id")}
        if "last" in facts:
            facts["last"] = previous
        sealed = seal(facts, seq=seq, previous=previous, key=key)
        previous = sealed["hash"]
        made.append(canonical(sealed if documents is None else {**sealed, "documents": documents}))
    return made


def test_a_directory_that_holds_something_is_neither_backed_up_nor_restored_into(
    story: Story, tmp_path: Path
) -> None:
    (tmp_path / "mine").write_text("x")
    server = Server(tmp_path)
    for refused in (["backup", str(tmp_path)], ["restore-backup", str(story.backup)]):
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
