"""All that the use cases work with, for a command; whoever needs the database alone starts faster (cli/database.py)."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from lethe.cli.database import with_opened
from lethe.core.context import Context
from lethe.settings import Settings
from lethe.wiring.context import open_context

T = TypeVar("T")


def with_context(settings: Settings | None, use: Callable[[Context], Awaitable[T]]) -> T:
    """What `use` gives with the context, as `with_database` does; what is queued is done by the workers."""
    return with_opened(settings, open_context, use)
