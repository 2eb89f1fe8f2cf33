"""Ruled tables: the cells enclosed by lines on a page, and their words."""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field

from lethe.parsers.markdown.grid import Cell, grid
from lethe.parsers.pdf.drawn.rules import Drawing, Rule

_NEAR = 3.0
"""The largest gap, in points, between lines that count as touching."""
_MOST_RULES = 1_000
"""A page with more lines is not searched for tables."""
_MOST_CELLS = 10_000


@dataclass(slots=True)
class Grid:
    """The lines of one table: `ys` are the heights of the level ones from top to bottom, `xs` the positions of the
    upright ones from left to right. `owner` maps each column and row to the index of its cell."""

    xs: list[float]
    ys: list[float]
    cells: list[tuple[int, int, int, int]] = field(default_factory=list)
    """The first and last column, and first and last row, of each cell."""
    owner: dict[tuple[int, int], int] = field(default_factory=dict)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top."""
        return self.xs[0], self.ys[-1], self.xs[-1], self.ys[0]

    def cell_at(self, x: float, y: float) -> int | None:
        """The index of the cell that contains this point, or None."""
        column = bisect(self.xs, x) - 1
        row = bisect([-at for at in self.ys], -y) - 1
        return self.owner.get((column, row))

    def rows(self, texts: Sequence[str]) -> list[list[str]]:
        """The table's rows, with the given texts of its cells."""
        out: list[list[Cell]] = [[] for _ in range(len(self.ys) - 1)]
        for (left, right, top, bottom), text in sorted(
            zip(self.cells, texts, strict=True), key=lambda item: item[0]
        ):
            out[top].append(Cell(text, right - left + 1, bottom - top + 1))
        return [row for row in grid(out) if any(row)]


def grids(drawing: Drawing) -> list[Grid]:
    """The tables of the page, including boxes around text, which have one cell."""
    if len(drawing.level) + len(drawing.upright) > _MOST_RULES:
        return []
    found = []
    for level, upright in _connected(drawing.level, drawing.upright):
        made = _grid(level, upright)
        if made is not None and (len(made.cells) > 1 or len(upright) > 1):
            found.append(made)
    return found


def _connected(level: list[Rule], upright: list[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Groups of lines that touch each other."""
    group = list(range(len(level) + len(upright)))

    def root(number: int) -> int:
        while group[number] != number:
            group[number] = group[group[number]]
            number = group[number]
        return number

    for one, flat in enumerate(level):
        for other, high in enumerate(upright, start=len(level)):
            if (
                flat.start - _NEAR <= high.at <= flat.end + _NEAR
                and high.start - _NEAR <= flat.at <= high.end + _NEAR
            ):
                group[root(one)] = root(other)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for number, rule in enumerate([*level, *upright]):
        groups.setdefault(root(number), ([], []))[number >= len(level)].append(rule)
    return [made for made in groups.values() if len(made[0]) > 1 and made[1]]


def _grid(level: list[Rule], upright: list[Rule]) -> Grid | None:
    left, right = min(rule.start for rule in level), max(rule.end for rule in level)
    xs = _places([*(rule.at for rule in upright), left, right])  # a table's sides may be open
    ys = _places([rule.at for rule in level])[::-1]
    if len(xs) < 2 or len(ys) < 2 or (len(xs) - 1) * (len(ys) - 1) > _MOST_CELLS:
        return None
    made = Grid(xs, ys)
    columns, rows = len(xs) - 1, len(ys) - 1
    walls = [[rule for rule in upright if abs(rule.at - x) <= _NEAR] for x in xs]
    floors = [[rule for rule in level if abs(rule.at - y) <= _NEAR] for y in ys]
    open_right = [
        [not _passes(walls[column + 1], (ys[row] + ys[row + 1]) / 2) for column in range(columns)]
        for row in range(rows)
    ]
    open_below = [
        [not _passes(floors[row + 1], (xs[column] + xs[column + 1]) / 2) for column in range(columns)]
        for row in range(rows)
    ]
    for row in range(rows):
        for column in range(columns):
            if (column, row) in made.owner:
                continue
            last = column
            while last + 1 < columns and open_right[row][last] and (last + 1, row) not in made.owner:
                last += 1
            low = row
            while low + 1 < rows and all(open_below[low][column : last + 1]):
                low += 1
            for x in range(column, last + 1):
                for y in range(row, low + 1):
                    made.owner[x, y] = len(made.cells)
            made.cells.append((column, last, row, low))
    return made


def _places(values: list[float]) -> list[float]:
    """The sorted values, without those closer than `_NEAR` to the one before."""
    out: list[float] = []
    for value in sorted(values):
        if not out or value - out[-1] > _NEAR:
            out.append(value)
    return out


def _passes(rules: list[Rule], through: float) -> bool:
    return any(rule.start <= through <= rule.end for rule in rules)
