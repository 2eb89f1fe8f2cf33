"""What commands print."""

import orjson


def line(text: str) -> None:
    """One line for people."""
    print(text, flush=True)  # noqa: T201


def as_json(value: object) -> None:
    """JSON for programs."""
    line(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
