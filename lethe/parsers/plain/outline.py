"""Writes indented lines as a code block."""

from lethe.parsers.markdown.writer import Writer
from lethe.parsers.source import Source
from lethe.parsers.text import clean

_LINES_AT_ONCE = 1000
"""How many lines are written at once: one at a time takes a third longer."""


class Lines:
    """Collects lines; raises InputRejected as soon as there are more characters than `limits` allow."""

    def __init__(self, source: Source) -> None:
        self._writer = Writer(source)
        self._waiting: list[str] = []

    def put(self, depth: int, line: str) -> None:
        """Adds a line (or several, if `line` has line ends), `depth` levels deep."""
        indent = "  " * depth
        line = clean(line)
        self._waiting.append(indent + line.replace("\n", "\n" + indent) if "\n" in line else indent + line)
        if len(self._waiting) >= _LINES_AT_ONCE:
            self._write()

    def text(self) -> str:
        """All lines, each with a line end."""
        self._write()
        return self._writer.text()

    def _write(self) -> None:
        self._writer.write("\n".join([*self._waiting, ""]))
        self._waiting.clear()
