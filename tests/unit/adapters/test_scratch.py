"""Room on disk: what belongs to a living process stays, the rest goes."""

import fcntl
from pathlib import Path

import pytest

from lethe.adapters.scratch import Scratch, remove_abandoned


def test_a_folder_that_is_taken_away_before_it_is_locked_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flock = fcntl.flock
    others = []

    def with_another_before(lock: int, how: int) -> None:
        monkeypatch.setattr(fcntl, "flock", flock)
        others.append(Scratch(tmp_path))
        flock(lock, how)

    monkeypatch.setattr(fcntl, "flock", with_another_before)
    scratch = Scratch(tmp_path)
    (other,) = others
    last = Scratch(tmp_path)
    for each in (scratch, other, last):
        with each.folder() as folder:
            (folder / "original").write_text("content")
        each.close()
    assert list(tmp_path.iterdir()) == []


def test_only_what_a_process_left_that_is_gone_is_removed(tmp_path: Path) -> None:
    left = tmp_path / "worker-gone"
    left.mkdir()
    (left / "lock").touch()
    (left / "original").write_text("content")
    scratch = Scratch(tmp_path)
    with scratch.folder() as folder:
        other = Scratch(tmp_path)
        assert not left.exists()
        assert folder.is_dir()
        other.close()
        remove_abandoned(tmp_path)  # as the supervisor of a process that was killed
        assert folder.is_dir()
    scratch.close()
    remove_abandoned(tmp_path / "never made")
