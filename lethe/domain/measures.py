"""Counts for /metrics."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """A count of one thing by up to two labels, and the age of its oldest in seconds."""

    thing: str
    first: str
    second: str
    count: int
    oldest_seconds: float
