"""Runs the steps of core/ingestion/prepare.py in child processes, since files may be hostile."""

from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

from lethe.adapters.children import Children
from lethe.domain.limits import Limits

Args = TypeVarTuple("Args")
Result = TypeVar("Result")


async def in_child(
    children: Children, limits: Limits, step: Callable[[*Args], Result], *args: *Args
) -> Result:
    """The result of a step, within the limits on parsing. Raises as `Children.run`."""
    return await children.run(
        step,
        *args,
        cpu_seconds=limits.parse_cpu_seconds,
        memory_bytes=limits.parse_memory_bytes,
        wall_seconds=4 * limits.parse_cpu_seconds,
    )
