"""Writes the cells of a sheet as tables: finds where each ends, its columns, and what its merged cells cover.

Tables on a sheet are separated by empty rows. Rows keep their order in the document, so tables side by side stay one
table, with an empty column between them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from lethe.parsers.markdown.writer import Writer

_MOST_FILLED = 1_000_000
"""The most characters of merged cells that are repeated in one sheet."""
_MOST_EMPTY = 10_000
"""A table that has more empty cells, and is mostly empty, is written as scattered cells."""
_MOST_COVERED = 1_000_000
"""The most rows and places of one sheet that are examined for merged cells; beyond that nothing is repeated."""
_LAST_ROW = 1_048_576
_HEAD_ROWS = 3
_DASHES = ("-", "–", "—")


class Merged(NamedTuple):
    """A merged cell: its first and last row and column, both included."""

    top: int
    left: int
    bottom: int
    right: int


Rows = dict[int, dict[int, str]]
"""Texts by row and column, from 1."""
Notes = dict[tuple[int, int], list[tuple[str, str]]]
"""Marks and texts of notes by row and column."""


def write_tables(
    writer: Writer,
    rows: Rows,
    merged: Sequence[Merged],
    notes: Notes,
) -> None:
    """Writes the sheet's tables from top to bottom. Empties `rows`.

    A table's `notes` follow it.
    """
    for (row, column), found in notes.items():
        cells = rows.setdefault(row, {})
        cells[column] = cells.get(column, "") + "".join(f"[^{mark}]" for mark, _ in found)
    texts = _by_row(notes)
    covers = _Covers(merged)
    for numbers in _blocks(rows):
        _write_block(writer, {number: rows.pop(number) for number in numbers}, covers)
        for number in numbers:
            for mark, text in texts.get(number, ()):
                writer.note(mark, text)


def _by_row(
    notes: Notes,
) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = {}
    for (row, _), texts in sorted(notes.items()):
        found.setdefault(row, []).extend(texts)
    return found


def _blocks(rows: Rows) -> Iterator[list[int]]:
    """The row numbers of each table: rows without an empty row between them. A header separated from its figures by one
    empty row stays with them; rows in entirely different columns begin another table."""
    block: list[int] = []
    left = right = 0
    for number in sorted(number for number, cells in rows.items() if cells):
        first, last = min(rows[number]), max(rows[number])
        gap = number - block[-1] if block else 1
        beside = left < right and first < last and (last < left or right < first)
        if gap > 2 or (block and beside) or (gap == 2 and not _is_head_of(rows, block, rows[number])):
            yield block
            block = []
        left, right = (min(left, first), max(right, last)) if block else (first, last)
        block.append(number)
    if block:
        yield block


def _is_head_of(rows: Rows, block: list[int], below: dict[int, str]) -> bool:
    """Whether the block ends with column names, all words, and `below` has figures under most of them."""
    head = rows[block[-1]]
    return (
        len(block) <= _HEAD_ROWS
        and len(head) > 1
        and not any(map(_is_figure, head.values()))
        and sum(_is_figure(text) for column, text in below.items() if column in head) * 2 > len(head)
    )


def _is_figure(text: str) -> bool:
    """Whether the text is a number, or a dash in place of one."""
    return text in _DASHES or (any(map(str.isdigit, text)) and not any(map(str.isalpha, text)))


class _Covers:
    """The merged cells of a sheet. Call `of_row` for each row from top to bottom."""

    def __init__(self, merged: Sequence[Merged]) -> None:
        spread = [one for one in merged if one.top < one.bottom or one.left < one.right]
        self._waiting = sorted(spread, reverse=True)
        self._open: list[tuple[Merged, str]] = []
        self._next_end = _LAST_ROW
        """The last row of the open cell that ends first."""
        self._looks = _MOST_COVERED
        self._filled = 0

    def of_row(self, number: int, cells: dict[int, str]) -> list[tuple[Merged, str]]:
        """The merged cells that cover places in this row, with their texts."""
        while self._waiting and self._waiting[-1].top <= number:
            one = self._waiting.pop()
            text = cells.get(one.left, "") if one.top == number else ""
            if text:
                self._open.append((one, text))
                self._next_end = min(self._next_end, one.bottom)
        if number > self._next_end:
            self._open = [(one, text) for one, text in self._open if one.bottom >= number]
            self._next_end = min((one.bottom for one, _ in self._open), default=_LAST_ROW)
        self._looks -= len(self._open)
        if self._looks < 0:
            self._open = []
        return list(self._open)

    def fill(
        self,
        number: int,
        cells: dict[int, str],
        covered: Sequence[tuple[Merged, str]],
        columns: Sequence[int],
    ) -> None:
        """Repeats the texts of merged cells in the places that they cover; not if a cell is alone in its row."""
        alone = len(cells) == 1 and all(one.top == number for one, _ in covered)
        for one, text in () if alone else covered:
            places = columns[bisect_left(columns, one.left) : bisect_right(columns, one.right)]
            self._looks -= len(places)
            if self._looks < 0:
                break
            for column in places:
                if column not in cells and self._filled < _MOST_FILLED:
                    cells[column] = text
                    self._filled += len(text)


def _write_block(writer: Writer, rows: Rows, covers: _Covers) -> None:
    covered = {number: covers.of_row(number, cells) for number, cells in rows.items()}
    columns = sorted({column for cells in rows.values() for column in cells})
    numbers = list(rows)
    while numbers and _is_title(rows, numbers, covered[numbers[0]], columns[0]):
        writer.at_row(numbers[0])
        (text,) = rows[numbers.pop(0)].values()
        writer.paragraph(text)
    for number in numbers:
        covers.fill(number, rows[number], covered[number], columns)
    if numbers:
        writer.table(_lines([rows[number] for number in numbers]), numbers)
    writer.at_row(0)


def _is_title(rows: Rows, numbers: list[int], covered: Sequence[tuple[Merged, str]], left: int) -> bool:
    """Whether the first row is a title: a single cell above a table whose first column is `left`, or the only cell."""
    first = rows[numbers[0]]
    if len(first) > 1 or any(one.top < numbers[0] or one.bottom > numbers[0] for one, _ in covered):
        return False
    if len(numbers) == 1:
        return True
    if covered:
        return left in first
    below = rows[numbers[1]]
    return len(below) > 1 and not any(map(_is_figure, below.values()))


def _lines(rows: list[dict[int, str]]) -> Iterable[list[str]]:
    """Rows of equal width. Adjacent columns that are empty in all rows become one."""
    columns = sorted({column for cells in rows for column in cells})
    places: dict[int, int] = {}
    for before, column in pairwise([columns[0], *columns]):
        places[column] = (
            len(places) + (column - before > 1) if not places else places[before] + 1 + (column - before > 1)
        )
    width = places[columns[-1]] + 1
    cells_in_all = sum(map(len, rows))
    if width * len(rows) - cells_in_all > _MOST_EMPTY + 9 * cells_in_all:
        return ([cells[column] for column in sorted(cells)] for cells in rows)
    return (_line(cells, places, width) for cells in rows)


def _line(cells: dict[int, str], places: dict[int, int], width: int) -> list[str]:
    line = [""] * width
    for column, text in cells.items():
        line[places[column]] = text
    return line
