"""`lethe tasks` and `lethe retry`: what was done, what failed, and how it is tried again."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Lethe
from tests.client import Client
from tests.server import Server
from tests.waiting import until


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What commands remember is the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "lethe" / "failed.json"


@pytest.fixture
def papers(lethe: Lethe, tmp_path: Path) -> Path:
    """A folder that was added, with a file in it that could not be read."""
    root = tmp_path / "papers"
    (root / "2026").mkdir(parents=True)
    (root / "good.md").write_text("# Good")
    (root / "2026" / "damaged.rtf").write_text("this is no rtf")
    lethe("add", root, "-c", "papers", code=3)
    return root


def test_what_failed_is_listed_with_its_name_and_reason(lethe: Lethe, papers: Path) -> None:
    (line,) = lethe("tasks", "--status", "failure").out.splitlines()
    assert "papers/damaged.rtf" in line
    assert "its content is plain text" in line
    assert [task["status"] for task in lethe("tasks", "--json").json].count("success") == 1


def test_a_task_about_a_collection_names_it_once(lethe: Lethe, papers: Path) -> None:
    lethe("rm", "papers", "--yes")
    lethe("undelete", "papers")
    restored = next(line for line in lethe("tasks").out.splitlines() if "restore" in line)
    assert restored.endswith("  papers")


def test_what_failed_is_added_again_once_it_is_mended(lethe: Lethe, papers: Path, own_state: Path) -> None:
    assert own_state.stat().st_mode & 0o77 == 0
    again = lethe("retry", "--all", code=3)
    assert "0 stored, 0 unchanged, 1 failed" in again.out
    (papers / "2026" / "damaged.rtf").write_text("{\\rtf1 a mended kakapo}")
    (task, _) = lethe("tasks", "--status", "failure", "--json").json
    assert "nothing" in lethe("retry", "-c", "others").out
    assert "1 stored, 0 unchanged, 0 failed" in lethe("retry", "-c", "papers", task["id"]).out
    assert "kakapo" in lethe("show", "papers/2026/damaged.rtf").out
    assert "nothing" in lethe("retry").out
    assert json.loads(own_state.read_text()) == []


def test_what_the_server_cannot_read_is_left_out_until_it_changes(lethe: Lethe, papers: Path) -> None:
    (papers / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")  # refused at once
    lethe("add", papers, "-c", "papers", code=3)
    again = lethe("retry")
    assert "nothing" in again.out
    assert "2 left out" in again.err
    assert "lethe retry --all" in again.err
    (papers / "2026" / "damaged.rtf").write_text("{\\rtf1 a mended kakapo}")
    again = lethe("retry")
    assert "1 stored, 0 unchanged, 0 failed" in again.out
    assert "1 left out" in again.err


def test_what_failed_for_another_reason_is_added_again(lethe: Lethe, papers: Path, own_state: Path) -> None:
    noted = json.loads(own_state.read_text())
    assert [(failure["path"], failure["is_final"]) for failure in noted] == [("2026/damaged.rtf", True)]
    own_state.write_text(json.dumps([{**failure, "is_final": False} for failure in noted]))
    assert "1 failed" in lethe("retry", code=3).out


def test_a_file_that_is_gone_has_to_be_added_again(lethe: Lethe, papers: Path) -> None:
    (papers / "2026" / "damaged.rtf").unlink()
    assert "add it again" in lethe("retry", code=3).err


def test_what_was_deleted_on_the_server_is_not_brought_back(lethe: Lethe, papers: Path) -> None:
    lethe("rm", "papers/2026/damaged.rtf", "--yes")
    assert "nothing" in lethe("retry").out
    assert "damaged" not in lethe("tree").out


def test_the_files_of_other_programs_are_not_known_here(lethe: Lethe, client: Client) -> None:
    client.http.post("/v1/artifacts/ingest", files={"file": ("b.pdf", b"%PDF-1.4 nothing")})
    (task,) = lethe("tasks", "--json").json
    assert "lethe add FILE" in lethe("retry", task["id"], code=1).err


def test_an_address_that_could_not_be_fetched_is_fetched_again(lethe: Lethe) -> None:
    lethe("add", "http://127.0.0.1:1/nothing.md", "-c", "papers", code=3)
    (task,) = lethe("tasks", "--json").json
    assert "http://127.0.0.1:1/nothing.md: " in lethe("retry", task["id"], code=3).err


@pytest.fixture
def following(lethe: Lethe, server: Server, client: Client, tmp_path: Path) -> Iterator[Path]:
    """What `lethe tasks --follow` prints, as long as the test goes on."""
    client.ingest("before", "text")
    said = tmp_path / "said"
    with said.open("wb") as out:
        running = subprocess.Popen([sys.executable, "-m", "lethe", "tasks", "-f", "--json"],
                                   stdout=out, env=os.environ.copy())  # fmt: skip
        try:
            yield said
        finally:
            running.terminate()
            running.wait()


def test_tasks_are_followed_while_they_come(following: Path, client: Client) -> None:
    def told() -> list[tuple[str, str]]:
        lines = following.read_text().splitlines(keepends=True)
        tasks = [json.loads(line) for line in lines if line.endswith("\n")]
        return [(task["artifact"], task["status"]) for task in tasks]

    until(lambda: ("before", "success") in told())
    client.ingest("after", "text")
    until(lambda: ("after", "success") in told())
    assert told().count(("before", "success")) == 1


def test_tasks_are_read_from_a_data_directory_without_a_token(
    lethe: Lethe, server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.ingest("a", "text")
    monkeypatch.delenv("LETHE_URL")
    monkeypatch.delenv("LETHE_TOKEN")
    monkeypatch.setenv("LETHE_DATA_DIR", str(server.directory))
    asked = ("tasks", "--company", client.company, "--json")
    (by_server,) = lethe(*asked).json
    monkeypatch.setattr("lethe.cli.data_dir.address", lambda _: "http://127.0.0.1:1")
    assert lethe(*asked).json == [by_server]
