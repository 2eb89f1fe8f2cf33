"""The description of a call, apart from how it is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Generic, TypeVar

import httpx

from lethe_client._calling.files import FileToSend

T = TypeVar("T")


class NotGiven:
    """The type of NOT_GIVEN, the default of arguments for which None has a meaning of its own."""

    def __repr__(self) -> str:
        return "NOT_GIVEN"

    def __bool__(self) -> bool:
        return False


NOT_GIVEN = NotGiven()


@dataclass(frozen=True)
class Call(Generic[T]):
    """One request and how its answer is read.

    Attributes:
        changes: whether it changes something, and so takes an Idempotency-Key.
        form: the fields of a form, sent with `file`.
        into: the file to which the answer's body is written as it arrives.
        body: JSON; with `file` and no form, FileInJson.placeholder marks where the file goes.
    """

    method: str
    path: str
    read: Callable[[httpx.Response], T]
    changes: bool
    params: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    form: Mapping[str, str] | None = None
    file: FileToSend | None = None
    into: BinaryIO | None = None


def get(path: str, read: Callable[[httpx.Response], T], **params: Any) -> Call[T]:
    """A call that reads."""
    return Call("GET", path, read, changes=False, params=given(params))


def ask(path: str, read: Callable[[httpx.Response], T], body: Mapping[str, Any]) -> Call[T]:
    """A call that reads and needs a body."""
    return Call("POST", path, read, changes=False, body=given(body))


def change(
    method: str, path: str, read: Callable[[httpx.Response], T], body: Mapping[str, Any] | None = None
) -> Call[T]:
    """A call that changes something."""
    return Call(method, path, read, changes=True, body=None if body is None else given(body))


def send_file(
    path: str, read: Callable[[httpx.Response], T], file: FileToSend, form: Mapping[str, str | None]
) -> Call[T]:
    """A call that sends a file in a form."""
    fields = {name: value for name, value in form.items() if value is not None}
    return Call("POST", path, read, changes=True, form=fields, file=file)


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values except those that are NOT_GIVEN."""
    return {name: value for name, value in values.items() if value is not NOT_GIVEN}


def optional(value: T | None) -> T | NotGiven:
    """NOT_GIVEN for None; any other value as it is."""
    return NOT_GIVEN if value is None else value
