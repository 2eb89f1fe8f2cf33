"""The tables that are open while a page's tree is walked."""

from selectolax.lexbor import LexborNode

from lethe.parsers.markdown.writer import Writer
from lethe.parsers.web.body.elements import KIND
from lethe.parsers.web.body.notes import Notes
from lethe.parsers.web.body.paragraphs import Paragraphs
from lethe.parsers.web.body.tables import Table, layout_tables


class OpenTables:
    """Collects tables as their parts begin and end, and writes each table of data.

    `layout` contains the memory ids of the tables that only lay out the page.
    """

    def __init__(self, writer: Writer, out: Paragraphs, notes: Notes) -> None:
        self._writer, self._out, self._notes = writer, out, notes
        self.layout: set[int] = set()
        self._tables: list[Table | None] = []
        """None for a table that lays out the page, or is in a line or in code."""
        self._cells: list[dict[str, str | None]] = []

    def find(self, root: LexborNode) -> set[int]:
        """Finds the layout tables of the page at `root`, and returns those of the page before."""
        before, self.layout = self.layout, layout_tables(root.css("table"))
        return before

    def enter(self, tag: str, node: LexborNode) -> None:
        """Begins a table, a group of rows, a row or a cell."""
        kind = KIND[tag]
        table = self._tables[-1] if self._tables else None
        if kind == "table":
            self._begin(node)
        elif table is None:
            self._out.part()
        elif kind == "group":
            table.begin_group(tag)
        elif kind == "row":
            table.begin_row()
        else:
            self._out.flow.take()
            self._cells.append(node.attributes)

    def leave(self, tag: str) -> None:
        """Ends a table, a caption, a group of rows, a row or a cell."""
        kind = KIND[tag]
        if kind == "table":
            self._end()
            return
        if kind == "caption":
            self._out.end_line()
        table = self._tables[-1] if self._tables else None
        if table is None:
            self._out.part()
        elif kind == "caption":
            table.caption = self._out.flow.take()
        elif kind == "cell":
            table.add(self._out.flow.take(), self._cells.pop())

    def _begin(self, node: LexborNode) -> None:
        self._out.end_block()
        if node.mem_id in self.layout or self._out.in_line or self._out.in_code:
            self._tables.append(None)
        else:
            self._tables.append(Table())
            self._out.begin_line()

    def _end(self) -> None:
        table = self._tables.pop()
        if table is None:
            self._out.part()
        else:
            self._out.end_line()
            table.write(self._writer)
            self._notes.write()
