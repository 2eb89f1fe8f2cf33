"""Positions of a chart's marks, in percent of its area, for templates that draw them as SVG. Chart libraries write
styles into the page, which the content security policy forbids; percentages fit every screen without any."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lethe.core.overview import Erased
from lethe.core.search.pace import MINUTES, Minute

LEFT = 11.0
"""The share of the width, in percent, that the scale's labels take."""
_SECONDS = (0.01, 0.1, 1, 10, 60, 600, 3600, 86_400, 10 * 86_400, 100 * 86_400)


@dataclass(frozen=True, slots=True)
class Column:
    """A day's column: left edge, middle and width; `low` and `high` are its marks, from the top, if any."""

    day: date
    erased: Erased | None
    x: float
    middle: float
    width: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The columns, and the lines of the scale: each its distance from the top, and its value."""

    columns: Sequence[Column]
    lines: Sequence[tuple[float, float]]


def amounts(days: Sequence[tuple[date, Erased | None]]) -> Chart:
    """The documents erased on each day, as bars from zero."""
    top = _round_up(max((erased.documents for _, erased in days if erased), default=1))
    columns = [
        Column(
            day, erased, *_place(i, len(days)), 100.0, 100 - 100 * erased.documents / top if erased else 100.0
        )
        for i, (day, erased) in enumerate(days)
    ]
    return Chart(columns, _steps(top))


@dataclass(frozen=True, slots=True)
class Beat:
    """A minute's column: its left edge and width, and the top of its bar."""

    minute: Minute
    x: float
    width: float
    high: float


@dataclass(frozen=True, slots=True)
class Beats:
    """The minutes of the last hour, and the lines of the scale."""

    columns: Sequence[Beat]
    lines: Sequence[tuple[float, float]]


def searches(minutes: Sequence[Minute]) -> Beats:
    """The number of searches in each minute, as bars from zero."""
    top = _round_up(max(minute.searches for minute in minutes))
    places = [(minute, *_place(MINUTES - 1 - minute.ago, MINUTES)) for minute in minutes]
    columns = [
        Beat(minute, x, width, 100 - 100 * minute.searches / top) for minute, x, _middle, width in places
    ]
    return Beats(columns, _steps(top))


def times(days: Sequence[tuple[date, Erased | None]]) -> Chart:
    """The usual and the longest erasure time of each day, on a scale whose lines are each about ten times the last."""
    known = [erased for _, erased in days if erased]
    least = min((erased.usual for erased in known), default=0.1)
    most = max((erased.slowest for erased in known), default=1.0)
    first = max((i for i, step in enumerate(_SECONDS) if step <= least), default=0)
    last = min((i for i, step in enumerate(_SECONDS) if step >= most), default=len(_SECONDS) - 1)
    scale = _SECONDS[first : max(last, first + 1) + 1]

    def place(seconds: float) -> float:
        bounded = min(max(seconds, scale[0]), scale[-1])
        return 100 - 100 * math.log(bounded / scale[0]) / math.log(scale[-1] / scale[0])

    columns = [
        Column(
            day,
            erased,
            *_place(i, len(days)),
            place(erased.usual) if erased else 100.0,
            place(erased.slowest) if erased else 100.0,
        )
        for i, (day, erased) in enumerate(days)
    ]
    return Chart(columns, [(place(step), step) for step in scale])


def _place(i: int, count: int) -> tuple[float, float, float]:
    """The left edge, middle and width of a column."""
    step = (100 - LEFT) / count
    x = LEFT + step * i
    return x + step * 0.15, x + step / 2, step * 0.7


def _steps(top: int) -> Sequence[tuple[float, float]]:
    steps = (0, top // 2, top) if top % 2 == 0 else (0, top)
    return [(100 - 100 * step / top, step) for step in steps]


def _round_up(value: int) -> int:
    """The next of 1, 2, 5, 10, 20, 50 ... that is at least this large."""
    size = int("1" + "0" * (len(str(value)) - 1))
    return next(step * size for step in (1, 2, 5, 10) if step * size >= value)
