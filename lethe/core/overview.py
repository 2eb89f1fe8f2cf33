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
"""How many documents are counted unless exact figures are wanted; counting 100,000 takes 0.2 s."""
MOST_FAILURES = 1_000
MOST_RECEIPTS = 5_000
"""How many of the newest receipts are read: each whole, in about 15 microseconds."""
_FIRST_RECEIPTS = 1_000


@dataclass(frozen=True, slots=True)
class Forgetting:
    """The erasures of the last DAYS days, oldest day first (None: no erasures), and their total. `whole`: all receipts
    were read, not only the newest `most`."""

    days: Sequence[tuple[date, Erased | None]]
    total: Erased
    whole: bool
    most: int


async def stock(ctx: Context, *, company_id: str, exact: bool) -> Stock:
    """What is there and what is being done. Unless `exact`, counting stops after COUNTED + 1 documents."""
    most = None if exact else COUNTED
    return await overview.stock(ctx.db, company_id=company_id, most=most, failures=MOST_FAILURES)


async def forgetting(ctx: Context, *, company_id: str, exact: bool) -> Forgetting:
    """What was erased in the last DAYS days, and how long it took. Unless `exact`, fewer receipts are read."""
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
    most = MOST_RECEIPTS if exact else _FIRST_RECEIPTS
    *found, total = await overview.erased(ctx.db, company_id=company_id, since=days[0], limit=most)
    by_day = {erased.day: erased for erased in found}
    return Forgetting([(day, by_day.get(day)) for day in days], total, total.erasures < most, most)
