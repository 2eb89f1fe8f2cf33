"""Finds the reading order of a page: columns one after the other, tables and forms row by row.

A gutter is a strip without text that adjacent rows share. Its two sides are columns if they read like prose, if their
rows are not aligned, or if one side was drawn after the other. Short pieces side by side are rows of a table or a form.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from lethe.parsers.pdf.layout.rows import Piece, Row, in_rows
from lethe.parsers.pdf.layout.sides import FEWEST_ROWS, are_columns, is_prose

_NARROWEST, _NARROW = 0.9, 0.6
"""The least width of a gutter, in font sizes; the second if it separates two pieces of one line."""
_STEP = 2.2
"""The largest distance between rows of one column, in font sizes."""
_ACROSS = 1.6
"""The distance between rows, in font sizes, that may separate columns from the text above and below them."""
_NEAREST = 8
"""How many rows above and below a heading are searched for text of the other column."""
_DEEPEST = 6
_MOST_PIECES = 3_000
"""A page with more pieces is a drawing, and is not searched for columns."""
_MOST_GUTTERS = 300


@dataclass(slots=True)
class Flow:
    """Consecutive rows; `tabular` if their pieces are cells."""

    rows: list[Row] = field(default_factory=list)
    tabular: bool = False


@dataclass(slots=True, frozen=True)
class _Gutter:
    """An empty strip from `x0` to `x1` through the rows `first` to `last`."""

    first: int
    last: int
    x0: float
    x1: float
    rows: int
    """The number of rows on the side with fewer."""

    def sides(self, rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
        """The pieces to its left and right."""
        middle = (self.x0 + self.x1) / 2
        left, right = [], []
        for row in rows[self.first : self.last + 1]:
            before = [piece for piece in row.pieces if piece.x0 < middle]
            after = [piece for piece in row.pieces if piece.x0 >= middle]
            left += [Row(before, row.y, row.size)] * bool(before)
            right += [Row(after, row.y, row.size)] * bool(after)
        return left, right


def reading_order(pieces: Sequence[Piece], *, right_to_left: bool = False, plain: bool = False) -> list[Flow]:
    """The pieces as flows, in reading order; with `plain`, from top to bottom without columns."""
    out: list[Flow] = []
    _order(list(pieces), right_to_left, 0 if plain else _DEEPEST, out)
    return out


def _order(pieces: list[Piece], right_to_left: bool, depth: int, out: list[Flow]) -> None:
    rows = in_rows(pieces)
    tables: list[_Gutter] = []
    for whole in _gutters(rows) if depth and len(pieces) <= _MOST_PIECES else ():
        gutter = _with_columns(rows, whole)
        if gutter is not None:
            left, right = gutter.sides(rows)
            columns = (right, left) if right_to_left else (left, right)
            for part in (rows[: gutter.first], *columns, rows[gutter.last + 1 :]):
                if part:
                    _order([piece for row in part for piece in row.pieces], right_to_left, depth - 1, out)
            return
        tables.append(whole)
    _as_rows(rows, tables, out)


def _as_rows(rows: list[Row], tables: list[_Gutter], out: list[Flow]) -> None:
    """Adds rows from top to bottom; those along gutters are rows of a table."""
    tabular = [any(gutter.first <= number <= gutter.last for gutter in tables) for number in range(len(rows))]
    for number, row in enumerate(rows):
        if number == 0 or tabular[number] != tabular[number - 1]:
            out.append(Flow(tabular=tabular[number]))
        out[-1].rows.append(row)


def _gutters(rows: list[Row]) -> list[_Gutter]:
    """The strips that several rows share, those with most rows first."""
    found: list[_Gutter] = []
    for number, gap in _gaps(rows):
        if any(g.first <= number <= g.last and g.x0 < gap[1] and gap[0] < g.x1 for g in found):
            continue
        found.append(_grown(rows, number, gap))
        if len(found) == _MOST_GUTTERS:
            break
    shared = [gutter for gutter in found if gutter.rows >= 2]
    return sorted(shared, key=lambda gutter: (-gutter.rows, gutter.x0 - gutter.x1))


def _gaps(rows: list[Row]) -> Iterator[tuple[int, tuple[float, float]]]:
    """Gaps within rows, and between adjacent rows, since columns may have lines at different heights."""
    for number, row in enumerate(rows):
        beside = row.pieces
        following = rows[number + 1].pieces if number + 1 < len(rows) else []
        pairs = [(before, after, _NARROW) for before, after in pairwise(beside)]
        if following:
            pairs += [(beside[-1], following[0], _NARROWEST), (following[-1], beside[0], _NARROWEST)]
        for before, after, narrowest in pairs:
            if after.x0 - before.x1 >= narrowest * row.size:
                yield number, (before.x1, after.x0)


def _grown(rows: list[Row], number: int, gap: tuple[float, float]) -> _Gutter:
    """The gap of one row, extended up and down until a row crosses it."""
    x0, x1 = gap
    narrowest = min(_NARROWEST * rows[number].size, x1 - x0)
    ends = [number, number]
    for side, step in ((0, -1), (1, 1)):
        at = number + step
        while 0 <= at < len(rows):
            middle = (x0 + x1) / 2
            new0 = max([x0, *(piece.x1 for piece in rows[at].pieces if piece.x0 < middle)])
            new1 = min([x1, *(piece.x0 for piece in rows[at].pieces if piece.x0 >= middle)])
            if new1 - new0 < narrowest or _parts_columns(rows, at, middle):
                break
            x0, x1, ends[side] = new0, new1, at
            at += step
    return _trimmed(rows, ends[0], ends[1], x0, x1)


def _parts_columns(rows: list[Row], at: int, middle: float) -> bool:
    """Whether this row is a heading above columns: bold, with nothing beside it, and not drawn together with a column,
    before what stands above it in the other one or after what stands below."""
    row = rows[at]
    if len(row.pieces) > 1 or not row.pieces[0].strong:
        return False
    left = row.pieces[0].x0 < middle
    near = (-1, 1)
    beside = [
        piece
        for step in near
        if 0 <= at + step < len(rows)
        for piece in rows[at + step].pieces
        if (piece.x0 < middle) != left and abs(piece.y - row.y) < 1.3 * max(row.size, piece.size)
    ]
    return not beside and not _drawn_in_column(rows, at, middle, left=left)


def _drawn_in_column(rows: list[Row], at: int, middle: float, *, left: bool) -> bool:
    """Whether the nearest text of the other column above this row was drawn after it, or that below before it."""
    own = rows[at].pieces[0].drawn
    for near, above in (
        (rows[max(0, at - _NEAREST) : at][::-1], True),
        (rows[at + 1 : at + 1 + _NEAREST], False),
    ):
        other = next((piece for row in near for piece in row.pieces if (piece.x0 < middle) != left), None)
        if other is not None and (other.drawn > own) == above:
            return True
    return False


def _trimmed(rows: list[Row], first: int, last: int, x0: float, x1: float) -> _Gutter:
    """Drops distant rows: at the top those with nothing on the left, at the bottom those with nothing on the right."""
    middle = (x0 + x1) / 2

    def sides(number: int) -> tuple[bool, bool]:
        pieces = rows[number].pieces
        return any(piece.x0 < middle for piece in pieces), any(piece.x0 >= middle for piece in pieces)

    while (
        first < last
        and not sides(first)[0]
        and rows[first].y - rows[first + 1].y > _STEP * rows[first + 1].size
    ):
        first += 1
    lower = last
    while lower > first and not sides(lower)[1]:
        lower -= 1
    for number in range(lower, last):
        if rows[number].y - rows[number + 1].y > _STEP * rows[number + 1].size:
            last = number
            break
    lefts = [number for number in range(first, last + 1) if sides(number)[0]]
    rights = [number for number in range(first, last + 1) if sides(number)[1]]
    if not lefts or not rights:
        return _Gutter(first, last, x0, x1, 0)
    top, low = max(lefts[0], rights[0]), min(lefts[-1], rights[-1])
    shared = min(sum(top <= n <= low for n in lefts), sum(top <= n <= low for n in rights))
    return _Gutter(first, last, x0, x1, shared)


def _with_columns(rows: Sequence[Row], gutter: _Gutter) -> _Gutter | None:
    """The gutter if its sides are columns; else the part of it, between gaps across the page, whose sides are prose, as
    other text may be above and below."""
    if are_columns(*gutter.sides(rows)):
        return gutter
    first, last = gutter.first, gutter.last
    ends = [n for n in range(first, last) if rows[n].y - rows[n + 1].y > _ACROSS * rows[n].size]
    for start, end in pairwise([first, *(n + 1 for n in ends), last + 1]) if ends else ():
        part = _trimmed(list(rows), start, end - 1, gutter.x0, gutter.x1)
        if part.rows >= FEWEST_ROWS and all(is_prose(side) for side in part.sides(rows)):
            return part
    return None
