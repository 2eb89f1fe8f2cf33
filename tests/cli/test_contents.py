"""Storing, looking at, searching and deleting documents by command."""

import io
import os
import stat
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Lethe
from tests.server import Server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of mixed files, one of which nobody can read."""
    root = tmp_path / "papers"
    for name, content in {
        "returns.md": b"# Returns\n\nA quetzal may be returned within thirty days.\n",
        "2026/prices.csv": b"item,price\nquetzal,12\n",
        "2026/damaged.docx": b"this is no docx",
        ".hidden/secret.md": b"a hidden kakapo",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def test_a_folder_is_added_found_shown_and_erased(lethe: Lethe, folder: Path) -> None:
    added = lethe("add", folder, "--collection", "papers", code=3)
    assert "2 stored, 0 unchanged, 1 failed" in added.out
    assert "2026/damaged.docx: " in added.err
    assert "hidden" not in lethe("tree").out
    assert "prices.csv\n" in lethe("ls", "papers/2026").out  # files are sent side by side, in any order

    (hit,) = lethe("search", "thirty days", "--mode", "full", "--json").json["results"]
    assert hit["title"] == "returns.md"
    assert "returns.md" in lethe("search", "thirty days", "--in", "papers").out
    assert "thirty days" in lethe("show", "papers/returns.md").out
    refused = lethe("show", "papers/2026/damaged.docx", code=1).err
    assert ("damaged" in refused, ".." in refused) == (True, False), refused

    assert "give --yes" in lethe("rm", "papers/returns.md", code=1).err
    (gone,) = lethe("rm", "papers/returns.md", "--erase", "--yes", "--json").json
    assert gone["receipt_id"]
    assert "Nothing was found" in lethe("search", "thirty days", "--mode", "full", code=3).err
    assert "see 'lethe ls /papers'" in lethe("show", "papers/returns.md", code=1).err


def test_what_was_added_before_is_replaced_and_what_is_unchanged_is_not_sent(
    lethe: Lethe, folder: Path
) -> None:
    (folder / "2026/damaged.docx").unlink()
    lethe("add", folder, "-c", "papers")
    (folder / "returns.md").write_text("# Returns\n\nNever.\n")
    assert "1 stored, 1 unchanged, 0 failed" in lethe("add", folder, "-c", "papers").out
    assert "Never." in lethe("show", "papers/returns.md").out
    assert len(lethe("ls", "papers", "--json").json) == 2


def test_the_original_is_what_was_sent(
    lethe: Lethe, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lethe("add", folder / "2026/prices.csv", "-c", "papers")
    monkeypatch.chdir(tmp_path)
    assert lethe("get", "papers/prices.csv").out == "prices.csv: 22 bytes\n"
    assert (tmp_path / "prices.csv").read_bytes() == b"item,price\nquetzal,12\n"
    assert "exists already" in lethe("get", "papers/prices.csv", code=1).err
    assert "is a folder" in lethe("get", "papers", code=1).err
    assert not list(tmp_path.glob("*.part"))


def test_patterns_and_standard_input_are_added(
    lethe: Lethe, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"A kakapo.")))
    lethe("add", f"{folder}/*.md", "-", "--name", "note.txt", "-c", "papers/deep")
    assert {node["title"] for node in lethe("ls", "papers/deep", "--json").json} == {"returns.md", "note.txt"}
    assert "A kakapo." in lethe("show", "papers/deep/note.txt").out
    assert "No file matches" in lethe("add", f"{folder}/*.none", "-c", "papers", code=1).err
    assert "There is no file or folder" in lethe("add", folder / "none", "-c", "papers", code=1).err


def test_what_is_deleted_can_be_brought_back_as_the_answer_says(lethe: Lethe, folder: Path) -> None:
    lethe("add", folder / "returns.md", "-c", "papers")
    said = lethe("rm", "papers", "-y").out
    node_id = said.split("'lethe undelete ")[1].split("'")[0]
    assert "papers" not in lethe("tree").out
    assert lethe("undelete", node_id).out == "/papers: restored\n"
    assert "returns.md" in lethe("tree").out


def test_a_login_is_remembered_for_its_server_alone(
    lethe: Lethe, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    token = os.environ["LETHE_TOKEN"]
    monkeypatch.delenv("LETHE_TOKEN")
    monkeypatch.delenv("LETHE_URL")
    for typed, code in (("kbai_pk_wrong\n", 1), (f"{token}\n", 0)):
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        said = lethe("login", server.url, code=code)
        assert token not in said.out + said.err
    (saved,) = tmp_path.rglob("profiles.json")
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert "0 documents" in lethe("stats").out
    assert "run 'lethe login http://127.0.0.1:9'" in lethe("ls", "--url", "http://127.0.0.1:9", code=1).err
    assert "no profile 'other'" in lethe("ls", "--profile", "other", code=1).err


def test_what_cannot_be_reached_is_told_with_what_to_do(
    lethe: Lethe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LETHE_TOKEN", "kbai_pk_" + "0" * 64)
    assert "run 'lethe login'" in lethe("ls", code=1).err
    monkeypatch.setenv("LETHE_URL", "http://127.0.0.1:9")
    assert "lethe serve" in lethe("ls", code=1).err


def test_the_demo_shows_a_document_that_is_erased_and_leaves_nothing(lethe: Lethe) -> None:
    said = lethe("demo").out
    before, after = said.split("The same search")
    assert "member 4711" in before
    assert "nothing is found" in after
    assert "signature" in after
    assert lethe("ls", "--json").json == []
