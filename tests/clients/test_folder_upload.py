"""A folder of files becomes a tree of documents, whatever is wrong with some of them."""

import shutil
from pathlib import Path

import pytest
from lethe_client import Lethe, NotFoundError, UploadedFile

from tests.clients.conftest import Either

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Mixed files, of which two cannot be read."""
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "none").mkdir()
    shutil.copy(EXAMPLES / "rental-policy.pdf", tmp_path / "deep" / "policy.pdf")
    for name, content in {
        "a.md": b"# A\n\nThe river carries.",
        "deep/niño.txt": "El niño.".encode(),
        "deep/er/b.csv": b"name;price\nbread;2\n",
        "deep/er/broken.pdf": b"%PDF-1.4 nothing",
        "empty.txt": b"",
        ".hidden": b"x",
    }.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "link.md").symlink_to(tmp_path / "a.md")
    return tmp_path


def statuses(files: list[UploadedFile]) -> dict[str, str]:
    """Path and status."""
    return {file.path: file.status for file in files}


def test_a_folder_is_uploaded_whole_but_for_what_is_broken(either: Either, folder: Path) -> None:
    told: list[UploadedFile] = []
    done = either(lambda c: c.upload_folder(folder, collection="c", on_result=told.append))
    assert statuses(done.files) == {
        "a.md": "stored",
        "empty.txt": "failed",
        "deep/niño.txt": "stored",
        "deep/policy.pdf": "stored",
        "deep/er/b.csv": "stored",
        "deep/er/broken.pdf": "failed",
    }
    assert {file.path for file in told} == statuses(done.files).keys()
    assert len(told) == 6
    errors = {file.path: file.error for file in done.failed}
    assert "empty" in str(errors["empty.txt"])
    assert "damaged" in str(errors["deep/er/broken.pdf"])
    paths = {node.path_cache for node in either(lambda c: c.tree()).walk()}
    assert paths == {
        "/c", "/c/deep", "/c/deep/er", "/c/a.md", "/c/deep/niño.txt", "/c/deep/policy.pdf", "/c/deep/er/b.csv",
        "/c/deep/er/broken.pdf",
    }  # fmt: skip
    assert next(iter(either(lambda c: c.search("river", mode="full")))).title == "a.md"


def test_a_second_upload_sends_what_has_changed(sync: Either, folder: Path) -> None:
    first = sync(lambda c: c.upload_folder(folder, collection="c"))
    changed = next(file for file in first.files if file.path == "deep/niño.txt")
    sync(lambda c: c.nodes.update(changed.node_id, metadata={"idioma": "es"}))
    (folder / "deep" / "niño.txt").write_text("La niña.")
    (folder / "new.md").write_text("# New")
    second = sync(lambda c: c.upload_folder(folder, parent_id=first.folder_id, at_once=2))
    assert statuses(second.files) == {
        **dict.fromkeys(("a.md", "deep/policy.pdf", "deep/er/b.csv"), "unchanged"),
        **dict.fromkeys(("empty.txt", "deep/er/broken.pdf"), "failed"),
        **dict.fromkeys(("new.md", "deep/niño.txt"), "stored"),
    }
    node = sync(lambda c: c.nodes.get(changed.node_id, markdown=True))
    assert (node.markdown, node.metadata, node.title) == ("La niña.", {"idioma": "es"}, "niño.txt")
    assert sum(n.title == "niño.txt" for n in sync(lambda c: c.tree()).walk()) == 1


def test_one_may_choose_the_files(lethe: Lethe, folder: Path) -> None:
    done = lethe.upload_folder(folder, collection="c", select=lambda path: path.suffix == ".md")
    assert statuses(list(done.files)) == {"a.md": "stored"}
    assert [node.path_cache for node in lethe.tree().walk()] == ["/c", "/c/a.md"]


def test_without_a_place_for_them_nothing_is_uploaded(sync: Either, folder: Path) -> None:
    with pytest.raises(NotFoundError):
        sync(lambda c: c.upload_folder(folder, parent_id="0" * 24))
    with pytest.raises(NotADirectoryError):
        sync(lambda c: c.upload_folder(folder / "a.md", collection="c"))
    with pytest.raises(ValueError, match="either"):
        sync(lambda c: c.upload_folder(folder))
    assert list(sync(lambda c: c.tree())) == []


def test_who_stops_listening_stops_the_upload(either: Either, folder: Path) -> None:
    def stop(_file: UploadedFile) -> None:
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        either(lambda c: c.upload_folder(folder, collection="c", on_result=stop, at_once=1))
