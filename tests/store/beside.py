"""What somebody else does at the same time, who holds no connection of the test's."""

import asyncio
from collections.abc import Coroutine
from contextvars import Context
from typing import Any, TypeVar

T = TypeVar("T")


def beside(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """The work under way: a task that inherits nothing of the one that starts it."""
    return asyncio.create_task(work, context=Context())
