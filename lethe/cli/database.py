"""The database that a command uses: the one named by LETHE_DATABASE_URL, or the embedded one, running or not."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TypeVar

from lethe.cli.data_dir import require_made, require_whole
from lethe.cli.server import logs
from lethe.settings import Settings
from lethe.store.database.pool import Database
from lethe.store.postgres.migrate import migrate
from lethe.wiring.database import embedded, given, open_database

Opened = TypeVar("Opened")
T = TypeVar("T")


@contextmanager
def database(settings: Settings, *, made_if_missing: bool = False) -> Iterator[str]:
    """The conninfo of the database; the embedded one runs at least as long as the block.

    Also sets up logging, so that a command prints only its result. If the embedded database does not exist yet,
    creates it with `made_if_missing`, and otherwise raises OperatorError.
    """
    logs.configure(format=settings.log_format, level=settings.log_level)
    require_whole(settings.data_dir)
    if (conninfo := given(settings)) is not None:
        yield conninfo
    else:
        if not made_if_missing:
            require_data(settings)
        with embedded(settings) as postgres:
            yield postgres.conninfo


def require_data(settings: Settings) -> None:
    """Raise OperatorError if the embedded database is used and does not exist yet."""
    if settings.database_url is None:
        require_made(settings.data_dir, embedded(settings).pgdata)


def with_database(
    settings: Settings | None, use: Callable[[Database], Awaitable[T]], *, made_if_missing: bool = False
) -> T:
    """The result of `use` with the database, upgraded to this version, whether a server runs or not."""
    return with_opened(settings, open_database, use, made_if_missing=made_if_missing)


def with_opened(
    settings: Settings | None,
    opened: Callable[[Settings, str], AbstractAsyncContextManager[Opened]],
    use: Callable[[Opened], Awaitable[T]],
    *,
    made_if_missing: bool = False,
) -> T:
    """Like `with_database`, with what `opened` returns for the settings and the conninfo."""
    chosen = settings or Settings()

    async def main(conninfo: str) -> T:
        await migrate(conninfo)
        async with opened(chosen, conninfo) as it:
            return await use(it)

    with database(chosen, made_if_missing=made_if_missing) as conninfo:
        return asyncio.run(main(conninfo))
