"""Tables of a page: those of data, and those that only lay out the page."""

import re
from collections.abc import Iterable

from selectolax.lexbor import LexborNode

from lethe.parsers.markdown.grid import Cell, grid
from lethe.parsers.markdown.writer import Writer

_NUMBER = re.compile(r"\s*+(\d{1,6})")
_BLOCKS = frozenset({"table", "h1", "h2", "h3", "h4", "h5", "h6", "form", "article", "section"})


class Table:
    """A table being read. Rows are kept by group, so that headers come first, footers last, and no cell extends beyond
    its group."""

    def __init__(self) -> None:
        self.caption = ""
        self._heads: list[list[list[Cell]]] = []
        self._bodies: list[list[list[Cell]]] = [[]]
        self._feet: list[list[list[Cell]]] = []
        self._group = self._bodies[0]

    def begin_group(self, tag: str) -> None:
        """Begins a `<thead>`, `<tbody>` or `<tfoot>`."""
        self._group = []
        groups = {"thead": self._heads, "tfoot": self._feet}.get(tag, self._bodies)
        groups.append(self._group)

    def begin_row(self) -> None:
        """Begins a `<tr>`."""
        self._group.append([])

    def add(self, text: str, attributes: dict[str, str | None]) -> None:
        """Adds a cell."""
        if not self._group:
            self.begin_row()
        columns, rows = _span(attributes.get("colspan"), 1), _span(attributes.get("rowspan"), 0)
        self._group[-1].append(Cell(text, columns or 1, rows))

    def write(self, writer: Writer) -> None:
        """Writes the caption and the table."""
        writer.paragraph(self.caption)
        groups = [*self._heads, *self._bodies, *self._feet]
        rows = [row for group in groups for row in grid(group)]
        for row in rows:  # cells may span more columns than exist
            while row and not row[-1]:
                row.pop()
        writer.table(rows)


def layout_tables(tables: Iterable[LexborNode]) -> set[int]:
    """Memory ids of the tables that only lay out the page: their cells are read as blocks.

    Such tables have the role "presentation", are one column wide, or contain tables, headings or forms and no header.
    """
    return {table.mem_id for table in tables if _lays_out(table)}


def _lays_out(table: LexborNode) -> bool:
    if (table.attributes.get("role") or "").lower() in ("presentation", "none"):
        return True
    headed = holds_blocks = False
    widest = cells = 0
    for node in _inside(table):
        tag = node.tag
        if tag == "tr":
            cells = 0
        elif tag in ("td", "th"):
            cells += 1
            widest = max(widest, cells if widest else _span(node.attributes.get("colspan"), 1) or 1)
            headed = headed or tag == "th"
        elif tag in ("caption", "thead"):
            headed = True
        elif tag in _BLOCKS:
            holds_blocks = True
    return widest <= 1 or (holds_blocks and not headed)


def _inside(table: LexborNode) -> Iterable[LexborNode]:
    """The nodes below a table in order, without the content of nested tables."""
    path: list[LexborNode] = []
    node = table.first_child
    while node is not None:
        yield node
        child = None if node.tag == "table" else node.first_child
        if child is not None:
            path.append(node)
            node = child
            continue
        while node.next is None and path:
            node = path.pop()
        node = node.next


def _span(value: str | None, least: int) -> int:
    match = _NUMBER.match(value or "")
    return max(least, int(match[1])) if match else 1
