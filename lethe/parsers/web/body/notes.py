"""Moves notes, where a page marks them up as such, to their marks."""

from collections.abc import Callable, Iterator, Mapping

from selectolax.lexbor import LexborNode

from lethe.parsers.markdown.writer import Writer

_MARKS = frozenset({"noteref", "doc-noteref"})
_BACK = frozenset({"backlink", "doc-backlink"})


class Notes:
    """The notes of one page. They are found first, and each is written once, after the block with its mark.

    `numbers` counts the notes of all pages of the document; `line_of` reads an element as one line.
    """

    def __init__(self, writer: Writer, numbers: Iterator[int], line_of: Callable[[LexborNode], str]) -> None:
        self._writer, self._numbers, self._line_of = writer, numbers, line_of
        self._nodes: dict[str, LexborNode] = {}
        self._ids: set[int] = set()
        self._marks: dict[str, str] = {}
        self._due: list[tuple[str, LexborNode]] = []

    def find(self, root: LexborNode) -> None:
        """Finds the marks and the elements to which they link."""
        wanted: set[str] = set()
        for link in root.css("a[href]"):
            attributes = link.attributes
            href = attributes.get("href") or ""
            if href.startswith("#") and _kinds(attributes) & _MARKS:
                wanted.add(href[1:])
        if wanted:
            for node in root.css("[id]"):
                name = node.attributes.get("id") or ""
                if (
                    name in wanted
                    and name not in self._nodes
                    and node.tag not in ("a", "sup", "body", "html")
                ):
                    self._nodes[name] = node
                    self._ids.add(node.mem_id)

    def mark(self, attributes: Mapping[str, str | None], href: str) -> str:
        """The mark to write for a link to a note; "" for other links."""
        name = href[1:]
        if not href.startswith("#") or name not in self._nodes or not _kinds(attributes) & _MARKS:
            return ""
        if name not in self._marks:
            self._marks[name] = str(next(self._numbers))
            self._due.append((self._marks[name], self._nodes[name]))
        return f"[^{self._marks[name]}]"

    def is_note(self, node: LexborNode) -> bool:
        """Whether the element is a note, and is written at its mark instead."""
        return bool(self._ids) and node.mem_id in self._ids

    def write(self) -> None:
        """Writes the notes whose marks were written, once each."""
        due, self._due = self._due, []
        for mark, node in due:
            self._writer.note(mark, self._line_of(node))


def is_link_back(attributes: Mapping[str, str | None]) -> bool:
    """Whether a link leads from a note back to its mark."""
    return bool(_kinds(attributes) & _BACK)


def _kinds(attributes: Mapping[str, str | None]) -> set[str]:
    return set(f"{attributes.get('epub:type') or ''} {attributes.get('role') or ''}".lower().split())
