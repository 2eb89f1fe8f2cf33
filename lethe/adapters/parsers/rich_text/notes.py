"""Notes and comments on their way to their place: right after the paragraph, list or table that holds their mark."""

from collections.abc import Callable

_MARKS = {"footnote": "", "endnote": "e", "comment": "c"}


class Notes:
    """The notes that were read. `write` gets the mark and text of each."""

    def __init__(self, write: Callable[[str, str], None]) -> None:
        self._write = write
        self._counts = dict.fromkeys(_MARKS, 0)
        self._new: list[tuple[str, str]] = []
        self._held: list[tuple[str, str]] = []

    def add(self, kind: str, text: str) -> str:
        """Takes a note and gives its mark: footnotes have 1, 2, endnotes e1, e2, comments c1, c2."""
        self._counts[kind] += 1
        mark = f"{_MARKS[kind]}{self._counts[kind]}"
        self._new.append((mark, text))
        return mark

    def hold(self) -> None:
        """The paragraph with the new notes is part of a larger block that is still being written."""
        self._held += self._new
        self._new = []

    def put(self) -> None:
        """Writes what is held."""
        held, self._held = self._held, []
        for mark, text in held:
            self._write(mark, text)
