"""Reading a request that carries a document, as JSON or as a form, without holding it several times.

The body goes to an unnamed temporary file; of a JSON body only the document's own value is decoded, straight
from the mapped file, so that a 100 MB file in base64 is held once.
"""

import asyncio
import mmap
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import msgspec
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile

from lethe.api.artifacts.shapes import DEFAULT_COLLECTION, FileInput, IngestAsyncBody, IngestBody, UriInput
from lethe.core.ingestion.submit import Request as Ingestion
from lethe.core.ingestion.submit import Uri
from lethe.domain.records import Json

M = TypeVar("M", bound=BaseModel)

_FORM_FIELDS = {"file", "collection", "artifact", "metadata"}
_COPY_BYTES = 1024 * 1024


@asynccontextmanager
async def read_ingestion(request: Request) -> AsyncIterator[Ingestion]:
    """The document of a synchronous ingestion, from JSON or a form. Its content lasts as long as the block.

    Raises:
        RequestValidationError: the body is not of the right shape.
        HTTPException: the body is over the limit (413), or a form that breaks off (400).
    """
    if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        async with _form(request) as ingestion:
            yield ingestion
    else:
        yield ingestion_of(await _read_json(request, IngestBody, ()))


async def read_async_ingestion(request: Request) -> IngestAsyncBody:
    """The body of an asynchronous ingestion; raises as `read_ingestion`."""
    return await _read_json(request, IngestAsyncBody, ("ingest_body",))


def ingestion_of(body: IngestBody) -> Ingestion:
    """The request as the core knows it."""
    metadata = body.metadata or {}
    content: bytes | Uri
    match body.input:
        case UriInput(value=address):
            content = Uri(address)
        case FileInput(value=data):
            content = data
        case text:
            content = text.value.encode()
    return Ingestion(body.collection, body.artifact, metadata, _file_name(metadata), content)


def _file_name(metadata: Mapping[str, Json]) -> str | None:
    name = metadata.get("file_name")
    return name if isinstance(name, str) and name else None


async def _read_json(request: Request, model: type[M], path: tuple[str, ...]) -> M:
    with tempfile.TemporaryFile() as file:
        async for piece in request.stream():
            file.write(piece)
        file.flush()
        if file.tell() == 0:
            raise _invalid("json_invalid", ("body",), "The request has no body.")
        # Unmapped when nothing refers to it any more: an error may still hold a view of it.
        body = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return await asyncio.to_thread(_decode, body, model, path)


def _decode(body: mmap.mmap, model: type[M], path: tuple[str, ...]) -> M:
    """Decode all but the document's value, which the model's validators decode from the mapped file.

    `path` leads to the object that holds `input`.
    """
    try:
        value = _unfold(body, (*path, "input"))
    except (msgspec.MsgspecError, RecursionError) as exc:
        reason = "nested too deep" if isinstance(exc, RecursionError) else str(exc)
        raise _invalid("json_invalid", ("body",), f"The body is not valid JSON: {reason}.") from exc
    return _validated(model, value)


def _validated(model: type[M], value: Json) -> M:
    try:
        return model.model_validate(value)
    except ValidationError as exc:
        errors = exc.errors(include_input=False, include_context=False, include_url=False)
        raise RequestValidationError([{**e, "loc": ("body", *e["loc"])} for e in errors]) from exc


def _unfold(body: mmap.mmap | msgspec.Raw, path: tuple[str, ...]) -> Json:
    """Decode JSON, but leave the field `value` of the object at the end of `path` as it is."""
    try:
        fields = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError:  # not an object: the model says so
        return msgspec.json.decode(body)
    if not path:
        return {k: v if k == "value" else msgspec.json.decode(v) for k, v in fields.items()}
    return {k: _unfold(v, path[1:]) if k == path[0] else msgspec.json.decode(v) for k, v in fields.items()}


@asynccontextmanager
async def _form(request: Request) -> AsyncIterator[Ingestion]:
    async with request.form(max_files=1, max_fields=8, max_part_size=_COPY_BYTES) as form:
        unknown = sorted(set(form) - _FORM_FIELDS)
        if unknown:
            raise _invalid("extra_forbidden", ("body", unknown[0]), "Unknown field of the form.")
        upload = form.get("file")
        if not isinstance(upload, UploadFile):
            raise _invalid("missing", ("body", "file"), "The form has no file in its field 'file'.")
        fields = {k: v for k, v in form.items() if isinstance(v, str)}
        body = _form_body(fields, upload.filename or "")
        metadata = (
            {"file_name": upload.filename, **(body.metadata or {})}
            if upload.filename
            else body.metadata or {}
        )
        with tempfile.NamedTemporaryFile() as target:
            while piece := await upload.read(_COPY_BYTES):
                target.write(piece)
            target.flush()
            yield Ingestion(body.collection, body.artifact, metadata, _file_name(metadata), Path(target.name))


def _form_body(fields: Mapping[str, str], file_name: str) -> IngestBody:
    """The form's fields under the rules of a JSON body."""
    try:
        metadata = msgspec.json.decode(fields["metadata"]) if fields.get("metadata") else None
    except (msgspec.MsgspecError, RecursionError) as exc:
        raise _invalid("json_invalid", ("body", "metadata"), "The metadata is not a JSON object.") from exc
    return _validated(
        IngestBody,
        {
            "artifact": fields.get("artifact") or file_name,
            "collection": fields.get("collection") or DEFAULT_COLLECTION,
            "metadata": metadata,
            "input": {"type": "text", "value": ""},
        },
    )


def _invalid(type_: str, location: tuple[str, ...], message: str) -> RequestValidationError:
    return RequestValidationError([{"type": type_, "loc": location, "msg": message}])
