"""Request bodies, read after the caller is known: without a valid token nobody learns what is wrong with one."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile

M = TypeVar("M", bound=BaseModel)

_FORM_FIELDS = {"file", "title", "parent_id"}
_FIELD_BYTES = 64 * 1024
_COPY_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a form, on disk as long as the form is read, and the form's other fields."""

    path: Path
    file_name: str
    fields: dict[str, str]


def json_of(model: type[M]) -> Callable[[Request], Awaitable[M]]:
    """A dependency that reads the body as this model; it goes behind the caller in a route's arguments.

    Raises RequestValidationError when the body is of another shape.
    """

    async def read(request: Request) -> M:
        body = await request.body()
        # A document may have 100 MB: not in the event loop.
        return await asyncio.to_thread(validated, model, body)

    return read


def validated(model: type[M], body: bytes) -> M:
    """The body as this model; no body at all is an empty object. Raises RequestValidationError."""
    try:
        return model.model_validate_json(body or b"{}")
    except ValidationError as exc:
        errors = exc.errors(include_input=False, include_context=False, include_url=False)
        raise RequestValidationError([{**e, "loc": ("body", *e["loc"])} for e in errors]) from exc


@asynccontextmanager
async def read_upload(request: Request) -> AsyncIterator[Upload]:
    """The file of a multipart form.

    Raises:
        RequestValidationError: it is no form, has unknown fields or no file.
        HTTPException: the body is over the limit (413), or a form that breaks off (400).
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise invalid("body", "must be a form (multipart/form-data) with the field 'file'")
    async with request.form(max_files=1, max_fields=8, max_part_size=_FIELD_BYTES) as form:
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
            fields = {name: value for name, value in form.items() if isinstance(value, str)}
            yield Upload(Path(f"/proc/self/fd/{target.fileno()}"), upload.filename, fields)


def invalid(field: str, message: str) -> RequestValidationError:
    """What is wrong with a field of the body."""
    return RequestValidationError([{"type": "value_error", "loc": ("body", field), "msg": message}])


def described(*models: type[BaseModel]) -> dict[str, dict[str, Any]]:
    """The JSON schemas of bodies that routes read themselves, and of what they hold, by name."""
    schemas: dict[str, dict[str, Any]] = {}
    for model in models:
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schema.pop("$defs", {})
        schemas[model.__name__] = schema
    return schemas


def body_schema(model: type[BaseModel], *, required: bool = True) -> dict[str, Any]:
    """What OpenAPI is to say of a route with a body of this model."""
    reference = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": required, "content": {"application/json": {"schema": reference}}}}


def fields_json(fields: dict[str, str]) -> bytes:
    """A form's fields as the JSON that a model validates; empty ones are left out."""
    return json.dumps({name: value for name, value in fields.items() if value}).encode()
