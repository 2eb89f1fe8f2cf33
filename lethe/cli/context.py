"""All that the use cases work with, for a command; whoever needs the database alone starts faster (cli/database.py)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from lethe.cli.database import database
from lethe.core.context import Context
from lethe.settings import Settings
from lethe.store.migrate import migrate
from lethe.wiring.context import open_context

T = TypeVar("T")


def with_context(settings: Settings | None, use: Callable[[Context], Awaitable[T]]) -> T:
    """What `use` gives with the context, as `with_database` does; what is queued is done by the workers."""
    chosen = settings or Settings()

    async def main(conninfo: str) -> T:
        await migrate(conninfo)
        async with open_context(chosen, conninfo) as ctx:
            return await use(ctx)

    with database(chosen) as conninfo:
        return asyncio.run(main(conninfo))
