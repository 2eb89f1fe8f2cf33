"""Waiting for something that becomes true by itself."""

import time
from collections.abc import Callable

_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.02, 0.2
PATIENCE_SECONDS = 180
"""What takes seconds takes ten times that where others use the same machine. Only a test that fails waits so long."""


def until(condition: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Return as soon as `condition` holds; fail when it does not within `seconds`.

    It is asked often at first and then each tenth of the time that has passed: what is waited for needs the processor
    more than the asking does. Wait only for what stays true: a moment between two questions is missed.
    """
    start = time.monotonic()
    while not condition():
        waited = time.monotonic() - start
        if waited > seconds:
            raise AssertionError(f"not true within {seconds:g} s")
        time.sleep(min(max(waited / 10, _SHORTEST_PAUSE), _LONGEST_PAUSE))
