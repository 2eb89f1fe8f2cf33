"""Cells that span rows and columns, as the plain grid that a markdown table is."""

from collections.abc import Sequence
from dataclasses import dataclass

_MOST_COLUMNS = 16_384
"""Columns of a table, as many as a spreadsheet has; a page may ask for thousands of millions."""
_MOST_FILLED = 10_000
"""Cells that repeat another one's text, in one table."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Text, and how many columns and rows it covers; `rows` 0 is all rows that are left (HTML)."""

    text: str
    columns: int = 1
    rows: int = 1


def grid(rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    """The table in which every place that a cell covers holds its text, so that each row can be read alone.

    A cell that is alone in its row, like a title above the columns, is not repeated beside itself.
    """
    out: list[list[str]] = []
    hanging: dict[int, tuple[str, int]] = {}  # column -> text that reaches down, and rows that are left to it
    filled = 0
    for number, row in enumerate(rows):
        line: list[str] = []
        alone = len(row) == 1 and not hanging
        for cell in row:
            _hang(line, hanging)
            width = max(1, min(cell.columns, _MOST_COLUMNS - len(line)))
            reach = (len(rows) - number if cell.rows == 0 else max(1, min(cell.rows, len(rows) - number))) - 1
            repeat = not alone and filled < _MOST_FILLED
            for column in range(len(line), len(line) + width):
                text = cell.text if repeat or column == len(line) else ""
                if reach:
                    hanging[column] = (text if filled < _MOST_FILLED else "", reach)
            line += [cell.text, *([cell.text if repeat else ""] * (width - 1))]
            filled += width - 1 + width * reach
        _hang(line, hanging)
        out.append(line)
    return out


def _hang(line: list[str], hanging: dict[int, tuple[str, int]]) -> None:
    """Fill the line's next places with the texts that reach down into them."""
    while len(line) in hanging:
        column = len(line)
        text, left = hanging[column]
        line.append(text)
        if left > 1:
            hanging[column] = (text, left - 1)
        else:
            del hanging[column]
