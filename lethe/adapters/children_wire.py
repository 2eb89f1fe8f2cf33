"""The protocol between a caller, the fork server and a child, in bytes.

A request is pickled: the caller is trusted, and the child reads it before it looks at a document. An answer is not
trusted: a compromised parser may have written it. It is MessagePack, which holds only plain values, checked against the
function's return annotation.
"""

import functools
import io
import pickle
import socket
import struct
from collections.abc import Callable, Sequence
from typing import Annotated, Any, BinaryIO, Generic, TypeVar, cast, get_type_hints

import msgspec

from lethe.domain.errors import InputRejected, LetheError, OperatorError

REQUEST = struct.Struct("!QIQ")
"""Before a request: its size in bytes, CPU seconds and bytes of memory it may use (0: no limit)."""
ANSWER = struct.Struct("!Q")
"""Before an answer: its size in bytes."""
FATE = struct.Struct("!iQd")
"""How a child ended: its wait status, bytes of memory it grew by, CPU seconds it used."""

EXIT_NO_MEMORY = 77
"""Exit code of a child whose Python ran out of memory, when no more can be reported."""


MOST_FILES = 72
"""The most open files among the arguments of one call."""

LONGEST_TOLD = 100_000
LONGEST_SENTENCE = 10_000
"""The longest error text; a longer one makes the answer invalid."""

ERRORS: dict[str, type[LetheError]] = {each.__name__: each for each in (InputRejected, OperatorError)}
"""Lethe's own errors that a child may report, with their message."""

Result = TypeVar("Result")


class Returned(msgspec.Struct, Generic[Result], tag="returned"):
    """What the function returned."""

    value: Result


class Failed(msgspec.Struct, tag="failed"):
    """What the function raised: a text that may be logged, plus name and message for an error in `ERRORS`, or the
    number of a system error.
    """

    told: Annotated[str, msgspec.Meta(max_length=LONGEST_TOLD)]
    kind: str | None = None
    sentence: Annotated[str, msgspec.Meta(max_length=LONGEST_SENTENCE)] = ""
    number: Annotated[int, msgspec.Meta(ge=0, le=4095)] | None = None


class ChildFailed(Exception):
    """The function called in a child failed. The message is safe to log, see domain/faults.py."""


def receive_exactly(sock: socket.socket, size: int) -> bytearray:
    """Read `size` bytes from a blocking socket, or raise EOFError."""
    data = bytearray(size)
    view = memoryview(data)
    while view:
        count = sock.recv_into(view)
        if count == 0:
            raise EOFError
        view = view[count:]
    return data


def send_frame(sock: socket.socket, data: bytes) -> None:
    """Send an answer, preceded by its size, on a blocking socket."""
    sock.sendall(ANSWER.pack(len(data)))
    sock.sendall(data)


def write_request(call: tuple[Any, ...]) -> tuple[bytes, list[int]]:
    """The call in bytes, and the descriptors of the open files among its arguments."""
    data = io.BytesIO()
    pickler = _Pickler(data)
    pickler.dump(call)
    return data.getvalue(), pickler.fds


def read_request(data: bytes | bytearray, fds: Sequence[int]) -> tuple[Any, list[BinaryIO]]:
    """The call, and the files among its arguments."""
    unpickler = _Unpickler(io.BytesIO(data), fds)
    return unpickler.load(), unpickler.files


def read_answer(data: bytearray, function: Callable[..., Result]) -> Returned[Result] | Failed:
    """Decode an answer of the function. Raises ValueError or RecursionError for anything else."""
    return cast("Returned[Result] | Failed", _decoder(function).decode(data))


@functools.lru_cache
def _decoder(function: Callable[..., Any]) -> msgspec.msgpack.Decoder[Any]:
    kind = get_type_hints(function).get("return", Any)
    return msgspec.msgpack.Decoder(Returned[kind] | Failed)  # type: ignore[valid-type]


class _Pickler(pickle.Pickler):
    def __init__(self, data: io.BytesIO) -> None:
        super().__init__(data, protocol=pickle.HIGHEST_PROTOCOL)
        self.fds: list[int] = []

    def persistent_id(self, value: Any) -> tuple[int, str] | None:
        if not isinstance(value, io.BufferedReader | io.BufferedWriter):
            return None
        self.fds.append(value.fileno())
        return len(self.fds) - 1, value.mode


class _Unpickler(pickle.Unpickler):
    def __init__(self, data: io.BytesIO, fds: Sequence[int]) -> None:
        super().__init__(data)
        self._fds = fds
        self.files: list[BinaryIO] = []

    def persistent_load(self, id: Any) -> BinaryIO:
        place, mode = id
        file = cast("BinaryIO", open(self._fds[place], mode))  # noqa: SIM115 closed by the caller
        self.files.append(file)
        return file
