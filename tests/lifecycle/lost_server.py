"""A busy server that was backed up while it worked, went on deleting, and was lost; `story` tells what was saved."""

import random
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.client import Client, long_text
from tests.http.knowledge.knowledge import Knowledge
from tests.lifecycle.stored import ask
from tests.server import LETHE, Server
from tests.services import OpenAIServer
from tests.shared import once
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
    lost: str
    """The key of an original that was lost before the backup; the document was kept."""
    said: str
    """What the command said that made the backup."""


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


def back_up(server: Server, directory: Path, *, meanwhile: Callable[[], httpx.Response]) -> str:
    """What the command says. Between its snapshot and its end something is asked for, and answered."""
    said = ""
    with psycopg.connect(server.superuser()) as conn:
        conn.execute("LOCK TABLE assistant_worker")  # pg_dump waits for it
        command = [str(LETHE), "backup", str(directory)]
        with subprocess.Popen(command, env=server.environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            while "dumping" not in said:
                said += process.stdout.readline()
                assert process.poll() is None
            assert meanwhile().is_success
            conn.rollback()
            said += process.stdout.read()
        assert process.returncode == 0
    return said


@pytest.fixture(scope="session")
def story(migrated_directory: Path) -> Story:
    """A server with a busy company, backed up while it works; it is stopped for good after more deletions."""

    def make(place: Path) -> Story:
        subprocess.run(["cp", "--archive", migrated_directory, place / "data"], check=True)
        with OpenAIServer() as embedder:
            return lived(Server(place / "data", LETHE_EMBEDDER=embedder.spec), place)

    return once("story", make)


def lived(server: Server, place: Path) -> Story:
    """The life of a new server."""
    server.start()
    kb, texts, nodes = begin(server)
    lost = lose_an_original(server, "kept 3")
    churn = Churn(kb.artifacts)
    callers = [threading.Thread(target=churn.run, args=(seed,)) for seed in range(4)]
    for caller in callers:
        caller.start()
    try:
        until(lambda: len(churn.erased) >= 4)
        said = back_up(server, place / "backup", meanwhile=lambda: kb.artifacts.delete("doomed 2"))
    finally:
        churn.enough.set()
        for caller in callers:
            caller.join()
    erased = {"doomed 2"} | churn.erased | delete_more(kb, nodes)
    until(lambda: ask(server, "SELECT count(*) FROM erasure") == [(0,)])
    assert kb.artifacts.ingest("kept 0", "another text, which came after the backup").status_code == 200
    export = server.command("receipts", "export", "--company", kb.company).stdout
    (place / "receipts.jsonl").write_text(export)
    token = kb.artifacts.token
    assert server.stop() == 0
    kept = {name: text for name, text in texts.items() if name not in erased}
    receipts = place / "receipts.jsonl"
    return Story(token, kb.company, place / "backup", receipts, kept, erased, nodes, lost, said)


def lose_an_original(server: Server, artifact: str) -> str:
    """Remove a document's file behind the server's back; its key."""
    key = "SELECT blob_key FROM document d JOIN node n ON n.id = d.node_id WHERE n.artifact = %s"
    ((lost,),) = ask(server, key, artifact)
    (server.directory / "blobs" / lost).unlink()
    return str(lost)
