"""Figures about one company, for human readers."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Stock:
    """What a company has: live documents, their chunks and the bytes of their originals; tasks that wait and run; and
    failures of the last 24 hours."""

    documents: int
    chunks: int
    bytes: int
    waiting: int
    running: int
    failures: int


@dataclass(frozen=True, slots=True)
class Erased:
    """The erasures that ended on a day (UTC); None for all requested days together. Times are in seconds from the
    request.

    `invisible`: the longest until the documents were invisible; those in the trash already were. `usual` and
    `slowest`: the median and the longest until everything was erased.
    """

    day: date | None
    erasures: int
    documents: int
    invisible: float
    usual: float
    slowest: float
