"""Run a function in a child process of its own that can be killed, with limits on time and memory.

Parsers of hostile files loop, grow and crash in native code, where no exception and no cancel token
reaches them. Killing a child harms nothing else. A child that an attacker takes over reaches only what it was given
(children_bars.py), and its answer is treated as untrusted.
"""

import asyncio
import math
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Literal, Self, TypeVar, TypeVarTuple

from lethe.adapters.children_wire import (
    ANSWER,
    ERRORS,
    EXIT_NO_MEMORY,
    FATE,
    REQUEST,
    ChildFailed,
    Failed,
    read_answer,
    write_request,
)
from lethe.domain.errors import Unavailable

_ANSWER_BYTES = 32 * 1024 * 1024
"""The largest answer. A child writes anything larger into a file that it is given."""
_END_SECONDS = 10

Reason = Literal["cpu", "memory", "wall", "crash"]
_SENTENCES: dict[Reason, str] = {
    "cpu": "it takes more CPU time than a document may",
    "memory": "it takes more memory than a document may",
    "wall": "it took too long",
    "crash": "its reader crashed",
}

Args = TypeVarTuple("Args")
Result = TypeVar("Result")


class ChildKilled(Exception):
    """The child ended without an answer: it reached a limit, or its native code crashed."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(_SENTENCES[reason])
        self.reason: Reason = reason


class Children:
    """Up to `slots` children at a time (default: one per core), forked from a process that has imported `preload`.

    That process starts with the first call or with `start`, and is restarted if it dies. It ends with `close` or when
    this process ends in any way; no child outlives it. Children see the variables of `environment` and a few
    fixed ones, but none of this process's secrets.
    """

    def __init__(
        self,
        preload: Sequence[str] = (),
        *,
        slots: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._preload = tuple(preload)
        self._environment = environment or {}
        self._slots = asyncio.Semaphore(slots or os.cpu_count() or 1)
        self._server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def run(
        self,
        function: Callable[[*Args], Result],
        *args: *Args,
        cpu_seconds: float | None = None,
        memory_bytes: int | None = None,
        wall_seconds: float | None = None,
    ) -> Result:
        """Call `function(*args)` in a fresh child and return its result, waiting for a free slot first.

        The function is found by its module and name. Open binary files among the arguments are passed on and are all
        that the child can reach. The result must consist of plain values or dataclasses of them, and is checked against
        the function's return annotation. Limits: CPU seconds (rounded up), memory on top of what the child starts with
        (also the size of a file it may write), seconds from the start to the answer. Cancelling kills the child and
        returns when it is gone.

        Raises:
            ChildKilled: it reached a limit, crashed, or gave an invalid answer.
            Unavailable: there is no process to fork from; retrying starts one.
            InputRejected, OperatorError, OSError: what the function raised; of an OSError only its number, never a
                file name.
            ChildFailed: the function raised any other error. Only its type and place are passed on, so that no quoted
                document text reaches a log.
        """
        request, files = write_request((function, args))
        head = REQUEST.pack(len(request), math.ceil(cpu_seconds or 0), memory_bytes or 0)
        async with self._slots:
            call = _Call(self.start(), files)
            try:
                async with asyncio.timeout(wall_seconds):
                    answer = await call.answer(head, request)
                    if answer is None:
                        raise _why(await call.fate(), cpu_seconds, memory_bytes)
            except TimeoutError:
                raise ChildKilled("wall") from None
            finally:
                await call.end()
        try:
            told = read_answer(answer, function)
        except (ValueError, RecursionError):  # `from None`: its text may quote a document
            raise ChildKilled("crash") from None
        if isinstance(told, Failed):
            raise _raised(told)
        return told.value

    def start(self) -> socket.socket:
        """Start the process to fork from, if it does not run, and return its control socket.

        Its imports go on in the background.
        """
        if self._control is not None and self._server is not None and self._server.poll() is None:
            return self._control
        if self._control is not None:
            self._control.close()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._server = subprocess.Popen(
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "lethe.adapters.children_server",
                    str(theirs.fileno()),
                    *self._preload,
                ],
                pass_fds=[theirs.fileno()],
                env={**_environment(), **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C goes to this process, which closes it in order
            )
        self._control = ours
        return ours

    async def close(self) -> None:
        """End the fork server and every child. A later call would start it again."""
        control, server = self._control, self._server
        self._control = self._server = None
        if control is None or server is None:
            return
        control.close()
        try:
            await asyncio.to_thread(server.wait, _END_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


class _Call:
    """The caller's side of one child."""

    def __init__(self, control: socket.socket, files: Sequence[int]) -> None:
        self._work, work = socket.socketpair()
        self._fate, fate = socket.socketpair()
        self._work.setblocking(False)
        self._fate.setblocking(False)
        with work, fate:
            try:
                socket.send_fds(control, [b"!"], [work.fileno(), fate.fileno(), *files])
            except OSError as exc:
                self._close()
                raise _no_server() from exc

    async def answer(self, head: bytes, request: bytes) -> bytearray | None:
        """Send the request and wait for the answer; None when the child ends without one.

        Raises ChildKilled for one that is too large.
        """
        loop = asyncio.get_running_loop()
        with suppress(BrokenPipeError, ConnectionResetError):  # it has ended; `fate` tells how
            await loop.sock_sendall(self._work, head)
            await loop.sock_sendall(self._work, request)
            size = await _receive(self._work, ANSWER.size)
            if size is not None:
                (count,) = ANSWER.unpack(size)
                if count > _ANSWER_BYTES:
                    raise ChildKilled("crash")
                return await _receive(self._work, count)
        return None

    async def fate(self) -> tuple[int, int, float]:
        """Wait until the child is gone. Returns its exit code (negative: a signal), memory growth in bytes, and CPU
        seconds."""
        try:
            told = await _receive(self._fate, FATE.size)
        except ConnectionResetError:
            told = None
        if told is None:
            raise _no_server()
        status, grown, cpu = FATE.unpack(told)
        return os.waitstatus_to_exitcode(status), grown, cpu

    async def end(self) -> None:
        """Kill the child if it still runs, and wait until it is gone."""
        try:
            with suppress(OSError, TimeoutError, Unavailable):
                self._work.close()
                self._fate.shutdown(
                    socket.SHUT_WR
                )  # the fork server kills the child: only it knows that the process id is still the child's
                async with asyncio.timeout(_END_SECONDS):
                    await self.fate()
        finally:
            self._close()

    def _close(self) -> None:
        self._work.close()
        self._fate.close()


async def _receive(sock: socket.socket, size: int) -> bytearray | None:
    """Read `size` bytes; None if the other side closes first."""
    loop = asyncio.get_running_loop()
    data = bytearray(size)
    rest = memoryview(data)
    while rest:
        count = await loop.sock_recv_into(sock, rest)
        if count == 0:
            return None
        rest = rest[count:]
    return data


def _raised(failure: Failed) -> Exception:
    """The error that a child reports, as far as it can be trusted."""
    cause = ChildFailed(failure.told)
    if failure.number is not None:
        error: Exception = OSError(failure.number, os.strerror(failure.number))
    elif failure.kind in ERRORS:
        error = ERRORS[failure.kind](failure.sentence)
    else:
        return cause
    error.__cause__ = cause
    return error


def _why(fate: tuple[int, int, float], cpu_seconds: float | None, memory_bytes: int | None) -> ChildKilled:
    """The limit that explains how a child ended."""
    code, grown, cpu = fate
    if code == -signal.SIGXCPU or (code == -signal.SIGKILL and cpu_seconds and cpu >= cpu_seconds):
        return ChildKilled("cpu")
    # Otherwise only the kernel kills a child, when it is short of memory; native code without memory aborts or crashes.
    if code in (EXIT_NO_MEMORY, -signal.SIGKILL) or (memory_bytes and grown > memory_bytes / 4):
        return ChildKilled("memory")
    return ChildKilled("crash")


def _no_server() -> Unavailable:
    return Unavailable(
        "The process that starts child processes has ended: try again, or look at its last log lines."
    )


def _environment() -> dict[str, str]:
    """Restricts libraries to one thread instead of one per core, and malloc to few arenas: each counts as memory."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "HOME": "/nonexistent",
        "TMPDIR": tempfile.gettempdir(),
        "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path),
        "MALLOC_ARENA_MAX": "2",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "RAYON_NUM_THREADS": "1",
        "TOKIO_WORKER_THREADS": "1",
    }
