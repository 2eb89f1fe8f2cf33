"""The memory of a server's processes, watched while something is done to it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

from tests.server import Server

_SECONDS = 0.05


@dataclass
class Peaks:
    """The most resident memory of each process, in bytes, by what it is and its number."""

    seen: dict[tuple[str, int], int] = field(default_factory=dict)

    def of(self, kind: str) -> int:
        """The most that one process of this kind had; 0 when none ran."""
        return max((most for (what, _pid), most in self.seen.items() if what == kind), default=0)

    def look(self, server: Server) -> None:
        """Note what each process has now."""
        command = psutil.Process(server.pid)
        for process in [command, *command.children(recursive=True), server.postmaster()]:
            try:
                key = (_kind(process, command), process.pid)
                self.seen[key] = max(self.seen.get(key, 0), process.memory_info().rss)
            except psutil.NoSuchProcess:
                continue


@contextmanager
def watched(server: Server) -> Iterator[Peaks]:
    """Look at all of the server's processes every 50 ms until the block ends."""
    peaks = Peaks()
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(_SECONDS):
            peaks.look(server)

    thread = threading.Thread(target=watch)
    peaks.look(server)
    thread.start()
    try:
        yield peaks
    finally:
        ended.set()
        thread.join()


def _kind(process: psutil.Process, command: psutil.Process) -> str:
    if process == command:
        return "server"
    line = " ".join(process.cmdline())
    for kind in ("worker", "children_server", "postgres"):
        if kind in line:
            return kind
    return "other"
