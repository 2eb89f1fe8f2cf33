"""Request bodies, read after authentication: without a valid token, callers learn nothing about errors in a body."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any, TypeVar

import msgspec
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from msgspec import UNSET, Raw, UnsetType
from pydantic import BaseModel

from lethe.api.request.auth import context
from lethe.api.request.bodies import JSON_BYTES, decoded, invalid, raw_fields, read_body, validated
from lethe.api.request.values import NAME_CHARACTERS

M = TypeVar("M", bound=BaseModel)

_TEXT_FIELD = "markdown"
"""The field that holds a document; all others together may have JSON_BYTES."""
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)


def json_of(model: type[M]) -> Callable[[Request], Awaitable[M]]:
    """A dependency that reads the body as this model. In a route's arguments it must follow the caller.

    A missing body counts as an empty object. Raises RequestValidationError if the body does not fit the model or has
    unknown fields.
    """

    async def read(request: Request) -> M:
        body = await read_body(request, context(request).scratch) or b"{}"
        if len(body) <= JSON_BYTES:
            return validated(model, _fields(model, body))
        # Not in the event loop: a document may have 100 MB.
        return await asyncio.to_thread(lambda: validated(model, _fields(model, body)))

    return read


@cache
def _struct(model: type[BaseModel]) -> type[msgspec.Struct]:
    """The model's fields, left encoded. Decoding stops at the first unknown field."""
    fields = [(name, Raw | UnsetType, UNSET) for name in model.model_fields]
    return msgspec.defstruct(model.__name__, fields, forbid_unknown_fields=True)


def _fields(model: type[BaseModel], body: bytes | memoryview) -> dict[str, Any]:
    """The known fields of a JSON object. Raises RequestValidationError."""
    try:
        found = msgspec.json.decode(body, type=_struct(model))
    except msgspec.ValidationError as exc:
        if unknown := _UNKNOWN.match(str(exc)):
            raise _invalid("unknown field", unknown[1][:NAME_CHARACTERS]) from exc
        raise _invalid("Input should be an object") from exc
    except RecursionError as exc:
        raise _invalid("must not be nested too deeply") from exc
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise _invalid("must be valid JSON in UTF-8") from exc
    raw = raw_fields(found, document=_TEXT_FIELD)
    return {name: _value(name, value) for name, value in raw.items()}


def _value(name: str, raw: Raw) -> Any:
    if name != _TEXT_FIELD:
        return decoded(raw, ("body", name))
    try:
        return msgspec.json.decode(raw, type=str)
    except msgspec.ValidationError:
        raise _invalid("Input should be a valid string", name) from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise _invalid("must be valid JSON in UTF-8", name) from exc


def _invalid(message: str, *field: str) -> RequestValidationError:
    """An error in the body or in one of its fields."""
    return invalid("value_error", ("body", *field), message)
