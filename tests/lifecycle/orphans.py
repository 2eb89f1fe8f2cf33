"""The reconciler on a test's server: one look at everything, from outside the server."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from lethe.core.context import Context
from lethe.core.upkeep import reconciliation
from lethe.domain.records.orphans import ReconciliationReport
from lethe.settings import Settings
from lethe.wiring.context import open_context
from tests.server import Server

T = TypeVar("T")


def with_context(server: Server, use: Callable[[Context], Awaitable[T]]) -> T:
    """What `use` gives with the context of a running server."""

    async def main() -> T:
        async with open_context(Settings(**server.chosen), server.database()) as ctx:
            return await use(ctx)

    return asyncio.run(main())


def orphans(server: Server) -> dict[str, int]:
    """What belongs to nobody at this moment, by kind; kinds of which there is nothing are left out."""

    async def look(ctx: Context) -> ReconciliationReport:
        return await reconciliation.look(ctx)

    result = with_context(server, look)
    assert result.skipped == 0
    return {kind.value: n for kind, n in result.counts.items() if n}


def assert_no_orphans(server: Server) -> None:
    """Nothing belongs to nobody. May be asked at any moment, whatever is under way."""
    assert orphans(server) == {}
