"""The input of a reader, a file, and its result, the text."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from lethe.domain.records.blocks import NO_ROWS, Place, SheetRows


@dataclass(frozen=True, slots=True)
class Reading:
    """The result of reading a file.

    `markdown` is what a person sees in it; `title` and `pages` (pages, slides, sheets) are None where the format has
    none. `warnings` are full sentences about what `markdown` lacks. `places` says where each page, slide, sheet or part
    begins, in order; `rows` which rows of sheets it was made from.
    """

    markdown: str
    title: str | None = None
    pages: int | None = None
    warnings: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    rows: SheetRows = NO_ROWS


@dataclass(frozen=True)
class Source:
    """One file: its path, its name for messages, and its limits.

    `name` is the caller's name for it: it gives the extension, is shown in messages and is never used as a path.
    `label` is shown if there is no name.
    """

    path: Path
    name: str | None
    limits: Limits
    label: str | None = None

    @cached_property
    def head(self) -> bytes:
        """The first 64 KiB."""
        with self.path.open("rb") as file:
            return file.read(64 * 1024)

    def read(self) -> bytes:
        """The whole file. Not cached, so that the caller can free it."""
        return self.path.read_bytes()

    def rejected(self, reason: str) -> InputRejected:
        """The error for this file. `reason` is the rest of a sentence: "is encrypted: remove ..."."""
        shown = self.name or self.label
        label = f"'{shown[:200]}'" if shown else "The document"
        return InputRejected(f"{label} {reason}.")


@contextmanager
def in_memory(data: bytes) -> Iterator[Path]:
    """A file that is part of another one, in memory only, so that no crash leaves document text on disk."""
    descriptor = os.memfd_create("inside")
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(data)
        yield Path(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)
