"""Tables of an rtf file, which define cells by their right edges and not by columns."""

from bisect import bisect_left
from dataclasses import dataclass, field

from lethe.parsers.markdown.grid import Cell

_SAME_EDGE = 60
"""Edges closer than this many twips (twentieths of a point) count as one; rows differ slightly."""
_FIRST, _MERGED = 1, 2


@dataclass(slots=True)
class Definition:
    """The layout of the cells of the next rows: their right edges, and how they are merged."""

    edges: list[int] = field(default_factory=list)
    across: list[int] = field(default_factory=list)
    down: list[int] = field(default_factory=list)
    next_across: int = 0
    next_down: int = 0

    def cell(self, edge: int) -> None:
        """Ends the description of a cell, whose right edge is `edge`."""
        self.edges.append(edge)
        self.across.append(self.next_across)
        self.down.append(self.next_down)
        self.next_across = self.next_down = 0


@dataclass(slots=True)
class Table:
    """A table being read. `lines` belong to the open cell, `cells` to the open row."""

    rows: list[list[str]] = field(default_factory=list)
    layouts: list[Definition] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def end_cell(self) -> None:
        """Ends the open cell."""
        self.cells.append("\n".join(self.lines))
        self.lines = []

    def end_row(self, layout: Definition) -> None:
        """Ends the open row, with any open cell."""
        if self.lines:
            self.end_cell()
        if self.cells:
            self.rows.append(self.cells)
            self.layouts.append(layout)
        self.cells = []

    def texts(self) -> list[str]:
        """The cells' texts row by row, for a table inside a cell."""
        return [" ".join(filter(None, row)) for row in self.rows]

    def grid_rows(self) -> list[list[Cell]]:
        """The rows, with the columns and rows that each cell covers."""
        edges = _edges(self.layouts)
        rows = [_placed(*row, edges) for row in zip(self.rows, self.layouts, strict=True)]
        _join_down(rows)
        return [_without_empty_end([cell for _, cell, down in row if down != _MERGED]) for row in rows]


_Placed = tuple[int, Cell, int]
"""A cell's first column, the cell, and how it is merged with those above or below."""


def _without_empty_end(cells: list[Cell]) -> list[Cell]:
    while cells and not cells[-1].text and cells[-1].rows == 1:
        cells.pop()
    return cells


def _edges(layouts: list[Definition]) -> list[int]:
    edges: list[int] = []
    for edge in sorted({edge for layout in layouts for edge in layout.edges}):
        if not edges or edge - edges[-1] > _SAME_EDGE:
            edges.append(edge)
    return edges


def _placed(texts: list[str], layout: Definition, edges: list[int]) -> list[_Placed]:
    """The cells of a row with their columns. If the layout has too few edges, each cell takes one column."""
    if len(texts) > len(layout.edges):
        return [(column, Cell(text), 0) for column, text in enumerate(texts)]
    placed: list[_Placed] = []
    column = 0
    for text, edge, across, down in zip(texts, layout.edges, layout.across, layout.down, strict=False):
        end = max(column + 1, bisect_left(edges, edge - _SAME_EDGE) + 1)
        if across == _MERGED and placed:
            first, cell, first_down = placed[-1]
            joined = "\n".join(filter(None, (cell.text, text)))
            placed[-1] = first, Cell(joined, end - first), first_down
        else:
            placed.append((column, Cell(text, end - column), down))
        column = end
    return placed


def _join_down(rows: list[list[_Placed]]) -> None:
    """Makes the first of vertically merged cells as high as all of them, and moves the others' text into it."""
    open_cells: dict[int, tuple[int, int]] = {}  # column -> row and place of the first of the merged cells
    for number, row in enumerate(rows):
        still: dict[int, tuple[int, int]] = {}
        for place, (column, cell, down) in enumerate(row):
            first = open_cells.get(column)
            if down == _MERGED and first is not None:
                above_column, above, above_down = rows[first[0]][first[1]]
                text = "\n".join(filter(None, (above.text, cell.text)))
                grown = Cell(text, above.columns, number - first[0] + 1)
                rows[first[0]][first[1]] = above_column, grown, above_down
                still[column] = first
            elif down == _MERGED:
                row[place] = column, cell, 0
            if down == _FIRST:
                still[column] = number, place
        open_cells = still
