"""How many requests a token may make."""

import re
from dataclasses import dataclass

from lethe.domain.errors import InvalidRequest

_RATE = re.compile(r"(\d{1,9})/(minute|hour)")


@dataclass(frozen=True, slots=True)
class Rate:
    """Requests that a token may make; None means no limit."""

    per_minute: int | None = None
    per_hour: int | None = None


DEFAULT_RATE = Rate(per_minute=60, per_hour=1000)
UNLIMITED = Rate()


def parse_rate(text: str) -> Rate:
    """A rate from `60/minute,1000/hour`, one of the two, or `unlimited`. Raises InvalidRequest."""
    if text.strip() == "unlimited":
        return UNLIMITED
    found: dict[str, int] = {}
    for part in text.split(","):
        match = _RATE.fullmatch(part.strip())
        if match is None or int(match[1]) == 0 or match[2] in found:
            raise InvalidRequest(f"'{text}' is not a rate: write '60/minute,1000/hour' or 'unlimited'.")
        found[match[2]] = min(int(match[1]), 2**31 - 1)
    return Rate(found.get("minute"), found.get("hour"))
