"""Markdown that is built piece by piece, and stops at the limit instead of filling the memory."""

import re

from lethe.adapters.parsers.source import Source

_BACKTICKS = re.compile("`{3,}")


class Writer:
    """Collects text as UTF-8. Raises InputRejected as soon as it is over `limits.text_characters`."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._text = bytearray()
        self._characters = 0

    def write(self, piece: str) -> None:
        """Adds `piece` as it is."""
        self._characters += len(piece)
        if self._characters > self._source.limits.text_characters:
            raise too_much_text(self._source)
        self._text += piece.encode("utf-8", "replace")

    def text(self) -> str:
        """All that was written."""
        return self._text.decode()

    def row(self, cells: list[str], width: int) -> None:
        """A row of a markdown table, filled up to `width` cells."""
        line = "\n".join(cells)
        if "|" in line or "\r" in line or line.count("\n") >= max(1, len(cells)):
            line = "\n".join(cell_text(cell) for cell in cells)
        self.write("| " + line.replace("\n", " | ") + " | " * (width - len(cells)) + " |\n")

    def table(self, rows: list[list[str]]) -> None:
        """A markdown table; the first row is its head. As wide as the widest row: readers drop what is wider
        than the head."""
        width = max((len(row) for row in rows), default=0)
        for number, row in enumerate(rows):
            self.row(row, width)
            if number == 0:
                self.write("|" + " --- |" * width + "\n")


def cell_text(text: str) -> str:
    """`text` in one line with its pipes escaped, as a table's cell wants it."""
    return " ".join(text.split()).replace("|", "\\|")


def fenced(text: str) -> str:
    """`text` as a code block whose fence is longer than any inside."""
    fence = "`" * max([3, *(len(run) + 1 for run in _BACKTICKS.findall(text))])
    return f"{fence}\n{text.rstrip()}\n{fence}\n"


def too_much_text(source: Source) -> Exception:
    """The error for a document with more text than `limits.text_characters`."""
    most = source.limits.text_characters
    return source.rejected(f"holds more text than the limit of {most:,} characters: split it")
