"""Footnotes, endnotes and comments of a docx, found by their marks in the text."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from lethe.parsers.markdown.inline import literal
from lethe.parsers.openxml.names import W
from lethe.parsers.openxml.package import Package

_KINDS = {"": ("footnotes", "footnote"), "e": ("endnotes", "endnote"), "c": ("comments", "comment")}


@dataclass(frozen=True, slots=True)
class Note:
    """A note whose mark was read. `content` has its blocks, from `part`; `author` is written before them."""

    mark: str
    part: str
    content: Element
    author: str


class Notes:
    """The notes of one document, numbered in the order of their marks: footnotes 1, 2, endnotes e1, e2, comments c1,
    c2."""

    def __init__(self, package: Package, parts: Mapping[str, str]) -> None:
        """`parts` are part names by kind."""
        self._package = package
        self._parts = parts
        self._known: dict[str, dict[str, Element]] = {}
        self._marks: dict[tuple[str, str], str] = {}
        self._counts = dict.fromkeys(_KINDS, 0)
        self._waiting: list[Note] = []

    def met(self, kind: str, key: str) -> tuple[str, Note | None] | None:
        """The mark of the note `key` of a kind ("" footnote, "e" endnote, "c" comment), and the note itself at its
        first mark; None if there is no such note."""
        if (kind, key) in self._marks:
            return self._marks[kind, key], None
        element = self._all(kind).get(key)
        if element is None:
            return None
        self._counts[kind] += 1
        mark = self._marks[kind, key] = f"{kind}{self._counts[kind]}"
        author = literal(element.get(W + "author", "").strip())
        return mark, Note(mark, self._parts[_KINDS[kind][0]], element, f"{author}: " if author else "")

    def wait(self, notes: Iterable[Note]) -> None:
        """Keeps notes until they can be written."""
        self._waiting += notes

    def waiting(self) -> Iterator[Note]:
        """Yields the waiting notes, including those found while reading them."""
        while self._waiting:
            yield self._waiting.pop(0)

    def _all(self, kind: str) -> dict[str, Element]:
        if kind not in self._known:
            part, name = _KINDS[kind]
            root = self._package.tree(self._parts[part]) if part in self._parts else None
            self._known[kind] = (
                {} if root is None else {note.get(W + "id", ""): note for note in root.iter(W + name)}
            )
        return self._known[kind]
