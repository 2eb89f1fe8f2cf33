"""Request bodies: bounded in size and time, read after authentication, with errors in FastAPI's own shape."""

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
from lethe.domain.json import Json
from lethe.domain.records.access import Caller

JSON_BYTES = 1024 * 1024
"""Maximum size of a request without a document, and of everything else in a request with one."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Some programs write it before JSON in UTF-8."""

MOST_FAULTS = 10
"""How many faults of a request are reported."""

_WRITTEN_BYTES = 1024 * 1024
"""A large body is written to disk in pieces of this size, each in a thread."""

GRACE_SECONDS = 60.0
SLOWEST_BYTES_A_SECOND = 16 * 1024
"""A body may take GRACE_SECONDS plus its size at this speed. Slower senders only occupy a connection."""

_MESSAGES = dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), "Input should be an object")
"""Replacements for pydantic messages that name Python types."""

M = TypeVar("M", bound=BaseModel)


class BodyLimit:
    """ASGI middleware that stops reading a body that is too long or too slow, whatever its Content-Length says.

    Once the caller is known, a body that may exceed JSON_BYTES waits for room in this process before it is read.

    Args:
        limits: maximum bytes by a pattern for the end of the path; JSON_BYTES for all other paths.
        room: the memory and disk that large bodies may take together.
    """

    def __init__(self, app: ASGIApp, limits: dict[str, int], room: Room) -> None:
        self._app = app
        self._room = room
        self._limits = {re.compile(f"{pattern}$"): most for pattern, most in limits.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count received bytes; the read raises a 413 or 408 once the body is too long or too slow."""
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
            if complete:  # only the disconnect is still to come, at any time
                return await receive()
            caller: Caller | None = state.get("caller")
            coming = min(most, declared or (received + _WRITTEN_BYTES if received else 0))
            if caller is not None and coming > JSON_BYTES:
                await share.take(caller.company_id, coming)
            end = start + GRACE_SECONDS + received / SLOWEST_BYTES_A_SECOND
            try:
                message = await asyncio.wait_for(receive(), end - time.monotonic())
            except TimeoutError as exc:
                raise HTTPException(408, "The request body arrives too slowly: send it again.") from exc
            received += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if received > most:
                raise HTTPException(413, f"The request exceeds the limit of {most:,} bytes.")
            return message

        with self._room.share() as share:
            state["share"] = share
            await self._app(scope, counted, send)


def let_go(request: Request) -> None:
    """Release the room that the request's body took, however long the answer still takes."""
    share: Share = request.state.share
    share.release()


async def read_body(request: Request, scratch: Scratch) -> bytes | memoryview:
    """The request body without a byte order mark: in memory up to JSON_BYTES, otherwise as a mapped file."""
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
        # Unmapped once nothing refers to it: an error may still hold a view.
        body = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return memoryview(body)[len(BYTE_ORDER_MARK) if body[:3] == BYTE_ORDER_MARK else 0 :]


async def read_json(request: Request, model: type[M]) -> M:
    """The JSON body of a request as a record. Raises RequestValidationError.

    Routes call it themselves: FastAPI would read and validate the body before it checks the token.
    """
    return validated(model, decoded(await request.body()))


def decoded(text: bytes | memoryview | msgspec.Raw, location: tuple[str, ...] = ("body",)) -> Json:
    """A JSON text as a value. Raises RequestValidationError."""
    try:
        if isinstance(text, bytes):
            text = text.removeprefix(BYTE_ORDER_MARK)
        return msgspec.json.decode(text)
    except RecursionError as exc:
        raise invalid("json_invalid", location, "The JSON is nested too deeply.") from exc
    except UnicodeDecodeError as exc:
        raise invalid("json_invalid", location, "The JSON is not valid UTF-8.") from exc
    except msgspec.MsgspecError as exc:
        raise invalid("json_invalid", location, f"The JSON is not valid: {exc}.") from exc


def raw_fields(found: msgspec.Struct, *, document: str) -> dict[str, msgspec.Raw]:
    """An object's fields, still encoded. Raises a 413 when those other than `document` exceed JSON_BYTES together."""
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
        # Few: a bounded list reports only its excess length or its first fault.
        errors = exc.errors(include_input=False, include_context=False, include_url=False)
        shown = [
            {**e, "msg": _MESSAGES.get(e["type"], e["msg"]), "loc": ("body", *e["loc"])}
            for e in errors[:MOST_FAULTS]
        ]
        if more := len(errors) - len(shown):
            shown.append(
                {"type": "too_many_errors", "loc": ("body",), "msg": f"There are {more} more faults."}
            )
        raise RequestValidationError(shown) from exc


def _declared(scope: Scope) -> int:
    """The Content-Length; 0 without one."""
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return int(length) if length.isdigit() else 0


def invalid(type_: str, location: tuple[str | int, ...], message: str) -> RequestValidationError:
    """A validation error with one entry."""
    return RequestValidationError([{"type": type_, "loc": location, "msg": message}])
