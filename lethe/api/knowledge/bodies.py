"""Request bodies, read after the caller is known: without a valid token nobody learns what is wrong with one."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from msgspec import UNSET, Raw, UnsetType
from pydantic import BaseModel
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from lethe.adapters.scratch import Scratch
from lethe.api.auth import context
from lethe.api.bodies import JSON_BYTES, decoded, let_go, read_body, validated
from lethe.api.forms import read_form

M = TypeVar("M", bound=BaseModel)

_FORM_FIELDS = {"file", "title", "parent_id", "metadata"}
_FIELD_BYTES = 64 * 1024
_TEXT_FIELD = "markdown"
"""The field that holds a document; all others together have JSON_BYTES."""
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_NAME_CHARACTERS = 100
"""So much of an unknown field's name is told."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a form, on disk as long as the form is read, and its other fields that are not empty."""

    path: Path
    file_name: str
    fields: dict[str, str]


def json_of(model: type[M]) -> Callable[[Request], Awaitable[M]]:
    """A dependency that reads the body as this model; it goes behind the caller in a route's arguments.

    No body at all is an empty object. Raises RequestValidationError when the body is of another shape, or has a field
    that the model does not know.
    """

    async def read(request: Request) -> M:
        body = await read_body(request, context(request).scratch) or b"{}"
        if len(body) <= JSON_BYTES:
            return validated(model, _fields(model, body))
        # A document may have 100 MB: not in the event loop.
        return await asyncio.to_thread(lambda: validated(model, _fields(model, body)))

    return read


@cache
def _struct(model: type[BaseModel]) -> type[msgspec.Struct]:
    """The model's fields, each left as it is: what is behind an unknown one is not even looked at."""
    fields = [(name, Raw | UnsetType, UNSET) for name in model.model_fields]
    return msgspec.defstruct(model.__name__, fields, forbid_unknown_fields=True)


def _fields(model: type[BaseModel], body: bytes | memoryview) -> dict[str, Any]:
    """The known fields of a JSON object. Raises RequestValidationError."""
    try:
        found = msgspec.json.decode(body, type=_struct(model))
    except msgspec.ValidationError as exc:
        if unknown := _UNKNOWN.match(str(exc)):
            raise invalid(unknown[1][:_NAME_CHARACTERS], "is no field of this call") from exc
        raise RequestValidationError(
            [{"type": "model_type", "loc": ("body",), "msg": "Input should be an object"}]
        ) from exc
    except RecursionError as exc:
        raise invalid("body", "must not be nested too deep") from exc
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise RequestValidationError(
            [{"type": "json_invalid", "loc": ("body",), "msg": "The body is not valid JSON in UTF-8."}]
        ) from exc
    raw = {name: value for name in model.model_fields if (value := getattr(found, name)) is not UNSET}
    if sum(len(memoryview(value)) for name, value in raw.items() if name != _TEXT_FIELD) > JSON_BYTES:
        raise HTTPException(413, f"All but the document is over the limit of {JSON_BYTES:,} bytes.")
    return {name: _value(name, value) for name, value in raw.items()}


def _value(name: str, raw: Raw) -> Any:
    if name != _TEXT_FIELD:
        return decoded(raw, ("body", name))
    try:
        return msgspec.json.decode(raw, type=str)
    except msgspec.ValidationError:
        raise invalid(name, "Input should be a valid string") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise invalid(name, "is not valid JSON in UTF-8") from exc


@asynccontextmanager
async def read_upload(request: Request, scratch: Scratch) -> AsyncIterator[Upload]:
    """The file of a multipart form.

    Raises:
        RequestValidationError: it is no form, has unknown fields or no file.
        HTTPException: the body is over the limit (413), or a form that breaks off (400).
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise invalid("body", "must be a form (multipart/form-data) with the field 'file'")
    with scratch.file() as file:
        try:
            form = await read_form(request, file, field_bytes=_FIELD_BYTES)
        except (UnicodeError, LookupError) as exc:
            raise invalid("form", "must have its fields in the charset that it names") from exc
        for name in sorted(set(form) - _FORM_FIELDS):
            raise invalid(name, "is no field of this form")
        upload = form.get("file")
        if not isinstance(upload, UploadFile) or not upload.filename:
            raise invalid("file", "must be a file with a name")
        fields = {name: value for name, value in form.items() if isinstance(value, str) and value}
        yield Upload(Path(file.name), upload.filename, fields)
    let_go(request)


def invalid(field: str, message: str) -> RequestValidationError:
    """What is wrong with a field of the body."""
    return RequestValidationError([{"type": "value_error", "loc": ("body", field), "msg": message}])
