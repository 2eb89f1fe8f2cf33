"""The edge of a worker's loops: a failure is logged, and the loop goes on, as do all others."""

from collections.abc import Awaitable
from typing import TypeVar

import structlog
from procrastinate.exceptions import ConnectorException

from lethe.domain.errors import LetheError

log = structlog.get_logger()

T = TypeVar("T")


async def guarded(name: str, part: Awaitable[T]) -> T | None:
    """The result of `part`, such as one round of "the sweeper"; None if it fails."""
    try:
        return await part
    except (LetheError, ConnectorException) as exc:
        log.warning(f"{name} cannot work", reason=str(exc))
    except Exception:  # whatever it is, the worker continues
        log.exception(f"{name} failed")
    return None
