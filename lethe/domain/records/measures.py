"""Counts for /metrics."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """A count of things by up to two labels, and the age of the oldest in seconds."""

    thing: str
    first: str
    second: str
    count: int
    oldest_seconds: float
