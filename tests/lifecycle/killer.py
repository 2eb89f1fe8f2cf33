"""Kills at named points of the code, and a server that is mended after each."""

import signal
import threading
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil

from lethe.domain.checkpoints import REACHED, arm, disarm
from tests.lifecycle.stored import step_clock
from tests.server import Server
from tests.waiting import until

DEAD_SECONDS = 30
"""After this time without a sign of life a worker is dead, and a relay has lost its lease."""


class Killer:
    """Arms points, and mends the server after each kill, as if the time had passed that lets a death count."""

    def __init__(self, server: Server, points: Path) -> None:
        self._server = server
        self._points = points
        self._armed: set[Path] = set()
        self._mended: set[Path] = set()
        self._stop = threading.Event()

    def arm(self, *names: str) -> None:
        self._armed |= {arm(self._points, name, signal.SIGKILL) for name in names}

    def mend(self) -> None:
        """Until told to stop."""
        while not self._stop.wait(0.1):
            reached = {file for file in tuple(self._armed) if file.exists()} - self._mended
            if reached:
                for file in reached:
                    until(partial(self._is_dead, file))
                while not self._server.runs():
                    with suppress(AssertionError):  # the client was faster, and met the next point
                        self._server.restart()
                step_clock(self._server, DEAD_SECONDS)
                self._mended |= reached

    def _is_dead(self, reached: Path) -> bool:
        """True when the process that came to a point is dead; asking for both takes notice of it."""
        pid = reached.read_text()  # empty when it is just being written
        return pid != "" and not (self._server.runs() and psutil.pid_exists(int(pid)))

    def until_all_is_mended(self, mending: Future[None]) -> None:
        until(lambda: self._mended == self._armed or mending.done())
        if mending.done():
            mending.result()

    def stop(self) -> None:
        """Mend no more, and leave no point armed for the next test."""
        self._stop.set()
        for reached in self._armed:
            disarm(self._points, reached.name.removesuffix(REACHED))
