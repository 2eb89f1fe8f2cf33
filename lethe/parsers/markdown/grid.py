"""Lays out cells that span rows and columns as the plain grid of a markdown table.

Where a merged cell's text goes depends on the table's purpose. Sheets and web pages hold data whose rows are found and
read alone: there the text is repeated in each place that the cell covers (`grid`, also for PDF;
workbooks/tables.py does the same for sheets, whose rows are sparse). Tables of text documents and slides lay out text,
often whole paragraphs: there it is written once, at the cell's first place (`laid_out`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

_COVERED = 50
"""Places that cells cover besides their own, for each cell of the table and 20 more; a page may ask for millions."""
_REPEATED = 20
"""Characters that are repeated in them, for each one of the table and 500 more."""

_WIDEST = 16_384
"""Columns of one cell where its text is not repeated."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Text, and how many columns and rows it covers; `rows` 0 means all remaining rows (HTML)."""

    text: str
    columns: int = 1
    rows: int = 1


class _Hanging(NamedTuple):
    """A cell that reaches down into a column: its text, and the last row that it covers."""

    text: str
    last: int


def grid(rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    """The table in which every place that a cell covers holds its text, so that each row can be read alone.

    A cell that is alone in its row, like a title above the columns, is not repeated beside itself. Columns in which no
    cell begins are left out. Beyond the limits above, cells cover less or their places stay empty.
    """
    out: list[list[str]] = []
    hanging: dict[int, _Hanging] = {}
    left = _COVERED * (20 + sum(map(len, rows)))
    repeats = _REPEATED * (500 + sum(len(cell.text) for row in rows for cell in row))
    columns = 0
    for number, row in enumerate(rows):
        hanging = {column: cell for column, cell in hanging.items() if cell.last >= number}
        alone = len(row) == 1 and not hanging
        line: list[str] = []
        for cell in row:
            while len(line) in hanging:
                line.append(hanging[len(line)].text)
            start = len(line)
            height = _height(cell, len(rows) - number, left)
            width = _width(cell, start, hanging, (left + 1) // height)
            more = width * height - 1
            left -= more
            text = cell.text if more * len(cell.text) <= repeats else ""
            repeats -= more * len(text)
            beside = "" if alone else text
            line += [cell.text, *[beside] * (width - 1)]
            if height > 1:
                for column in range(start, start + width):
                    below = text if column == start else beside
                    hanging[column] = _Hanging(below, number + height - 1)
            columns = max(columns, start + 1)
        rest = range(len(line), max(hanging, default=-1) + 1)
        left -= sum(column not in hanging for column in rest)
        if left < 0:
            hanging, rest, left = {}, range(0), 0
        line += [hanging[column].text if column in hanging else "" for column in rest]
        out.append(line)
    return [line[:columns] for line in out]


def laid_out(rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    """The table with each cell's text at the first place that it covers, and the others empty.

    Columns in which no cell begins are left out: programs that lay out on fine grids write many of them.
    """
    lines: list[dict[int, str]] = []
    reaching: dict[int, tuple[int, int]] = {}  # column -> columns, and rows still covered by the cell above
    for row in rows:
        line: dict[int, str] = {}
        column = 0
        for cell in (*row, None):
            while column in reaching:
                columns, left = reaching.pop(column)
                if left > 1:
                    reaching[column] = (columns, left - 1)
                column += columns
            if cell is not None:
                columns = max(1, min(cell.columns, _WIDEST))
                line[column] = cell.text
                if cell.rows > 1:
                    reaching[column] = (columns, cell.rows - 1)
                column += columns
        lines.append(line)
    begun = sorted(set().union(*lines))
    return [[line.get(column, "") for column in begun if column <= max(line, default=-1)] for line in lines]


def _height(cell: Cell, most: int, left: int) -> int:
    """Rows that the cell covers, limited by the rest of the table and by what may be covered."""
    height = most if cell.rows == 0 else max(1, min(cell.rows, most))
    return height if height - 1 <= left else 1


def _width(cell: Cell, start: int, hanging: Mapping[int, _Hanging], most: int) -> int:
    """Columns that the cell covers: up to one that a cell from above covers, and at most `most`."""
    width = 1
    while width < min(cell.columns, most) and start + width not in hanging:
        width += 1
    return width
