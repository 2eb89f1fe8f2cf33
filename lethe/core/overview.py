"""A company's figures at a glance: what it has, what is being done, and how fast it forgets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from lethe.core.context import Context
from lethe.domain.records.overview import Erased, Stock
from lethe.store import overview

__all__ = ["COUNTED", "DAYS", "MOST_FAILURES", "Erased", "Forgetting", "Stock"]

DAYS = 30
COUNTED = 5_000
"""So many documents are counted at once; all 100,000 of a company take 0.2 s."""
MOST_FAILURES = 1_000
MOST_RECEIPTS = 5_000
"""Of the newest receipts so many are looked at: each is read whole, in about 15 microseconds."""
_FIRST_RECEIPTS = 1_000


@dataclass(frozen=True, slots=True)
class Forgetting:
    """The last DAYS days, oldest first, each with its erasures or None; and all of them. `whole`: no receipt was left
    out, `most` were looked at."""

    days: Sequence[tuple[date, Erased | None]]
    total: Erased
    whole: bool
    most: int


async def stock(ctx: Context, *, company_id: str, exact: bool) -> Stock:
    """What is there and what is being done; unless `exact`, at most COUNTED documents and one more are counted."""
    most = None if exact else COUNTED
    return await overview.stock(ctx.db, company_id=company_id, most=most, failures=MOST_FAILURES)


async def forgetting(ctx: Context, *, company_id: str, exact: bool) -> Forgetting:
    """What was erased in the last DAYS days, and how long it took; unless `exact`, by fewer of the receipts."""
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
    most = MOST_RECEIPTS if exact else _FIRST_RECEIPTS
    *found, total = await overview.erased(ctx.db, company_id=company_id, since=days[0], limit=most)
    by_day = {erased.day: erased for erased in found}
    return Forgetting([(day, by_day.get(day)) for day in days], total, total.erasures < most, most)
