"""`lethe sync` keeps a collection like a folder, whatever others do meanwhile."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from lethe_client import Lethe as LetheClient

from lethe.cli.contents.sync import plan
from lethe.cli.contents.sync.apply import Target
from lethe.cli.contents.sync.local import Folder
from lethe.cli.contents.sync.memory import opened
from tests.cli.conftest import Lethe
from tests.client import Client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of three files, and of what is not to be synced."""
    root = tmp_path / "papers"
    for name, text in {
        "a.md": "the first text",
        "deep/b.md": "the second text",
        "deep/er/c.txt": "the third text",
        "drafts/d.md": "a draft",
        ".hidden": "a secret",
        ".letheignore": "drafts/\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def titles(lethe: Lethe) -> dict[str, str]:
    """The documents of the collection: ids by path."""

    def below(nodes: Any, above: str) -> Any:
        for node in nodes:
            if node["node_type"] == "document":
                yield f"{above}{node['title']}", node["id"]
            yield from below(node["children"], f"{above}{node['title']}/")

    return dict(below(lethe("tree", "papers", "--json").json["items"], ""))


def sync(lethe: Lethe, folder: Path, *more: str, code: int = 0) -> list[tuple[str, str]]:
    """What was done."""
    ran = lethe("sync", folder, "-c", "papers", "--json", *more, code=code)
    return sorted((action["kind"], action["path"]) for action in ran.json)


def test_new_changed_renamed_and_removed_files_are_followed(lethe: Lethe, folder: Path) -> None:
    assert sync(lethe, folder, "--dry-run") == [
        ("upload", "a.md"), ("upload", "deep/b.md"), ("upload", "deep/er/c.txt"),
    ]  # fmt: skip
    assert lethe("ls", "--json").json == []
    sync(lethe, folder)
    first = titles(lethe)
    assert set(first) == {"a.md", "deep/b.md", "deep/er/c.txt"}
    assert sync(lethe, folder) == []

    (folder / "a.md").write_text("the first text, changed")
    (folder / "moved").mkdir()
    (folder / "deep/b.md").rename(folder / "moved/new.md")
    (folder / "deep/er/c.txt").unlink()
    assert sync(lethe, folder) == [
        ("missing here", "deep/er/c.txt"), ("move", "moved/new.md"), ("replace", "a.md"),
    ]  # fmt: skip
    assert sync(lethe, folder, "--delete") == [("delete", "deep/er/c.txt")]
    assert titles(lethe) == {"a.md": first["a.md"], "moved/new.md": first["deep/b.md"]}
    assert "changed" in lethe("show", "papers/a.md").out
    assert [node["title"] for node in lethe("ls", "papers", "--json").json] == ["a.md", "moved"]


def test_what_was_deleted_on_the_server_does_not_come_back_unless_told_so(lethe: Lethe, folder: Path) -> None:
    sync(lethe, folder)
    lethe("rm", "papers/a.md", "--erase", "--yes")
    (folder / "a.md").write_text("the first text, changed")
    assert sync(lethe, folder) == [("deleted there", "a.md")]
    assert "a.md" not in titles(lethe)
    assert sync(lethe, folder, "--again") == [("upload", "a.md")]
    assert "a.md" in titles(lethe)


def test_a_sync_that_was_killed_is_taken_up_where_it_was(lethe: Lethe, folder: Path) -> None:
    sync(lethe, folder)
    before = titles(lethe)
    shutil.rmtree(folder / ".lethe")  # as if it had been killed before it remembered anything
    (folder / "a.md").write_text("the first text, changed")
    assert sync(lethe, folder) == [("adopt", "deep/b.md"), ("adopt", "deep/er/c.txt"), ("replace", "a.md")]
    assert titles(lethe) == before


def test_two_syncs_at_once_are_one_after_the_other(lethe: Lethe, folder: Path) -> None:
    with opened(folder, "somewhere"):
        said = lethe("sync", folder, "-c", "papers", code=1)
    assert "Another sync" in said.err


def test_two_machines_that_sync_the_same_make_each_document_once(
    lethe: Lethe, folder: Path, tmp_path: Path, client: Client
) -> None:
    with LetheClient(max_retries=60) as api, ThreadPoolExecutor(2) as pool:  # who is second may have to wait
        there = api.folders.create("papers").id
        action = plan.Action("upload", "a.md", Folder(folder).hash("a.md"))
        targets = [Target(api, there, "papers") for _ in range(2)]
        syncing = [pool.submit(target.do, action, Folder(folder)) for target in targets]
        assert len({each.result()[0] for each in syncing}) == 1
    assert len(lethe("ls", "papers", "--json").json) == 1


def test_a_file_that_cannot_be_read_is_told_and_does_not_stop_the_others(lethe: Lethe, folder: Path) -> None:
    (folder / "damaged.docx").write_bytes(b"this is no docx")
    ran = lethe("sync", folder, "-c", "papers", code=3)
    assert "failed: damaged.docx: " in ran.err
    assert "a.md" in titles(lethe)
    assert ("replace", "damaged.docx") in sync(lethe, folder, code=3)
