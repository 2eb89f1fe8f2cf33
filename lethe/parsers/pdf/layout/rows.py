"""The rows of a page: pieces side by side, at one height."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class Piece(Protocol):
    """An item on the page: a piece of a line, or a table."""

    x0: float
    x1: float
    y: float
    size: float
    drawn: int
    """Its index in drawing order."""

    @property
    def letters(self) -> int: ...

    @property
    def length(self) -> int:
        """The number of its words."""

    @property
    def strong(self) -> bool: ...

    @property
    def labelled(self) -> bool:
        """Whether it is a label, or the value of a form field."""


_ALIKE = 1.6
"""Letters of one row differ in size by at most this factor."""


@dataclass(slots=True)
class Row:
    """Pieces side by side, from left to right."""

    pieces: list[Piece]
    y: float
    size: float


def in_rows(pieces: Sequence[Piece]) -> list[Row]:
    """The pieces as rows, from top to bottom."""
    rows: list[Row] = []
    for piece in sorted(pieces, key=lambda piece: (-piece.y, piece.x0)):
        last = rows[-1] if rows else None
        alike = last and max(last.size, piece.size) < _ALIKE * min(last.size, piece.size)
        near = last and alike and abs(last.y - piece.y) < 0.4 * min(last.size, piece.size)
        if last and near and not any(overlap(piece, other) for other in last.pieces[-20:]):
            last.pieces.append(piece)
        else:
            rows.append(Row([piece], piece.y, piece.size))
    for row in rows:
        row.pieces.sort(key=lambda piece: piece.x0)
    return rows


def overlap(one: Piece, other: Piece) -> bool:
    """Whether both cover the same stretch from left to right, by more than 0.3 font sizes."""
    return min(one.x1, other.x1) - max(one.x0, other.x0) > 0.3 * min(one.size, other.size)
