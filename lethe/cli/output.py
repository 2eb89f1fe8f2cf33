"""Printing the results of commands."""

import orjson


def line(text: str) -> None:
    """Print a line for people."""
    print(text, flush=True)  # noqa: T201


def as_json(value: object) -> None:
    """Print JSON for programs."""
    line(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
