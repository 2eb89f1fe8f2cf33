"""Named points in the write paths at which a test can kill or stop the process, to see what a crash there leaves.

In production no point is armed, and passing one costs a comparison. Only a process started with LETHE_TEST_CHECKPOINTS
looks into that directory, where a test arms a point by creating a file.
"""

import fcntl
import os
import signal
import threading
from contextlib import suppress
from pathlib import Path

_directory: Path | None = None

REACHED = ".reached"
"""The suffix of a point's file once a process has reached it; the file then holds the process's id."""


def look_for_armed_points(directory: Path | None) -> None:
    """Set the directory in which this process looks for armed points; None disables this, as in production."""
    global _directory  # noqa: PLW0603 set once, at start, so that it need not be passed to every point
    _directory = directory


def checkpoint(name: str) -> None:
    """Mark a point at which a crash matters. Does nothing unless a test has armed it."""
    if _directory is not None:
        _pass(_directory / name)


def arm(directory: Path, name: str, action: signal.Signals, *, passes: int = 1) -> Path:
    """Make the process that passes the point for the `passes`-th time send itself SIGKILL or SIGSTOP there, once.

    Returns:
        The file that appears when this has happened.
    """
    reached = directory / (name + REACHED)
    reached.unlink(missing_ok=True)
    unseen = directory / f".{name}"
    unseen.write_text(f"{int(action)} {passes}")
    unseen.rename(directory / name)
    return reached


def disarm(directory: Path, name: str) -> None:
    """Disarm the point. If a process was struck there before, its file remains."""
    armed = directory / name
    with suppress(FileNotFoundError), armed.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate()  # for a process that has already opened it
        armed.unlink(missing_ok=True)


def _pass(armed: Path) -> None:
    try:
        file = armed.open("r+")
    except FileNotFoundError:
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        words = file.read().split()
        if len(words) != 2:
            return  # another process was first
        action, passes = map(int, words)
        file.seek(0)
        file.truncate()
        if passes > 1:
            file.write(f"{action} {passes - 1}")
            return
        armed.with_name(armed.name + REACHED).write_text(str(os.getpid()))
        armed.unlink(missing_ok=True)
    # To this thread, so that it does not proceed before the signal takes effect.
    signal.pthread_kill(threading.get_ident(), action)
