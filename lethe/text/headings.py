"""The headings above a position in a document."""

from lethe.text.blocks import heading_title

TITLE_CHARACTERS = 200
"""Longer headings are truncated."""


class Headings:
    """The titles of the enclosing sections, outermost first, while a document is read from its beginning."""

    def __init__(self) -> None:
        self._open: list[tuple[int, str]] = []
        self.path: tuple[str, ...] = ()

    def enter(self, level: int, source: str) -> tuple[str, ...]:
        """Enter a section of this level, whose heading line is `source`; returns the titles above it."""
        while self._open and self._open[-1][0] >= level:
            self._open.pop()
        above = tuple(title for _, title in self._open)
        title = heading_title(source)[:TITLE_CHARACTERS]
        self._open.append((level, title))
        self.path = (*above, title)
        return above
