"""Disk space for work in progress. It holds document text, so nothing outlives its process for long."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

FOLDER = "scratch"
"""Its name in the data directory."""


class Scratch:
    """A folder of this process below `root`. Creating it removes the folders of dead processes.

    The process holds a lock on its folder. The system frees the lock when the process dies for any reason, and the next
    process to start removes the folder.
    """

    def __init__(self, root: Path) -> None:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        remove_abandoned(root)
        while (made := _make(root)) is None:
            pass
        self._folder, self._lock = made

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """An empty folder, removed with its contents at the end of the block."""
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            yield Path(name)

    def file(self) -> IO[bytes]:
        """An empty file, removed when it is closed. It has a name, so that `lethe scrub` can find it."""
        return tempfile.NamedTemporaryFile(dir=self._folder)

    def close(self) -> None:
        """Remove the folder of this process."""
        shutil.rmtree(self._folder, ignore_errors=True)
        os.close(self._lock)


def remove_abandoned(root: Path) -> None:
    """Remove the folders of dead processes below `root`, if it exists."""
    with suppress(FileNotFoundError):
        for folder in root.iterdir():
            _remove_if_abandoned(folder)


def _make(root: Path) -> tuple[Path, int] | None:
    """A new folder and the lock on it. None if another process removed it as abandoned before it was locked."""
    folder = Path(tempfile.mkdtemp(prefix="process-", dir=root))
    lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    if os.fstat(lock).st_nlink:
        return folder, lock
    os.close(lock)
    return None


def _remove_if_abandoned(folder: Path) -> None:
    try:
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    else:
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)
