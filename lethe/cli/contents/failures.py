"""What `lethe add` could not store, so that `lethe retry` can try again: the server keeps no files that failed.

The list is in a file that only the user can read. An entry is removed once it is stored, or after 30 days, as tasks are
on the server.
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
        node_id, task_id: its node and task on the server, if any.
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
        """Identifies what failed: equal for a later failure of the same file or address."""
        return self.server, self.collection, self.source

    @property
    def is_hopeless(self) -> bool:
        """Whether retrying is useless: the unchanged file would be rejected again. An address's content may change."""
        return self.is_final and self.root is not None and version_of(Path(self.source)) == self.version


def of(server: str) -> list[Failure]:
    """What could not be stored on a server, oldest first."""
    return [failure for failure in _read() if profiles.same(failure.server, server)]


def note(tried: Sequence[tuple[str, str, str]], failed: Sequence[Failure]) -> None:
    """Remember `failed`, and forget whatever else of `tried` (given by `Failure.about`) failed before."""
    if not failed and not path().exists():
        return
    with _alone():
        forgotten = set(tried)
        kept = [failure for failure in _read() if failure.about not in forgotten]
        private_files.replace(path(), [asdict(failure) for failure in (*kept, *failed)])


def version_of(file: Path) -> str | None:
    """A value that differs once a file has been changed or replaced; None if it is gone."""
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
    """Let only one command at a time change the file."""
    directory = path().parent
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(directory / "failed.lock", "a", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read() -> list[Failure]:
    """The failures of the last 30 days. A file that cannot be parsed is another version's, and is ignored."""
    try:
        stored = [Failure(**failure) for failure in json.loads(path().read_text("utf-8"))]
    except (FileNotFoundError, ValueError, TypeError):
        return []
    return [failure for failure in stored if time.time() - failure.at < _KEPT_SECONDS]
