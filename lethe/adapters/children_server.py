"""The process from which children are forked, started by `children.py` and nothing else.

It has imported the heavy modules and does no work itself, so that a child costs only a fork and shares their memory. It
holds one control socket, on which each call arrives as two sockets:

    work     to the child: limits and pickled request in, answer out
    fate     to this process: closed by the caller when the child is to die; gets its exit status

followed by the files that are open to the child.

`multiprocessing`'s own fork server would run the caller's main script again in each child (which imports
all of Lethe), and keeps one server for the whole process that cannot be stopped.
"""

import ctypes
import gc
import importlib
import os
import re
import resource
import selectors
import signal
import socket
import sys
from contextlib import suppress
from typing import Any, BinaryIO, NoReturn

import msgspec

from lethe.adapters.children_bars import BarsToCome
from lethe.adapters.children_wire import (
    ERRORS,
    EXIT_NO_MEMORY,
    FATE,
    LONGEST_SENTENCE,
    LONGEST_TOLD,
    MOST_FILES,
    REQUEST,
    Failed,
    Returned,
    read_request,
    receive_exactly,
    send_frame,
)
from lethe.domain.faults import describe, redacted_os_error

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_MADV_COLLAPSE = 25
_LARGE_PAGE = 2 * 1024 * 1024
_ANONYMOUS = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p 00000000 00:00 0 *(?:\[heap\])?$")
_NICENESS = 5
"""Children give way to the processes that answer requests."""


def main() -> None:
    """`python -m lethe.adapters.children_server FD MODULE...`: serve the control socket FD until it closes."""
    control = socket.socket(fileno=int(sys.argv[1]))
    gc.disable()  # until all is loaded, hardly anything is garbage
    for name in sys.argv[2:]:
        importlib.import_module(name)
    bars = BarsToCome()
    os.nice(_NICENESS)
    gc.collect()
    gc.enable()
    gc.freeze()  # otherwise each child's collector would write to every shared page
    _gather_into_large_pages()
    _ForkServer(control, bars).serve()


def _gather_into_large_pages() -> None:
    """Let the kernel move this process's memory into 2 MB pages, whose table a fork copies faster: an idle child takes
    half to two thirds of the time. Does nothing before Linux 6.1.

    Source: man 2 madvise, MADV_COLLAPSE.
    """
    with open("/proc/self/maps", encoding="ascii", errors="replace") as maps:
        found = [_ANONYMOUS.match(line) for line in maps]
    for first, last in ((int(area[1], 16), int(area[2], 16)) for area in found if area):
        start, stop = -(-first // _LARGE_PAGE) * _LARGE_PAGE, last // _LARGE_PAGE * _LARGE_PAGE
        if start < stop:
            _LIBC.madvise(ctypes.c_void_p(start), ctypes.c_size_t(stop - start), _MADV_COLLAPSE)


class _ForkServer:
    def __init__(self, control: socket.socket, bars: BarsToCome) -> None:
        self.control = control
        self.bars = bars
        self.selector = selectors.DefaultSelector()
        self.fates: dict[int, socket.socket] = {}
        self.wake_up, wake = socket.socketpair()
        for each in (self.wake_up, wake):
            each.setblocking(False)
        self.wake = wake
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake.fileno())

    def serve(self) -> None:
        self.selector.register(self.control, selectors.EVENT_READ, self.accept)
        self.selector.register(self.wake_up, selectors.EVENT_READ, self.reap)
        while self.control.fileno() >= 0:
            for key, _ in self.selector.select():
                key.data()
        for pid in self.fates:
            os.kill(pid, signal.SIGKILL)
        for pid in self.fates:
            os.waitpid(pid, 0)

    def accept(self) -> None:
        """Fork a child for an arriving call, or exit when the caller is gone."""
        message, fds, _, _ = socket.recv_fds(self.control, 1, 2 + MOST_FILES)
        if not message:
            self.selector.unregister(self.control)
            self.control.close()
            return
        work, fate = (socket.socket(fileno=fd) for fd in fds[:2])
        files = fds[2:]
        server = os.getpid()
        pid = os.fork()
        if pid == 0:
            self.become_child(work, files, server)
        work.close()
        for fd in files:
            os.close(fd)
        self.fates[pid] = fate
        self.selector.register(fate, selectors.EVENT_READ, lambda: self.end(pid, fate))

    def end(self, pid: int, fate: socket.socket) -> None:
        """Kill a child whose caller no longer wants it, unless it was reaped in this round."""
        if self.fates.get(pid) is not fate:
            return
        self.selector.unregister(fate)
        os.kill(pid, signal.SIGKILL)  # it has not been reaped, so the number is still its own

    def reap(self) -> None:
        """Report to the callers how their children ended."""
        self.wake_up.recv(4096)
        _, resident, shared = _pages()
        inherited = (resident - shared) * resource.getpagesize()  # a fork copies no pages of files
        while self.fates:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if pid == 0:
                return
            fate = self.fates.pop(pid)
            if fate in self.selector.get_map():
                self.selector.unregister(fate)
            grown = max(0, usage.ru_maxrss * 1024 - inherited)
            with suppress(OSError):  # the caller is gone
                fate.send(FATE.pack(status, grown, usage.ru_utime + usage.ru_stime))
            fate.close()

    def become_child(self, work: socket.socket, files: list[int], server: int) -> NoReturn:
        """In the fork: close what belongs to the server, do the work, exit."""
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != server:
            os._exit(1)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.selector.close()
        for each in (self.control, self.wake_up, self.wake, *self.fates.values()):
            each.close()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):  # a parser's output may be document text, and endless
            os.dup2(nowhere, stream)
        try:
            _work(work, files, self.bars)
        except MemoryError:
            os._exit(EXIT_NO_MEMORY)
        except BaseException:  # noqa: BLE001 the edge of the process: the caller is gone or the answer is lost
            os._exit(1)
        os._exit(0)


def _work(work: socket.socket, fds: list[int], bars: BarsToCome) -> None:
    size, cpu_seconds, memory_bytes = REQUEST.unpack(receive_exactly(work, REQUEST.size))
    (function, args), files = read_request(receive_exactly(work, size), fds)
    _limit(cpu_seconds, memory_bytes)
    bars.close(file.fileno() for file in files if file.readable())
    try:
        answer = msgspec.msgpack.encode(Returned(_result(function, args, files)))
    except MemoryError:
        raise
    except BaseException as exc:  # noqa: BLE001 the edge of the process; a Rust panic is a BaseException
        answer = msgspec.msgpack.encode(_failed(exc))
    send_frame(work, answer)


def _result(function: Any, args: Any, files: list[BinaryIO]) -> Any:
    result = function(*args)
    for file in files:
        file.close()  # which may fail: the disk is full
    return result


def _limit(cpu_seconds: int, memory_bytes: int) -> None:
    """Set the limits of this process; 0 means no limit."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if cpu_seconds:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    if memory_bytes:
        present = _pages()[0] * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (present + memory_bytes, present + memory_bytes))
        resource.setrlimit(resource.RLIMIT_FSIZE, (memory_bytes, memory_bytes))
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:
        score.write("800")  # if the machine runs out of memory, a child is killed first


def _pages() -> tuple[int, int, int]:
    """Memory pages of this process: address space, resident, and those of the resident pages shared with files."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        size, resident, shared, *_ = map(int, statm.read().split())
    return size, resident, shared


def _failed(error: BaseException) -> Failed:
    """What may be reported of an error: the message of Lethe's own errors, the number of a system error.

    Of any other error only its type and place: its message may quote the document and must not leave this process.
    """
    told = describe(error)[:LONGEST_TOLD]
    if system := redacted_os_error(error):
        return Failed(told, number=system.errno)
    if ERRORS.get(type(error).__name__) is type(error):
        return Failed(told, kind=type(error).__name__, sentence=str(error)[:LONGEST_SENTENCE])
    return Failed(told)


if __name__ == "__main__":
    main()
