"""A company's figures at a glance: what it has, what is being done, and how fast it forgets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from lethe.core.context import Context
from lethe.domain.records.overview import Erased, Stock
from lethe.store import overview

__all__ = ["DAYS", "MOST_FAILURES", "MOST_RECEIPTS", "Erased", "Forgetting", "Stock"]

DAYS = 30
MOST_FAILURES = 1_000
MOST_RECEIPTS = 5_000
"""Of the newest receipts so many are looked at: each is read whole, in about 15 microseconds."""


@dataclass(frozen=True, slots=True)
class Forgetting:
    """The last DAYS days, oldest first, each with its erasures or None; and all of them. `whole`: no receipt was left
    out."""

    days: Sequence[tuple[date, Erased | None]]
    total: Erased
    whole: bool


async def stock(ctx: Context, *, company_id: str) -> Stock:
    """What is there and what is being done."""
    return await overview.stock(ctx.db, company_id=company_id, failures=MOST_FAILURES)


async def forgetting(ctx: Context, *, company_id: str) -> Forgetting:
    """What was erased in the last DAYS days, and how long it took."""
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
    *found, total = await overview.erased(ctx.db, company_id=company_id, since=days[0], limit=MOST_RECEIPTS)
    by_day = {erased.day: erased for erased in found}
    return Forgetting([(day, by_day.get(day)) for day in days], total, total.erasures < MOST_RECEIPTS)
