"""Loading modules, without a search for garbage among what they define."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Python's collector rests during the block, and never again looks through what the block has made.

    Otherwise it takes a fifth of a start: modules only ever grow, and each time that they have, it reads all of them.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
