"""Processes by who started them, as the kernel lists them: psutil reads of all processes of the machine for that."""

from contextlib import suppress
from pathlib import Path

import psutil


def children(process: psutil.Process) -> list[psutil.Process]:
    """Those that its threads have started and that are there still (man 5 proc)."""
    found: list[psutil.Process] = []
    for started in Path(f"/proc/{process.pid}/task").glob("*/children"):
        with suppress(OSError):  # the thread, or all of it, has ended
            for pid in started.read_text().split():
                with suppress(psutil.NoSuchProcess):
                    found.append(psutil.Process(int(pid)))
    return found


def family(process: psutil.Process) -> list[psutil.Process]:
    """It and all below it."""
    found = [process]
    for each in found:  # grows meanwhile
        found += children(each)
    return found
