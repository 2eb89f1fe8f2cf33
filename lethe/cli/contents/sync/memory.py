"""What was synced before, in `.lethe/sync.db` of the folder: which file is which document.

A row is written after the server has confirmed the change. After a crash in between, the next sync finds the document
by its path and content.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lethe.cli.contents.sync.local import Stamp
from lethe.domain.errors import OperatorError

DIRECTORY = ".lethe"


@dataclass(frozen=True)
class Synced:
    """A file as it was when it was last synced, and its document."""

    path: str
    stamp: Stamp
    hash: str
    node_id: str


class Memory:
    """What is remembered about one folder and one target on a server."""

    def __init__(self, connection: sqlite3.Connection, target: str) -> None:
        self._connection = connection
        self._target = target

    def read(self) -> dict[str, Synced]:
        """All that is remembered, by path."""
        rows = self._connection.execute(
            "SELECT path, size, changed, hash, node_id FROM synced WHERE target = ?", (self._target,)
        )
        return {
            path: Synced(path, Stamp(size, changed), hash_, node_id)
            for path, size, changed, hash_, node_id in rows
        }

    def note(self, file: Synced, *, instead_of: str | None = None) -> None:
        """Remember a file; after a rename, in place of its old path."""
        with self._connection:
            if instead_of is not None:
                self._forget(instead_of)
            self._connection.execute(
                "INSERT OR REPLACE INTO synced VALUES (?, ?, ?, ?, ?, ?)",
                (
                    self._target,
                    file.path,
                    file.stamp.size,
                    file.stamp.changed,
                    file.hash,
                    file.node_id,
                ),
            )

    def forget(self, path: str) -> None:
        """Forget a file."""
        with self._connection:
            self._forget(path)

    def _forget(self, path: str) -> None:
        self._connection.execute("DELETE FROM synced WHERE target = ? AND path = ?", (self._target, path))


@contextmanager
def opened(root: Path, target: str) -> Iterator[Memory]:
    """The memory of a folder, for one sync at a time.

    Args:
        target: the server and the folder there.

    Raises OperatorError while another sync of the folder runs.
    """
    directory = root / DIRECTORY
    directory.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(directory / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        os.close(lock)
        raise OperatorError(f"Another sync of {root} is running: wait until it has ended.") from exc
    connection = sqlite3.connect(directory / "sync.db", check_same_thread=False)
    try:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS synced (target TEXT, path TEXT, size INTEGER, changed INTEGER, hash TEXT, "
            "node_id TEXT, PRIMARY KEY (target, path))"
        )
        yield Memory(connection, target)
    finally:
        connection.close()
        os.close(lock)
