"""How many searches there were in the last hour, and how long they took. Kept in the memory of one process."""

import time
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

MINUTES = 60
_MOST_COMPANIES = 1_000
"""Beyond this, the company that has not searched for longest is forgotten. Each takes about 10 kB."""


@dataclass(frozen=True, slots=True)
class Minute:
    """The searches that ended in one minute, `ago` minutes before this one; `seconds` is their total time."""

    ago: int
    searches: int
    seconds: float
    slowest: float

    @property
    def usual(self) -> float:
        """The mean time of a search, in seconds."""
        return self.seconds / self.searches


@dataclass(slots=True)
class _Noted:
    minute: int
    searches: int = 0
    seconds: float = 0.0
    slowest: float = 0.0


class Pace:
    """Counts searches by company and minute."""

    def __init__(self) -> None:
        self._noted: OrderedDict[str, deque[_Noted]] = OrderedDict()

    @contextmanager
    def timed(self, company_id: str) -> Iterator[None]:
        """Count the block as a search, unless it fails."""
        start = time.perf_counter()
        yield
        self._note(company_id, time.perf_counter() - start)

    def of(self, company_id: str) -> Sequence[Minute]:
        """The minutes of the last hour in which the company searched, oldest first."""
        now = _now()
        return [
            Minute(now - noted.minute, noted.searches, noted.seconds, noted.slowest)
            for noted in self._noted.get(company_id, ())
            if now - noted.minute < MINUTES
        ]

    def _note(self, company_id: str, seconds: float) -> None:
        minutes = self._noted.setdefault(company_id, deque(maxlen=MINUTES))
        self._noted.move_to_end(company_id)
        if len(self._noted) > _MOST_COMPANIES:
            self._noted.popitem(last=False)
        if not minutes or minutes[-1].minute != _now():
            minutes.append(_Noted(_now()))
        last = minutes[-1]
        last.searches += 1
        last.seconds += seconds
        last.slowest = max(last.slowest, seconds)


def _now() -> int:
    return int(time.monotonic() // 60)
