"""Request bodies: bounded in size and time, read after the caller is known, errors in FastAPI's own shape."""

import asyncio
import mmap
import re
import time
from typing import TypeVar

import msgspec
import msgspec.structs
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lethe.adapters.scratch import Scratch
from lethe.core.room import Room, Share
from lethe.domain.records import Caller, Json

JSON_BYTES = 1024 * 1024
"""Most bytes of a request that carries no document, and of all but the document in one that does."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""What some programs write before JSON in UTF-8."""

MOST_FAULTS = 10
"""So many faults of a request are told."""

_WRITTEN_BYTES = 1024 * 1024
"""A large body is written to disk in steps of this size, each in a thread."""

GRACE_SECONDS = 60.0
SLOWEST_BYTES_A_SECOND = 16 * 1024
"""A body may take the grace and its size at this speed; slower senders only hold a connection."""

_MESSAGES = dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), "Input should be an object")
"""Where pydantic speaks of Python's types."""

M = TypeVar("M", bound=BaseModel)


class BodyLimit:
    """ASGI middleware that stops reading a body that is too long or too slow, whatever its Content-Length says.

    A body that may be over JSON_BYTES waits for room in this process before it is read, with its company known.

    Args:
        limits: most bytes by a pattern for the end of the path; other paths may send JSON_BYTES.
        room: what large bodies may take at once.
    """

    def __init__(self, app: ASGIApp, limits: dict[str, int], room: Room) -> None:
        self._app = app
        self._room = room
        self._limits = {re.compile(f"{pattern}$"): most for pattern, most in limits.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what is received, and raise a 413 or 408 in the reader's place when it is too much or slow."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = str(scope["path"])
        most = next((n for pattern, n in self._limits.items() if pattern.search(path)), JSON_BYTES)
        declared = _declared(scope)
        state = scope.setdefault("state", {})
        received = 0
        complete = False
        start = time.monotonic()

        async def counted() -> Message:
            nonlocal received, complete
            if complete:  # what comes now is the client leaving, which may take as long as it likes
                return await receive()
            caller: Caller | None = state.get("caller")
            coming = min(most, declared or (received + _WRITTEN_BYTES if received else 0))
            if caller is not None and coming > JSON_BYTES:
                await share.take(caller.company_id, coming)
            end = start + GRACE_SECONDS + received / SLOWEST_BYTES_A_SECOND
            try:
                message = await asyncio.wait_for(receive(), end - time.monotonic())
            except TimeoutError as exc:
                raise HTTPException(408, "The request's body comes too slowly: send it again.") from exc
            received += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if received > most:
                raise HTTPException(413, f"The request is over the limit of {most:,} bytes.")
            return message

        with self._room.share() as share:
            state["share"] = share
            await self._app(scope, counted, send)


def let_go(request: Request) -> None:
    """The request's body is held no more, however long its answer takes."""
    share: Share = request.state.share
    share.release()


async def read_body(request: Request, scratch: Scratch) -> bytes | memoryview:
    """A request's body without a byte order mark: in memory up to JSON_BYTES, a larger one in a file that is mapped."""
    pieces: list[bytes] = []
    size = 0
    stream = request.stream()
    async for piece in stream:
        pieces.append(piece)
        size += len(piece)
        if size > JSON_BYTES:
            break
    else:
        return b"".join(pieces).removeprefix(BYTE_ORDER_MARK)
    with scratch.file() as file:
        held = size
        async for piece in stream:
            pieces.append(piece)
            held += len(piece)
            if held >= _WRITTEN_BYTES:
                await asyncio.to_thread(file.writelines, pieces)
                pieces, held = [], 0
        await asyncio.to_thread(file.writelines, pieces)
        await asyncio.to_thread(file.flush)
        # Unmapped when nothing refers to it any more: an error may still hold a view of it.
        body = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return memoryview(body)[len(BYTE_ORDER_MARK) if body[:3] == BYTE_ORDER_MARK else 0 :]


async def read_json(request: Request, model: type[M]) -> M:
    """The JSON body of a request as a record.

    Called by a route, so that a body is read only of a caller that may send one: FastAPI would read and check
    it before the token. Raises RequestValidationError.
    """
    return validated(model, decoded(await request.body()))


def decoded(text: bytes | memoryview | msgspec.Raw, location: tuple[str, ...] = ("body",)) -> Json:
    """A JSON text as a value. Raises RequestValidationError."""
    try:
        if isinstance(text, bytes):
            text = text.removeprefix(BYTE_ORDER_MARK)
        return msgspec.json.decode(text)
    except RecursionError as exc:
        raise invalid("json_invalid", location, "The JSON is nested too deep.") from exc
    except UnicodeDecodeError as exc:
        raise invalid("json_invalid", location, "The JSON is not valid UTF-8.") from exc
    except msgspec.MsgspecError as exc:
        raise invalid("json_invalid", location, f"The JSON is not valid: {exc}.") from exc


def raw_fields(found: msgspec.Struct, *, document: str) -> dict[str, msgspec.Raw]:
    """The fields that an object has, still encoded. All but `document` may have JSON_BYTES together (413)."""
    raw = {name: value for name, value in msgspec.structs.asdict(found).items() if value is not msgspec.UNSET}
    if sum(len(memoryview(value)) for name, value in raw.items() if name != document) > JSON_BYTES:
        raise HTTPException(
            413, f"The fields other than the document exceed the limit of {JSON_BYTES:,} bytes."
        )
    return raw


def validated(model: type[M], value: Json) -> M:
    """A JSON value as a record. Raises RequestValidationError."""
    try:
        return model.model_validate(value)
    except ValidationError as exc:
        # Few: each list has a bound, and says no more than that it is over it, or what its first fault is.
        errors = exc.errors(include_input=False, include_context=False, include_url=False)
        told = [
            {**e, "msg": _MESSAGES.get(e["type"], e["msg"]), "loc": ("body", *e["loc"])}
            for e in errors[:MOST_FAULTS]
        ]
        if more := len(errors) - len(told):
            told.append(
                {"type": "too_many_errors", "loc": ("body",), "msg": f"There are {more} more faults."}
            )
        raise RequestValidationError(told) from exc


def _declared(scope: Scope) -> int:
    """The body's length as its head tells; 0 when it does not."""
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return int(length) if length.isdigit() else 0


def invalid(type_: str, location: tuple[str, ...], message: str) -> RequestValidationError:
    """A validation error with one entry."""
    return RequestValidationError([{"type": type_, "loc": location, "msg": message}])
