"""The database's figures for /metrics: how much is waiting, and what the reconciler last found."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from lethe.domain.errors import Unavailable
from lethe.domain.records.measures import Measure
from lethe.domain.records.orphans import ReconciliationReport
from lethe.store.database.pool import Database
from lethe.store.upkeep import measures, reconciliation

_STATEMENT_SECONDS = 5
_KEPT_SECONDS = 1.0
"""How long an answer is cached, so that frequent requests do not load the database."""


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Deliveries over HTTP: `pending` ones are not tried yet, `failing` ones will be tried again, `dead` ones are given
    up. `oldest_seconds` is the age of the oldest one that is not dead.
    """

    pending: int
    failing: int
    dead: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class Measures:
    """What is waiting, and the last reconciliation; `last_round` is None before the first."""

    waiting: Sequence[Measure]
    last_round: ReconciliationReport | None

    @property
    def deliveries(self) -> Deliveries:
        """The deliveries to webhooks and callbacks over HTTP."""
        found = {m.first: m for m in self.waiting if m.thing == "deliveries"}
        counts = {
            state: found[state].count if state in found else 0 for state in ("pending", "failing", "dead")
        }
        oldest = max((m.oldest_seconds for state, m in found.items() if state != "dead"), default=0.0)
        return Deliveries(**counts, oldest_seconds=oldest)


class Meter:
    """Measures the installation, one call at a time and at most once a second."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._lock = asyncio.Lock()
        self._last: Measures | None = None
        self._taken = -_KEPT_SECONDS

    async def measure(self) -> Measures | None:
        """The measures, at most a second old; None if the database does not answer."""
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
