"""The whole context for a command. Commands that need only the database start faster (cli/database.py)."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from lethe.cli.database import with_opened
from lethe.core.context import Context
from lethe.settings import Settings
from lethe.wiring.context import open_context

T = TypeVar("T")


def with_context(settings: Settings | None, use: Callable[[Context], Awaitable[T]]) -> T:
    """Like `with_database`, but with the context. Workers run the jobs that `use` queues."""
    return with_opened(settings, open_context, use)
