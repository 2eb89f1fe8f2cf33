"""A directory of files with their SHA-256 sums: the form of a backup.

The sums are in `SHA256SUMS`, in the format of `sha256sum`, and are written last: a directory without them is
unfinished.
"""

import hashlib
import os
import re
from pathlib import Path, PurePosixPath

from lethe.adapters.disk import sync
from lethe.domain.errors import OperatorError

SUMS = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64})  ([0-9A-Za-z][0-9A-Za-z._-]*(?:/[0-9A-Za-z][0-9A-Za-z._-]*)*)")


class Archive:
    """The files below a directory by their names, and the sum of each."""

    def __init__(self, directory: Path, sums: dict[str, str]) -> None:
        self.directory = directory
        self._sums = sums

    @classmethod
    def create(cls, directory: Path) -> "Archive":
        """An empty archive in a new or empty directory that only the owner can read. Raises OperatorError."""
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            if any(directory.iterdir()):
                raise OperatorError(f"{directory} is not empty: name an empty or a new directory.")
            directory.chmod(0o700)
        except OSError as exc:
            raise OperatorError(f"{directory} cannot be created or written to ({exc.strerror}).") from exc
        return cls(directory.absolute(), {})

    @classmethod
    def open(cls, directory: Path) -> "Archive":
        """A finished archive. Only the file names are checked so far. Raises OperatorError."""
        try:
            lines = (directory / SUMS).read_text(encoding="ascii").splitlines()
        except FileNotFoundError as exc:
            raise OperatorError(
                f"{directory} has no {SUMS}: it is not a backup, or the backup did not finish."
            ) from exc
        except (OSError, UnicodeDecodeError) as exc:
            raise OperatorError(f"{directory / SUMS} cannot be read.") from exc
        found = [_LINE.fullmatch(line) for line in lines]
        sums = {match[2]: match[1] for match in found if match}
        if len(sums) != len(lines):
            raise OperatorError(f"{directory / SUMS} is damaged: take another backup.")
        return cls(directory.absolute(), sums)

    def __contains__(self, name: str) -> bool:
        return name in self._sums

    def path(self, name: str) -> Path:
        """Where the file of this name is."""
        return self.directory / name

    def room(self, name: str) -> Path:
        """Where to write a new file of this name. Its parent directories exist."""
        path = self.path(name)
        for folder in reversed(PurePosixPath(name).parents):
            self.path(str(folder)).mkdir(mode=0o700, exist_ok=True)
        return path

    def add(self, name: str) -> None:
        """Add a file that was written. On return it is synced to disk."""
        path = self.path(name)
        path.chmod(0o600)
        with path.open("rb") as file:
            self._sums[name] = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())

    def keep(self, *names: str) -> None:
        """Remove all other files."""
        for name in self._sums.keys() - set(names):
            self.path(name).unlink()
            del self._sums[name]

    def finish(self) -> None:
        """Write the sums, which makes the archive valid."""
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(self._sums.items()))
        new = self.path(f"{SUMS}.new")
        new.write_text(lines, encoding="ascii")
        new.chmod(0o600)
        sync(new)
        for folder in [*(p for p in self.directory.rglob("*") if p.is_dir()), self.directory]:
            sync(folder)
        new.rename(self.path(SUMS))
        sync(self.directory)

    def check(self) -> None:
        """Compare every file with its sum. Raises OperatorError for a file that differs, is missing or is
        unexpected."""
        there = {
            str(PurePosixPath(p.relative_to(self.directory)))
            for p in self.directory.rglob("*")
            if not p.is_dir() or p.is_symlink()
        }
        if odd := (there - {SUMS}) ^ self._sums.keys():
            what = "is missing" if min(odd) in self._sums else f"is not in {SUMS}"
            raise OperatorError(f"The backup is damaged: {self.path(min(odd))} {what}; take another backup.")
        for name, digest in self._sums.items():
            if self._digest(name) != digest:
                raise OperatorError(
                    f"The backup is damaged: {self.path(name)} has changed since it was written; take another backup."
                )

    def _digest(self, name: str) -> str:
        try:
            with open(self.path(name), "rb", opener=_no_link) as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as exc:
            raise OperatorError(f"{self.path(name)} cannot be read ({exc.strerror}).") from exc


def _no_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC)
