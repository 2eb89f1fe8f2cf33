"""Tables whose cells are merged, as the plain grid that a markdown table is."""

from collections.abc import Sequence
from dataclasses import dataclass

MOST_SPAN = 100
"""Columns that one cell may cover; Word has 63."""
_LONGEST_LABEL = 40
"""Characters of a text that still is a label; a longer one is not repeated."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A cell of a row: its text, the columns that it covers, and whether it belongs to the cell above."""

    text: str
    columns: int = 1
    goes_on: bool = False


def laid_out(rows: Sequence[Sequence[Placed]]) -> list[list[str]]:
    """The table in which a label is repeated where that helps to read it: below, in each row that it stands for, and in
    the first row above each column that it names. A text that is alone in the first row is a title, and is not.

    Columns in which no cell begins are left out: programs that lay out by fine grids write many of them.
    """
    lines: list[dict[int, str]] = []
    begun: set[int] = set()
    above: dict[int, str] = {}
    for row in rows:
        line: dict[int, str] = {}
        column = 0
        for cell in row:
            text = cell.text or (above.get(column, "") if cell.goes_on else "")
            label = text if len(text) <= _LONGEST_LABEL else ""
            begun.add(column)
            above[column] = label
            line[column] = text
            if not lines and len(row) > 1:
                line |= dict.fromkeys(range(column + 1, column + cell.columns), label)
            column += cell.columns
        lines.append(line)
    shown = sorted(begun)
    return [[line.get(column, "") for column in shown if column <= max(line, default=-1)] for line in lines]
