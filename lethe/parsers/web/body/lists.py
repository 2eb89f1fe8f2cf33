"""Lists of a page: depths and markers of items."""

from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from lethe.parsers.markdown.numerals import letters, roman

_MOST_ROMAN = 4_000


@dataclass
class _List:
    tag: str
    depth: int
    kind: str = "1"
    number: int = 1
    step: int = 1
    deepest: int = 0
    """The depth of its last item; a definition (`<dd>`) is one deeper than its term."""


class Lists:
    """The open lists, and the item whose text comes next."""

    def __init__(self) -> None:
        self._open: list[_List] = []
        self._marker: tuple[str, int] | None = None

    @property
    def depth(self) -> int:
        """How many lists are open."""
        return len(self._open)

    @property
    def has_marker(self) -> bool:
        """Whether an item has begun of which no text is written yet."""
        return self._marker is not None

    def begin(self, tag: str, node: LexborNode) -> None:
        """Begins a list."""
        self._marker = None
        depth = self._open[-1].deepest + 1 if self._open else 0
        new = _List(tag, depth, deepest=depth)
        if tag == "ol":
            attributes = node.attributes
            new.kind = attributes.get("type") or "1"
            if "reversed" in attributes:
                new.step, new.number = -1, _count_items(node)
            new.number = _integer(attributes.get("start"), new.number)
        self._open.append(new)

    def end(self) -> None:
        """Ends the innermost list."""
        self._marker = None
        if self._open:
            self._open.pop()

    def begin_item(self, tag: str, node: LexborNode) -> None:
        """Begins an item."""
        marker = self.marker(tag, node)
        self._marker = marker, self._open[-1].deepest if self._open else 0

    def marker(self, tag: str, node: LexborNode) -> str:
        """Counts an item, and returns its marker."""
        if not self._open:
            return "-"
        inner = self._open[-1]
        inner.deepest = inner.depth + (tag == "dd")
        if inner.tag != "ol":
            return "-"
        inner.number = _integer(node.attributes.get("value"), inner.number)
        marker = _written(inner.number, inner.kind)
        inner.number += inner.step
        return marker

    def take_marker(self) -> tuple[str, int]:
        """Returns the marker and depth of the item whose text is written now, and forgets them."""
        marker, self._marker = self._marker or ("-", 0), None
        return marker

    def drop_marker(self) -> None:
        """Forgets an item without text, such as one with only a heading."""
        self._marker = None


def _count_items(node: LexborNode) -> int:
    count, child = 0, node.first_child
    while child is not None:
        count += child.tag == "li"
        child = child.next
    return count


def _integer(value: str | None, otherwise: int) -> int:
    try:
        return int((value or "").strip()[:9])
    except ValueError:
        return otherwise


def _written(number: int, kind: str) -> str:
    if kind in ("a", "A") and number > 0:
        text = letters(number, doubles=False)
    elif kind in ("i", "I") and 0 < number < _MOST_ROMAN:
        text = roman(number)
    else:
        return f"{number}."
    return (text.upper() if kind.isupper() else text) + "."
