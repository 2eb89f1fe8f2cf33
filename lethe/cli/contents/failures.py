"""What `lethe add` could not store, so that `lethe retry` can try again: the server keeps no file of what failed.

It is in a file that only the user can read, and it is forgotten once it is stored, or after 30 days, as the server
forgets tasks.
"""

import fcntl
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from platformdirs import user_state_path

from lethe.cli.contents import private_files, profiles

_KEPT_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True)
class Failure:
    """A file, or an address, that could not be stored.

    Attributes:
        server, collection: where it was to be stored; `collection` is the path of a folder.
        root, path: the folder that was added, and the file below it; an address has no root.
        node_id, task_id: what the server has of it, if anything.
        is_final: whether the same file would fail again.
        version: of the file that failed (see `version_of`).
    """

    server: str
    collection: str
    root: str | None
    path: str
    error: str
    node_id: str | None = None
    task_id: str | None = None
    is_final: bool = False
    version: str | None = None
    at: float = field(default_factory=time.time)

    @property
    def source(self) -> str:
        """The file's path on this machine, or the address."""
        return self.path if self.root is None else str(Path(self.root, self.path))

    @property
    def about(self) -> tuple[str, str, str]:
        """What a second failure of the same has in common with it."""
        return self.server, self.collection, self.source

    @property
    def is_hopeless(self) -> bool:
        """Whether trying again is of no use: the file is what the server could not read. An address may change."""
        return self.is_final and self.root is not None and version_of(Path(self.source)) == self.version


def of(server: str) -> list[Failure]:
    """All that could not be stored on a server, the oldest first."""
    return [failure for failure in _read() if profiles.same(failure.server, server)]


def note(tried: Sequence[tuple[str, str, str]], failed: Sequence[Failure]) -> None:
    """Remember what failed of what was tried (by `Failure.about`), and forget the rest of that."""
    if not failed and not path().exists():
        return
    with _alone():
        forgotten = set(tried)
        kept = [failure for failure in _read() if failure.about not in forgotten]
        private_files.replace(path(), [asdict(failure) for failure in (*kept, *failed)])


def version_of(file: Path) -> str | None:
    """What is different once a file has been changed or replaced; None if it is gone."""
    try:
        found = file.stat()
    except OSError:
        return None
    return f"{found.st_ino} {found.st_size} {found.st_mtime_ns}"


def path() -> Path:
    """The file: `failed.json` in the user's state directory for `lethe`."""
    return user_state_path("lethe") / "failed.json"


@contextmanager
def _alone() -> Iterator[None]:
    """One command at a time changes the file."""
    directory = path().parent
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(directory / "failed.lock", "a", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read() -> list[Failure]:
    """What cannot be read was written by another version: it is of no use."""
    try:
        stored = [Failure(**failure) for failure in json.loads(path().read_text("utf-8"))]
    except (FileNotFoundError, ValueError, TypeError):
        return []
    return [failure for failure in stored if time.time() - failure.at < _KEPT_SECONDS]
