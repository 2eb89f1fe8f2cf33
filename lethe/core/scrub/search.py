"""Searches for the bytes of erased documents, in files and in remaining documents."""

from collections import Counter
from collections.abc import AsyncIterable, Iterator, Set
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from lethe.core.scrub.fingerprints import Fingerprint, SoughtFingerprints

_JOINED = 1 << 20


@dataclass(frozen=True, slots=True)
class Disk:
    """What can be searched: the data directory, the cluster in it, and the originals (None if in a bucket)."""

    data_dir: Path
    pgdata: Path
    blobs: Path | None

    def files(self, living: Set[str]) -> Iterator[Path]:
        """All files except the originals of remaining documents, whose keys are `living`."""
        roots = [self.data_dir]
        if self.blobs is not None and not self.blobs.is_relative_to(self.data_dir):
            roots.append(self.blobs)
        for root in roots:
            for path in sorted(root.rglob("*")):
                original = self.blobs is not None and path.is_relative_to(self.blobs)
                if original and path.relative_to(str(self.blobs)).as_posix() in living:
                    continue
                if path.is_file() and not path.is_symlink():
                    yield path

    def name(self, path: Path) -> str:
        """A file's name for display."""
        return str(path.relative_to(self.data_dir) if path.is_relative_to(self.data_dir) else path)


@dataclass(slots=True)
class Finds:
    """What was found in which file, and how much was searched."""

    files: dict[Path, Counter[Fingerprint]] = field(default_factory=dict)
    searched_files: int = 0
    searched_bytes: int = 0

    def places(self, fingerprints: Set[Fingerprint]) -> int:
        """How often these fingerprints were found in total."""
        return sum(n for found in self.files.values() for f, n in found.items() if f in fingerprints)

    @property
    def found(self) -> set[Fingerprint]:
        """All fingerprints found."""
        return {f for found in self.files.values() for f in found}


def search(disk: Disk, wanted: SoughtFingerprints, living: Set[str]) -> Finds:
    """Search all files, ignoring those that vanish meanwhile. Blocking."""
    finds = Finds()
    for path in disk.files(living):
        with suppress(FileNotFoundError), path.open("rb") as file:
            if found := wanted.count(file):
                finds.files[path] = found
            finds.searched_files += 1
            finds.searched_bytes += file.tell()
    return finds


async def held_by_others(
    wanted: SoughtFingerprints, values: AsyncIterable[bytes], disk: Disk, living: Set[str]
) -> set[Fingerprint]:
    """Which of the fingerprints occur in remaining documents, in `values` or in originals."""
    found: set[Fingerprint] = set()
    pieces, size = [], 0
    async for value in values:
        pieces.append(value)
        size += len(value)
        if size >= _JOINED:
            found.update(wanted.find(b"\0".join(pieces)))
            pieces, size = [], 0
    found.update(wanted.find(b"\0".join(pieces)))
    if disk.blobs is not None:
        for key in living:
            with suppress(FileNotFoundError), (disk.blobs / key).open("rb") as file:
                found.update(wanted.count(file))
    return found
