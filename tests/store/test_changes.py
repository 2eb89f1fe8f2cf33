"""Who looks at a company is told of what changes, also before it listened."""

import asyncio

from lethe.core.changes import following, position
from lethe.core.context import Context
from lethe.core.tree import nodes
from lethe.domain.records.bounds import bounded
from lethe.store.queue.signals import Signals
from tests.store.conftest import COMPANY
from tests.waiting import PATIENCE_SECONDS


async def test_a_company_has_the_same_position_until_something_of_it_changes(ctx: Context) -> None:
    other = "b" * 24
    async with ctx.signals.listening(), following(ctx, company_id=COMPANY) as changes:
        await asyncio.wait_for(changes.take(), PATIENCE_SECONDS)  # it listens from now on
        made, elsewhere = position(ctx, company_id=COMPANY), position(ctx, company_id=other)
        assert position(ctx, company_id=COMPANY) == made
        await nodes.create_folder(ctx, company_id=COMPANY, title="F", parent_id=None)
        await asyncio.wait_for(changes.take(), PATIENCE_SECONDS)
        assert position(ctx, company_id=COMPANY) != made
        assert position(ctx, company_id=other) == elsewhere


async def test_a_position_of_another_process_or_for_a_bound_token_is_no_position(ctx: Context) -> None:
    async with ctx.signals.listening(), following(ctx, company_id=COMPANY) as changes:
        before = position(ctx, company_id=COMPANY)
        await asyncio.wait_for(changes.take(), PATIENCE_SECONDS)
        assert position(ctx, company_id=COMPANY) != before  # what came before it listened was not heard
    assert Signals(ctx.db.conninfo).position([]) != Signals(ctx.db.conninfo).position([])
    bound = bounded(COMPANY, token_id="c" * 24, bound=True, reads=[], writes=[])
    assert position(ctx, company_id=bound) is None
