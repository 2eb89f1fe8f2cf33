"""What commands share: settings as flags, printing results, hints for the operator."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import orjson
from cyclopts import Parameter

from lethe.domain.errors import NotFound
from lethe.settings import Settings

Flags = Annotated[Settings, Parameter(name="*")]
"""The settings as flags: `--data-dir` is LETHE_DATA_DIR, and takes precedence over it."""
Flag = Annotated[bool, Parameter(negative="")]
"""A flag without a value or a `--no-` form, such as `--json`."""


def line(text: str) -> None:
    """Print a line for people."""
    print(text, flush=True)  # noqa: T201


def error_line(text: str) -> None:
    """Print a line for people on standard error, apart from the results."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def as_json(value: object) -> None:
    """Print JSON for programs."""
    line(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


@contextmanager
def listed_by(command: str, *, missing: str) -> Iterator[None]:
    """Add the command that lists what exists to a NotFound with the message `missing`."""
    try:
        yield
    except NotFound as exc:
        if str(exc) != missing:
            raise
        raise NotFound(f"{missing.removesuffix('.')}: see '{command}'.") from exc
