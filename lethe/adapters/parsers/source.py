"""What a reader of a type gets, the file, and what it gives, its text."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lethe.domain.document import Place
from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read out of a file.

    `markdown` is what a person sees in it; `title` and `pages` (pages, slides, sheets) are None where the format has
    none. `warnings` are whole sentences about what is not in `markdown`. `places` tell where a page, slide, sheet or
    part begins, in order.
    """

    markdown: str
    title: str | None = None
    pages: int | None = None
    warnings: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()


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
