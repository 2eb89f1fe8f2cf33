"""Run a function in a child process of its own that can be killed, with limits on time and memory.

Parsers of hostile files loop, grow and crash in native code, where no exception or cancel token reaches
them. A child that is killed takes nothing with it.
"""

import asyncio
import math
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Literal, Self

from lethe.adapters.children_wire import ANSWER, EXIT_NO_MEMORY, FATE, REQUEST
from lethe.domain.errors import Unavailable

_ANSWER_BYTES = 1024 * 1024 * 1024
_REAP_SECONDS = 10
_ABORTS = (-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS, -signal.SIGILL, -signal.SIGTRAP)

Reason = Literal["cpu", "memory", "wall", "crash"]
_SENTENCES: dict[Reason, str] = {
    "cpu": "The child process used all of its CPU time.",
    "memory": "The child process used all of its memory.",
    "wall": "The child process took too long.",
    "crash": "The child process crashed.",
}


class ChildKilled(Exception):
    """The child ended without an answer: a limit was reached, or native code crashed."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(_SENTENCES[reason])
        self.reason: Reason = reason


class Children:
    """Up to `slots` children at a time, forked from a process that has imported the modules in `preload`.

    That process starts with the first call (or `start`) and again should it die. It ends with `close`, and
    with this process however this one ends; no child outlives it.
    """

    def __init__(self, preload: Sequence[str] = (), *, slots: int | None = None) -> None:
        self._preload = tuple(preload)
        self._slots = asyncio.Semaphore(slots or os.cpu_count() or 1)
        self._server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def start(self) -> None:
        """Start the fork server, if it does not run; its imports go on in the background."""
        self._running_control()

    async def close(self) -> None:
        """End the fork server and every child."""
        control, server = self._control, self._server
        self._control = self._server = None
        if control is not None:
            control.close()
        if server is not None:
            await asyncio.to_thread(server.wait)

    async def run[R](  # type: ignore[misc]
        self,
        function: Callable[..., R],
        *args: object,
        cpu_seconds: float | None = None,
        memory_bytes: int | None = None,
        wall_seconds: float | None = None,
    ) -> R:
        pass
