"""Turns rows with repeated and merged cells into the plain rows of a markdown table."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element

from lethe.parsers.markdown.grid import Cell, grid, laid_out
from lethe.parsers.opendocument.package.elements import number

ROW_GROUPS = frozenset({"table:table-header-rows", "table:table-rows", "table:table-row-group"})
_MOST_COLUMNS = 16_384
_MOST_ROWS = 1_048_576
_MOST_REPEATED = 10_000
"""The most copies of cells with text that "repeated" attributes may create; more would add nothing."""
_MOST_LOOKS = 2_000_000
"""The most checks for columns covered from above; after that nothing counts as covered."""
_LARGEST_AREA = 2_000_000
"""The largest mostly empty table; a larger one is written without its empty places."""

Read = Callable[[Element], str]
"""The text of a cell."""


def rows_of(table: Element) -> Iterator[Element]:
    """The rows of a table, including those in groups and headers, but not those of nested tables."""
    for child in table:
        if child.tag == "table:table-row":
            yield child
        elif child.tag in ROW_GROUPS:
            yield from rows_of(child)


class Rows:
    """Collects rows, including filtered and folded ones."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._rows: list[list[tuple[int, Cell]]] = []
        self.numbers: list[int] = []
        """The collected rows' numbers in the table, from 1."""
        self._passed = 0
        self._repeats_left = _MOST_REPEATED
        self._hanging: dict[int, int] = {}
        """Rows that a text from above still covers, by column."""
        self._looks_left = _MOST_LOOKS
        self.too_often = False
        """Whether repeats were cut short."""

    def add(self, row: Element) -> None:
        """Adds a row as often as it is repeated; empty rows only where text from above covers them."""
        cells, below = self._cells(row)
        while cells and not cells[-1][1].text:
            cells.pop()
        times = said = number(row, "table:number-rows-repeated", most=_MOST_ROWS)
        if cells:
            times = self._allowed(times, sum(1 for _, cell in cells if cell.text))
        else:
            allowed = self._repeats_left // max(1, len(self._hanging))
            times = min(times, max(self._hanging.values(), default=0), allowed)
            self._repeats_left -= times * len(self._hanging)
        self._rows += [cells] * times
        self.numbers += range(self._passed + 1, self._passed + 1 + times)
        self._passed += said
        self._looks_left -= len(self._hanging)
        left = {column: rows - times for column, rows in self._hanging.items() if rows > times}
        self._hanging = left | below if below else left

    def texts(self) -> Iterator[str]:
        """The texts of all cells, each once."""
        return (cell.text for row in self._rows for _, cell in row if cell.text)

    def laid_out(self) -> list[list[str]]:
        """The rows of a table in a text or on a slide."""
        return laid_out([[cell for _, cell in row] for row in self._rows])

    def compact(self) -> list[list[str]]:
        """The rows of a sheet, without columns that have no text."""
        used = sorted({column for row in self._rows for column, cell in row if cell.text})
        if len(used) * len(self._rows) > max(_LARGEST_AREA, 20 * sum(map(len, self._rows))):
            return [[cell.text for _, cell in row if cell.text] for row in self._rows]
        return grid([_alone(list(_in_used(row, used))) for row in self._rows])

    def _cells(self, row: Element) -> tuple[list[tuple[int, Cell]], dict[int, int]]:
        """The cells of a row with their columns, and the rows below that they cover, by column. Empty cells that no
        text covers keep their place."""
        cells: list[tuple[int, Cell]] = []
        below: dict[int, int] = {}
        column = covered = 0
        for element in row:
            if element.tag not in ("table:table-cell", "table:covered-table-cell"):
                continue
            times = number(element, "table:number-columns-repeated", most=_MOST_COLUMNS)
            text = self._read(element) if element.tag == "table:table-cell" else ""
            if text:
                width = number(element, "table:number-columns-spanned", most=_MOST_COLUMNS)
                height = number(element, "table:number-rows-spanned", most=_MOST_ROWS)
                shown = self._allowed(times, 1) if times > 1 else 1
                cells += [(place, Cell(text, width, height)) for place in range(column, column + shown)]
                covered = column + shown - 1 + width
                if height > 1:
                    below |= dict.fromkeys(range(column, min(covered, _MOST_COLUMNS)), height - 1)
            cells += self._free(max(column, covered), column + times)
            column += times
        return cells, below

    def _free(self, start: int, end: int) -> Iterator[tuple[int, Cell]]:
        """Empty cells for the columns from `start` to `end` that no text from above covers."""
        if start < end and self._hanging:
            self._looks_left -= len(self._hanging)
            if self._looks_left < 0:
                self._hanging = {}
            for column in sorted(column for column in self._hanging if start <= column < end):
                if start < column:
                    yield start, Cell("", column - start)
                start = column + 1
        if start < end:
            yield start, Cell("", end - start)

    def _allowed(self, times: int, cells: int) -> int:
        """How often a row or cell with this many cells may be written: at least once, at most `times`."""
        allowed = max(1, min(times, 1 + self._repeats_left // cells))
        self._repeats_left -= (allowed - 1) * cells
        self.too_often |= allowed < times
        return allowed


def _alone(cells: list[Cell]) -> list[Cell]:
    """The cells of a row. If its only text is in a merged cell, like a title, that text is not repeated."""
    texts = sum(1 for cell in cells if cell.text)
    if texts != 1:
        return cells
    out = []
    for cell in cells:
        if cell.text and cell.columns > 1 and cell.rows <= 1:
            out += [Cell(cell.text), Cell("", cell.columns - 1)]
        else:
            out.append(cell)
    return out


def _in_used(row: list[tuple[int, Cell]], used: list[int]) -> Iterator[Cell]:
    for column, cell in row:
        width = bisect_left(used, column + cell.columns) - bisect_left(used, column)
        if width:
            yield Cell(cell.text, width, cell.rows)
