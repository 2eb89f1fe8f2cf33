"""The event loop and the signals of the long-running commands."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any

import uvloop

HOPELESS = 78
"""The exit code of a worker that would fail again if restarted."""


def run(main: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    """Run `main` with an event that SIGTERM and SIGINT set. `main` should return when it is set."""

    async def with_signals() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await main(stop)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(with_signals())
