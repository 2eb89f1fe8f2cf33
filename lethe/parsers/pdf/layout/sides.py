"""Whether text side by side is read as columns, one after the other, or row by row."""

from collections import Counter
from statistics import median

from lethe.parsers.pdf.layout.rows import Piece, Row, overlap

_PROSE, _WORDS, _CELL = 14, 4, 8
"""The fewest letters and words, on average, of a piece of prose, and the fewest letters of a piece in any column."""
_CAPTION, _CLOSE = 5, 1.35
"""The fewest letters, on average, of a caption's lines, and the largest distance between two lines, in font sizes."""
_FILLED = 0.6
"""A row of prose fills this fraction of its column, except at the end of a paragraph."""
_LABELLED = 0.1
"""The largest share of labels and values in columns; a line of prose may end with a colon too."""
FEWEST_ROWS = 3
"""The fewest rows of a column."""


def are_columns(left: list[Row], right: list[Row]) -> bool:
    """Whether each side is read on its own."""
    if min(len(left), len(right)) < 2:
        return False
    if max(len(left), len(right)) < FEWEST_ROWS:
        return _are_captions(left, right)
    if is_prose(left) and is_prose(right):
        return True
    if min(_letters(left), _letters(right)) < _CELL:
        return False
    sides = (left, right)
    first, second = ([piece.drawn for row in side for piece in row.pieces] for side in sides)
    apart = min(len(left), len(right)) > FEWEST_ROWS and (
        max(first) < min(second) or max(second) < min(first)
    )
    labelled = [piece.labelled for side in sides for row in side for piece in row.pieces]
    apart = apart and sum(labelled) <= _LABELLED * len(labelled)
    aligned = sum(any(abs(row.y - other.y) < 0.15 * row.size for other in right) for row in left)
    fewer = min(len(left), len(right))
    return apart or (2 * aligned < fewer and fewer >= FEWEST_ROWS and _has_edge(left) and _has_edge(right))


def _has_edge(rows: list[Row]) -> bool:
    """Whether two thirds of the rows begin, or end, at one place."""
    size = median(row.size for row in rows)
    sides = (
        Counter(round(row.pieces[0].x0 / size) for row in rows),
        Counter(round(row.pieces[-1].x1 / size) for row in rows),
    )
    return any(3 * max(side.values()) >= 2 * len(rows) for side in sides)


def _are_captions(left: list[Row], right: list[Row]) -> bool:
    """Whether two close rows are captions of two lines each: the second line of each was drawn right after its first.
    The rows of a table are further apart, and drawn one after the other."""
    pieces = [piece for side in (left, right) for row in side for piece in row.pieces]
    if any(piece.labelled for piece in pieces) or _letters(left) < _CAPTION or _letters(right) < _CAPTION:
        return False
    close = all(side[0].y - side[-1].y < _CLOSE * side[0].size for side in (left, right))
    order = sorted(pieces, key=lambda piece: piece.drawn)
    pairs = list(zip(order[::2], order[1::2], strict=False))
    return close and len(order) % 2 == 0 and all(_stacked(above, below) for above, below in pairs)


def _stacked(above: Piece, below: Piece) -> bool:
    """Whether `below` is right under `above`."""
    return above.y - below.y > 0.5 * below.size and overlap(above, below)


def _letters(rows: list[Row]) -> float:
    return sum(piece.letters for row in rows for piece in row.pieces) / sum(len(row.pieces) for row in rows)


def is_prose(rows: list[Row]) -> bool:
    """Whether the rows are running text: long enough, and filling their column."""
    pieces = [piece for row in rows for piece in row.pieces]
    if _letters(rows) < _PROSE or sum(piece.length for piece in pieces) < _WORDS * len(pieces):
        return False
    x0 = min(row.pieces[0].x0 for row in rows)
    x1 = max(piece.x1 for row in rows for piece in row.pieces)
    filled = sum(
        max(piece.x1 for piece in row.pieces) - row.pieces[0].x0 >= _FILLED * (x1 - x0) for row in rows
    )
    return 2 * filled >= len(rows)
