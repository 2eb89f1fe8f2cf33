"""What the client does, written once for sync and async.

A plan is a generator that yields each step to be done outside (a request, a pause, other plans side by side) and
receives its outcome. `run` and `run_async` carry plans out.
"""

import asyncio
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from threading import Event
from typing import Any, BinaryIO, TypeVar

import httpx

T = TypeVar("T")

_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0


@dataclass(frozen=True)
class Pause:
    """Wait this many seconds."""

    seconds: float


def pauses(timeout: float | None = None) -> Iterator[Pause]:
    """The pauses between polls: short at first, and at most `timeout` seconds in all.

    The last pause is zero, so that the last poll comes when the time is up.
    """
    waited = 0.0
    while timeout is None or waited < timeout:
        seconds = min(max(_SHORTEST_PAUSE, waited / 2), _LONGEST_PAUSE)
        if timeout is not None:
            seconds = min(seconds, timeout - waited)
        yield Pause(seconds)
        waited += seconds
    yield Pause(0)


@dataclass(frozen=True)
class SideBySide:
    """Carry out plans, at most `at_once` at a time. The outcome is the list of their results, in order.

    `ended` is called with each result as it arrives, one call at a time. Plans handle their own errors: one that
    raises stops them all.
    """

    plans: Sequence["Plan[Any]"]
    at_once: int
    ended: Callable[[Any], object]


@dataclass(frozen=True)
class Download:
    """Send a request, and write the body of its answer to `into` as it arrives. Error answers are not written.

    If `into` is seekable, a further attempt starts writing at the same position.
    """

    request: httpx.Request
    into: BinaryIO

    def begin(self) -> int | None:
        """The file's position; None if it cannot be rewound."""
        return self.into.tell() if self.into.seekable() else None

    def rewind(self, start: int | None) -> None:
        """Discard what a failed attempt wrote."""
        if start is not None:
            self.into.seek(start)
            self.into.truncate()


Step = httpx.Request | Download | Pause | SideBySide
Plan = Generator[Step, Any, T]


class Stopped(Exception):
    """Another plan running alongside failed and stopped them all."""


def run(plan: Plan[T], http: httpx.Client, stop: Event | None = None) -> T:
    """Carry out a plan in this thread. Raises Stopped at the next step once `stop` is set."""
    stop = stop or Event()
    outcome: Any = None
    failure: Exception | None = None
    while True:
        try:
            step = plan.send(outcome) if failure is None else plan.throw(failure)
        except StopIteration as end:
            result: T = end.value
            return result
        outcome, failure = None, None
        if stop.is_set():
            plan.close()
            raise Stopped
        try:
            match step:
                case httpx.Request():
                    outcome = http.send(step)
                case Download():
                    outcome = _download(step, http)
                case Pause(seconds):
                    stop.wait(seconds)
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
                case Download():
                    outcome = await _download_async(step, http)
                case Pause(seconds):
                    await asyncio.sleep(seconds)
                case SideBySide():
                    outcome = await _in_tasks(step, http)
        except Exception as exc:  # noqa: BLE001 the plan decides about it
            failure = exc


def _download(step: Download, http: httpx.Client) -> httpx.Response:
    response, start = http.send(step.request, stream=True), step.begin()
    try:
        if response.is_success:
            for piece in response.iter_bytes():
                step.into.write(piece)
        else:
            response.read()
    except httpx.TransportError:
        step.rewind(start)
        raise
    finally:
        response.close()
    return response


async def _download_async(step: Download, http: httpx.AsyncClient) -> httpx.Response:
    response, start = await http.send(step.request, stream=True), step.begin()
    try:
        if response.is_success:
            async for piece in response.aiter_bytes():
                step.into.write(piece)
        else:
            await response.aread()
    except httpx.TransportError:
        step.rewind(start)
        raise
    finally:
        await response.aclose()
    return response


def _in_threads(step: SideBySide, http: httpx.Client) -> list[Any]:
    stop = Event()
    with ThreadPoolExecutor(step.at_once) as threads:
        try:
            running = [threads.submit(run, plan, http, stop) for plan in step.plans]
            for done in as_completed(running):
                step.ended(done.result())
        except BaseException:  # Ctrl-C too: requests under way finish, and no others start
            stop.set()
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

    running = [asyncio.create_task(one(plan)) for plan in step.plans]
    try:
        return await asyncio.gather(*running)
    except BaseException:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        raise
