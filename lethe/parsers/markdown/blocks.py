"""Where blocks are written: to the document, or as lines of a cell or note."""

from collections.abc import Iterable, Sequence
from typing import Protocol


class Blocks(Protocol):
    """A target for blocks, such as `Writer`."""

    def heading(self, level: int, text: str) -> None:
        """Writes a section's title."""

    def paragraph(self, text: str) -> None:
        """Writes a paragraph."""

    def item(self, text: str, depth: int = 0, marker: str = "-") -> None:
        """Writes a list item."""

    def table(self, rows: Iterable[Sequence[str]]) -> None:
        """Writes a table."""


class Lines:
    """Takes blocks as lines, where markdown allows no blocks: in a cell, a note, a comment."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def heading(self, level: int, text: str) -> None:  # noqa: ARG002
        self.paragraph(text)

    def paragraph(self, text: str) -> None:
        if text.strip():
            self.lines.append(text.strip())

    def item(self, text: str, depth: int = 0, marker: str = "-") -> None:  # noqa: ARG002
        if text.strip():
            self.lines.append(text.strip() if marker in ("-", "•", "") else f"{marker} {text.strip()}")

    def table(self, rows: Iterable[Sequence[str]]) -> None:
        """Takes each row as a line."""
        for row in rows:
            self.paragraph(", ".join(filter(None, (" ".join(cell.split()) for cell in row))))

    def text(self) -> str:
        """All lines."""
        return "\n".join(self.lines)
