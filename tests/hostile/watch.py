"""The memory of a server's processes, watched while something is done to it."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.processes import family
from tests.server import Server

_SECONDS = 0.2
"""Between two looks at who is there. What a process had at most in between is the kernel's to tell."""


@dataclass
class Peaks:
    """The most resident memory of each process, in bytes, by what it is and its number."""

    seen: dict[tuple[str, int], int] = field(default_factory=dict)

    def of(self, kind: str) -> int:
        """The most that one process of this kind had; 0 when none ran."""
        return max((most for (what, _pid), most in self.seen.items() if what == kind), default=0)

    def begin(self, server: Server) -> None:
        """Let what each process had before not count."""
        for process in _processes(server):
            with suppress(OSError):
                Path(f"/proc/{process.pid}/clear_refs").write_text("5")  # man 5 proc: resets the peak

    def look(self, server: Server) -> None:
        """Note what each process has had at most until now."""
        processes = _processes(server)
        for process in processes:
            try:
                key = (_kind(process, processes[0]), process.pid)
                self.seen[key] = max(self.seen.get(key, 0), _peak(process))
            except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
                continue


@contextmanager
def watched(server: Server) -> Iterator[Peaks]:
    """Look at all of the server's processes five times a second until the block ends."""
    peaks = Peaks()
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(_SECONDS):
            peaks.look(server)

    thread = threading.Thread(target=watch)
    peaks.begin(server)
    thread.start()
    try:
        yield peaks
        peaks.look(server)
    finally:
        ended.set()
        thread.join()


def _processes(server: Server) -> list[psutil.Process]:
    """The command and all that it has started."""
    return [*family(psutil.Process(server.pid)), server.postmaster()]


def _peak(process: psutil.Process) -> int:
    """Bytes; 0 for a process that has ended and was not waited for."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    peak = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(peak[1]) * 1024 if peak else 0


def _kind(process: psutil.Process, command: psutil.Process) -> str:
    if process == command:
        return "server"
    line = " ".join(process.cmdline())
    for kind in ("worker", "children_server", "postgres"):
        if kind in line:
            return kind
    return "other"
