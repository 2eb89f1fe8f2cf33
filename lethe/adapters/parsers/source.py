"""What a reader of a type gets, the file, and what it gives, its text."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read out of a file: markdown, the title and the number of pages where the format has them, and
    sentences for the caller."""

    markdown: str
    title: str | None = None
    pages: int | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """One file: where it lies, what to call it, what it may cost.

    `name` is what the caller calls it: it is shown in messages and gives the extension, and
    is never used as a path. `label` is shown when there is no name.
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
        """The whole file. Not kept, so that a caller can drop it."""
        return self.path.read_bytes()

    def rejected(self, reason: str) -> InputRejected:
        """The error for this file. `reason` is the rest of a sentence: "is encrypted: remove ..."."""
        shown = self.name or self.label
        label = f"'{shown[:200]}'" if shown else "The document"
        return InputRejected(f"{label} {reason}.")
