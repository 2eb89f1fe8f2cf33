"""Waiting for something that becomes true by itself."""

import time
from collections.abc import Callable


def until(condition: Callable[[], object], seconds: float = 30) -> None:
    """Return as soon as `condition` holds; fail when it does not within `seconds`.

    It is asked often at first and then each tenth of the time that has passed, up to five times a second: what is
    waited for needs the processor more than the asking does.
    """
    start = time.monotonic()
    while not condition():
        waited = time.monotonic() - start
        if waited > seconds:
            raise AssertionError(f"not true within {seconds:g} s")
        time.sleep(min(max(waited / 10, 0.02), 0.2))
