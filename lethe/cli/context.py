"""The whole context for a command. One that needs the database alone starts faster (cli/database.py)."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from lethe.cli.database import with_opened
from lethe.core.context import Context
from lethe.settings import Settings
from lethe.wiring.context import open_context

T = TypeVar("T")


def with_context(settings: Settings | None, use: Callable[[Context], Awaitable[T]]) -> T:
    """The result of `use` with the context, as `with_database`. Workers do the jobs that it queues."""
    return with_opened(settings, open_context, use)
