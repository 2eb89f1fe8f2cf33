"""Request bodies, read after the caller is known: without a valid token nobody learns what is wrong with one."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.datastructures import FormData, UploadFile

from lethe.api.bodies import decoded, validated
from lethe.api.forms import read_form

M = TypeVar("M", bound=BaseModel)

_FORM_FIELDS = {"file", "title", "parent_id", "metadata"}
_FIELD_BYTES = 64 * 1024
_COPY_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a form, on disk as long as the form is read, and its other fields that are not empty."""

    path: Path
    file_name: str
    fields: dict[str, str]


def json_of(model: type[M]) -> Callable[[Request], Awaitable[M]]:
    """A dependency that reads the body as this model; it goes behind the caller in a route's arguments.

    No body at all is an empty object. Raises RequestValidationError when the body is of another shape.
    """

    async def read(request: Request) -> M:
        body = await request.body()
        # A document may have 100 MB: not in the event loop.
        return await asyncio.to_thread(lambda: validated(model, decoded(body or b"{}")))

    return read


@asynccontextmanager
async def _form(request: Request) -> AsyncIterator[FormData]:
    try:
        form = await read_form(request, field_bytes=_FIELD_BYTES)
    except (UnicodeError, LookupError) as exc:
        raise invalid("form", "must have its fields in the charset that it names") from exc
    try:
        yield form
    finally:
        await form.close()


@asynccontextmanager
async def read_upload(request: Request) -> AsyncIterator[Upload]:
    """The file of a multipart form.

    Raises:
        RequestValidationError: it is no form, has unknown fields or no file.
        HTTPException: the body is over the limit (413), or a form that breaks off (400).
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise invalid("body", "must be a form (multipart/form-data) with the field 'file'")
    async with _form(request) as form:
        for name in sorted(set(form) - _FORM_FIELDS):
            raise invalid(name, "is no field of this form")
        upload = form.get("file")
        if not isinstance(upload, UploadFile) or not upload.filename:
            raise invalid("file", "must be a file with a name")
        # Without a name of its own: a process that is killed leaves nothing.
        with tempfile.TemporaryFile() as target:
            while piece := await upload.read(_COPY_BYTES):
                target.write(piece)
            target.flush()
            fields = {name: value for name, value in form.items() if isinstance(value, str) and value}
            yield Upload(Path(f"/proc/self/fd/{target.fileno()}"), upload.filename, fields)


def invalid(field: str, message: str) -> RequestValidationError:
    """What is wrong with a field of the body."""
    return RequestValidationError([{"type": "value_error", "loc": ("body", field), "msg": message}])
