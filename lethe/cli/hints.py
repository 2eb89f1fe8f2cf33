"""Adds to a message of the core the command that helps an operator; the API shows the message alone."""

from collections.abc import Iterator
from contextlib import contextmanager

from lethe.domain.errors import NotFound


@contextmanager
def listed_by(command: str, *, missing: str) -> Iterator[None]:
    """Add to a NotFound with the message `missing` the command that lists what there is."""
    try:
        yield
    except NotFound as exc:
        if str(exc) != missing:
            raise
        raise NotFound(f"{missing.removesuffix('.')}: see '{command}'.") from exc
