"""What may be logged about an error. Messages of libraries quote their input, which may be a document.

`int("secret")` says "invalid literal ... 'secret'", and PostgreSQL shows a row's values in its DETAIL. So only an
error's type and traceback are logged, plus messages that cannot contain a document's text: Lethe's own, and the
operating system's text for an error number. InputRejected is excluded, as it may quote a parser; the caller sees it.
"""

import os
import traceback
from textwrap import indent

from lethe.domain.errors import InputRejected


def describe(error: BaseException) -> str:
    """The type and traceback of an error, preceded by those of its causes."""
    return "\nThen:\n".join(_describe_alone(each) for each in _oldest_first(error))


def redacted_os_error(error: BaseException) -> OSError | None:
    """The error with only its number and the system's text for it, without the file; None unless it is an OSError."""
    if isinstance(error, OSError) and type(error).__module__ == "builtins" and isinstance(error.errno, int):
        return OSError(error.errno, os.strerror(error.errno))
    return None


def _oldest_first(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and not any(at is each for each in chain):
        chain.append(at)
        at = _origin(at)
    return chain[::-1]


def _origin(error: BaseException) -> BaseException | None:
    """The error that a traceback would show before this one."""
    if error.__cause__ is not None or error.__suppress_context__:
        return error.__cause__
    return error.__context__


def _describe_alone(error: BaseException) -> str:
    frames = ["Traceback (most recent call last):\n", *traceback.format_tb(error.__traceback__)]
    told = "".join(frames) + _name(type(error)) + _message(error)
    if isinstance(error, BaseExceptionGroup):
        told += "".join("\n" + indent(describe(each), "    ") for each in error.exceptions)
    return told


def _name(kind: type[BaseException]) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _message(error: BaseException) -> str:
    if system := redacted_os_error(error):
        return f": {system}"
    is_ours = type(error).__module__.partition(".")[0] == "lethe"
    return f": {error}" if is_ours and not isinstance(error, InputRejected) else ""
