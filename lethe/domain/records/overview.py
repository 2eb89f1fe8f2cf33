"""Figures about one company, for people."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Stock:
    """What a company has: documents that are there with their chunks and the bytes of their originals; what waits and
    runs; and failures of the last 24 hours."""

    documents: int
    chunks: int
    bytes: int
    waiting: int
    running: int
    failures: int


@dataclass(frozen=True, slots=True)
class Erased:
    """The erasures that ended on a day (UTC), or None: on all days that were asked for. Times are in seconds from the
    request.

    `invisible`: the slowest; what lay in the trash was invisible before. `usual` and `slowest`: until all was
    erased; the median and the longest.
    """

    day: date | None
    erasures: int
    documents: int
    invisible: float
    usual: float
    slowest: float
