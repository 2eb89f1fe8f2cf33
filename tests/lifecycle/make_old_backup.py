"""Make old_backup.tar again: what an earlier version stored, for test_upgrade.py.

    python -m tests.lifecycle.make_old_backup ba60932

Takes that commit's code into a directory of its own, with the packages that it names, runs its server, has it store,
delete and leave work unfinished, and packs its backup, its receipts and a note of what is in them (`known.json`).
"""

import argparse
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.http.knowledge.knowledge import Knowledge
from tests.server import Server
from tests.services import OpenAIServer
from tests.waiting import until

PACKED = Path(__file__).with_name("old_backup.tar")
COMPANY = "old"


class OldServer(Server):
    """A server with another commit's code."""

    def __init__(self, directory: Path, program: Path, embedder: str) -> None:
        # Nothing of the working directory, which has the newer code.
        super().__init__(directory, LETHE_EMBEDDER=embedder, PYTHONPATH="", PYTHONSAFEPATH="1")
        self.program = program


def main() -> None:
    """Make the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commit")
    commit = parser.parse_args().commit
    with tempfile.TemporaryDirectory(prefix="lethe-old-") as made, OpenAIServer() as embedder:
        place = Path(made)
        place.chmod(0o711)  # PostgreSQL may run as another user
        with _program(commit, place) as program:
            server = OldServer(place / "data", program, embedder.spec).start()
            try:
                known = _live(server, place)
            finally:
                server.stop()
        (place / "known.json").write_text(json.dumps({"commit": commit, **known}, indent=1) + "\n")
        with tarfile.open(PACKED, "w") as packed:
            for name in ("backup", "receipts.jsonl", "known.json"):
                packed.add(place / name, name)


@contextmanager
def _program(commit: str, place: Path) -> Iterator[Path]:
    """The command `lethe` of a commit, in an environment of its own."""
    source, venv = place / "source", place / "venv"
    subprocess.run(["git", "worktree", "add", "--detach", source, commit], check=True)
    try:
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "--requirement", source / "requirements" / "runtime.txt", source], check=True)
        yield venv / "bin" / "lethe"
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", source], check=True)


def _live(server: Server, place: Path) -> dict[str, object]:
    """Let the server have a company with documents, a trash, receipts and work under way; what is known of it."""
    made = [
        "token",
        "create",
        "--company",
        COMPANY,
        "--name",
        "test",
        "--scopes",
        "all",
        "--rate",
        "unlimited",
    ]
    line = server.command(*made).stdout
    token = next(word for word in line.split() if word.startswith("kbai_pk_"))
    kb = Knowledge(server.client_of(token, COMPANY))
    client = kb.artifacts
    texts = {
        "policy": "# Cancellation\n\nWhoever cancels a booking early is given the lantern back.\n",
        "política": "# Cancelación\n\nQuien cancela la reserva a tiempo recibe el farol de vuelta.\n",
        "replaced": "# First\n\nThe first text speaks of copper.\n",
        "doomed": "# Doomed\n\nThe text that is erased speaks of quicksilver.\n",
        "erased": "# Erased\n\nWhat the old version erased speaks of arsenic.\n",
    }
    for artifact, text in texts.items():
        assert client.ingest(artifact, text, metadata={"customer": artifact}).status_code == 200
    texts["replaced"] = "# Second\n\nThe second text speaks of tin.\n"
    assert client.ingest("replaced", texts["replaced"]).status_code == 200
    nodes = {"folder": kb.folder("folder"), "thrown folder": kb.folder("thrown folder")}
    for name, parent in (("stays", "folder"), ("thrown", "folder"), ("thrown below", "thrown folder")):
        nodes[name] = kb.document(name, nodes[parent], f"# {name}\n\nlantern {name}\n")
    kb.indexed(nodes["stays"], nodes["thrown"], nodes["thrown below"])
    for name in ("thrown", "thrown folder"):
        assert kb.delete(nodes[name]).status_code == 204
    assert client.delete("erased").status_code == 200
    del texts["erased"]
    by_filter = {
        "filter": {"metadata": [{"key": "customer", "operator": "==", "value": "nobody"}]},
        "mode": "erase",
    }
    assert kb.call("POST", "/knowledge/deletions", by_filter).is_success
    until(lambda: client.task("delete", client.delete_async("none"))["task_status"] == "FAILURE")
    with server.worker_standing_still():
        client.ingest_async("under way", "# Under way\n\nThe worker had not begun; it speaks of zinc.\n")
        client.ingest_async("policy", texts["policy"] + "\nIt is being replaced, and speaks of nickel.\n")
        server.command("backup", str(place / "backup"))
        (place / "receipts.jsonl").write_text(
            server.command("receipts", "export", "--company", COMPANY).stdout
        )
    return {"token": token, "company": COMPANY, "texts": texts, "nodes": nodes}


if __name__ == "__main__":
    main()
