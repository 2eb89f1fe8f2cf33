"""The files of a folder that are to be synced, and the hashes of their contents."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

from lethe.domain.errors import OperatorError

IGNORE = ".letheignore"
"""Patterns of files to leave out, as in a .gitignore."""


@dataclass(frozen=True)
class Stamp:
    """Shows whether a file has changed without reading it: size in bytes, modification time in nanoseconds."""

    size: int
    changed: int


@dataclass(frozen=True)
class LocalFile:
    """A file below the folder; `path` has slashes."""

    path: str
    stamp: Stamp


class Folder:
    """A folder to be synced. Raises OperatorError if there is none, or a pattern is invalid."""

    def __init__(self, root: Path) -> None:
        if not root.is_dir():
            raise OperatorError(f"There is no folder at {root}.")
        self.root = root
        try:
            lines = (root / IGNORE).read_text("utf-8").splitlines()
        except FileNotFoundError:
            lines = []
        try:
            self._ignored = GitIgnoreSpec.from_lines(lines)
        except ValueError as exc:
            raise OperatorError(f"{IGNORE} has an invalid pattern: {exc}.") from exc

    def files(self) -> Iterator[LocalFile]:
        """The files in the order of their paths. Hidden, ignored and empty files and links are left out."""
        for folder, folders, names in os.walk(self.root):
            below = Path(folder).relative_to(self.root)
            folders[:] = sorted(
                name for name in folders if not self._left_out(f"{(below / name).as_posix()}/")
            )
            for name in sorted(names):
                path = (below / name).as_posix()
                full = Path(folder, name)
                if self._left_out(path) or full.is_symlink() or not full.is_file():
                    continue
                facts = full.stat()
                if facts.st_size:
                    yield LocalFile(path, Stamp(facts.st_size, facts.st_mtime_ns))

    def hash(self, path: str) -> str:
        """The SHA-256 of a file in hex."""
        with (self.root / path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _left_out(self, path: str) -> bool:
        return path.rstrip("/").rpartition("/")[2].startswith(".") or self._ignored.match_file(path)
