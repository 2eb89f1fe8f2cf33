"""What /metrics tells of the database: how much is waiting, and what the reconciler has last seen."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from lethe.domain.errors import Unavailable
from lethe.domain.measures import Measure
from lethe.domain.orphans import ReconciliationReport
from lethe.store.database import Database
from lethe.store.upkeep import measures, reconciliation

_STATEMENT_SECONDS = 5
_KEPT_SECONDS = 1.0
"""For so long an answer holds: whoever may ask for it cannot make the database work more often."""


@dataclass(frozen=True, slots=True)
class Measures:
    """`last_round` is None before the reconciler's first round."""

    waiting: Sequence[Measure]
    last_round: ReconciliationReport | None


class Meter:
    """Measures the installation, once at a time and at most once a second."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._lock = asyncio.Lock()
        self._last: Measures | None = None
        self._taken = -_KEPT_SECONDS

    async def measure(self) -> Measures | None:
        """The measures, at most a second old; None when the database does not answer."""
        async with self._lock:
            if time.monotonic() - self._taken >= _KEPT_SECONDS:
                try:
                    self._last = await self._measure()
                except Unavailable:
                    self._last = None
                self._taken = time.monotonic()
            return self._last

    async def _measure(self) -> Measures:
        async with self._db.system() as conn:
            await reconciliation.bound(conn, statement_seconds=_STATEMENT_SECONDS, lock_seconds=1)
            return Measures(await measures.waiting(conn), await reconciliation.last_round(conn))
