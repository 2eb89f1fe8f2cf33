"""Where an operator finds what a sentence of the core says is missing; the API tells the sentence alone."""

from collections.abc import Iterator
from contextlib import contextmanager

from lethe.domain.errors import NotFound


@contextmanager
def listed_by(command: str, *, missing: str) -> Iterator[None]:
    """Add to the NotFound that says `missing` the command that shows what there is."""
    try:
        yield
    except NotFound as exc:
        if str(exc) != missing:
            raise
        raise NotFound(f"{missing.removesuffix('.')}: see '{command}'.") from exc
