"""Blocks as the text of one cell, note or comment, where markdown has no room for blocks."""

from collections.abc import Iterable, Sequence
from typing import Protocol


class Blocks(Protocol):
    """Where a reader writes blocks: a `Writer`, or a `Flat`."""

    def heading(self, level: int, text: str) -> None: ...
    def paragraph(self, text: str) -> None: ...
    def item(self, text: str, depth: int = 0, marker: str = "-") -> None: ...
    def table(self, rows: Iterable[Sequence[str]]) -> None: ...


class Flat:
    """Gathers blocks as lines of text."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def heading(self, _level: int, text: str) -> None:
        self.paragraph(text)

    def paragraph(self, text: str) -> None:
        if text.strip():
            self._lines.append(text.strip())

    def item(self, text: str, depth: int = 0, marker: str = "-") -> None:  # noqa: ARG002 - as the Writer has it
        self.paragraph(f"{'•' if marker == '-' else marker} {text.strip()}" if text.strip() else "")

    def table(self, rows: Iterable[Sequence[str]]) -> None:
        """A table in a cell: a line a row."""
        for row in rows:
            self.paragraph(", ".join(filter(None, (" ".join(cell.split()) for cell in row))))

    def text(self) -> str:
        """All lines."""
        return "\n".join(self._lines)
