"""Reports on standard error that the client waits before a retry, so that a command does not seem to hang."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from lethe.cli import terminal

_WORTH_TELLING = 1.0
"""Seconds. Shorter waits are not reported."""

_log = logging.getLogger("lethe_client")


@contextmanager
def shown() -> Iterator[None]:
    """Print the client's waits while the block runs."""
    handler, level = _Waits(), _log.level
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    try:
        yield
    finally:
        _log.removeHandler(handler)
        _log.setLevel(level)


class _Waits(logging.Handler):
    """Prints one line for all requests that wait until about the same time."""

    def __init__(self) -> None:
        super().__init__()
        self._told_until = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        """Print the record, unless the wait is short or was reported already."""
        seconds = float(getattr(record, "seconds", 0))
        until = time.monotonic() + seconds
        if seconds >= _WORTH_TELLING and until > self._told_until + _WORTH_TELLING:
            self._told_until = until
            terminal.error_line(f"lethe: {record.getMessage()}")
