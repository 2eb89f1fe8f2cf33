"""What the client does, written once for sync and async.

A plan is a generator that yields what is to be done outside (a request, a pause, other plans side by side) and gets the
outcome back. `run` and `run_async` carry plans out.
"""

import asyncio
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

T = TypeVar("T")


@dataclass(frozen=True)
class Pause:
    """Wait so many seconds."""

    seconds: float


@dataclass(frozen=True)
class SideBySide:
    """Carry out plans, at most so many at a time; the outcome is the list of their results, in their order.

    `ended` is called with each result as soon as it is there, never twice at once. Plans handle their own errors: one
    that raises ends them all.
    """

    plans: Sequence["Plan[Any]"]
    at_once: int
    ended: Callable[[Any], object]


Step = httpx.Request | Pause | SideBySide
Plan = Generator[Step, Any, T]


def run(plan: Plan[T], http: httpx.Client) -> T:
    """Carry out a plan in this thread."""
    outcome: Any = None
    failure: Exception | None = None
    while True:
        try:
            step = plan.send(outcome) if failure is None else plan.throw(failure)
        except StopIteration as end:
            result: T = end.value
            return result
        outcome, failure = None, None
        try:
            match step:
                case httpx.Request():
                    outcome = http.send(step)
                case Pause(seconds):
                    time.sleep(seconds)
                case SideBySide():
                    outcome = _in_threads(step, http)
        except Exception as exc:  # noqa: BLE001 the plan decides about it
            failure = exc


async def run_async(plan: Plan[T], http: httpx.AsyncClient) -> T:
    """Carry out a plan in this task."""
    outcome: Any = None
    failure: Exception | None = None
    while True:
        try:
            step = plan.send(outcome) if failure is None else plan.throw(failure)
        except StopIteration as end:
            result: T = end.value
            return result
        outcome, failure = None, None
        try:
            match step:
                case httpx.Request():
                    outcome = await http.send(step)
                case Pause(seconds):
                    await asyncio.sleep(seconds)
                case SideBySide():
                    outcome = await _in_tasks(step, http)
        except Exception as exc:  # noqa: BLE001 the plan decides about it
            failure = exc


def _in_threads(step: SideBySide, http: httpx.Client) -> list[Any]:
    with ThreadPoolExecutor(step.at_once) as threads:
        try:
            running = [threads.submit(run, plan, http) for plan in step.plans]
            for done in as_completed(running):
                step.ended(done.result())
        except BaseException:  # Ctrl-C too: what has begun ends, nothing else begins
            threads.shutdown(cancel_futures=True)
            raise
    return [done.result() for done in running]


async def _in_tasks(step: SideBySide, http: httpx.AsyncClient) -> list[Any]:
    room = asyncio.Semaphore(step.at_once)

    async def one(plan: Plan[Any]) -> Any:
        async with room:
            result = await run_async(plan, http)
        step.ended(result)
        return result

    async with asyncio.TaskGroup() as group:
        running = [group.create_task(one(plan)) for plan in step.plans]
    return [task.result() for task in running]
