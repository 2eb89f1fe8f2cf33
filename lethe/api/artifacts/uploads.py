"""Reads a document from a JSON body or a form, without holding copies of it.

A large body goes to a file in the scratch folder. Only the known fields of a JSON body are decoded, the document itself
straight from the mapped file, so that a 100 MB file in base64 is held once. All other fields together are bounded
before they are decoded.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TypeVar

import msgspec
from fastapi import Request
from msgspec import UNSET, Raw, UnsetType
from pydantic import BaseModel

from lethe.adapters.scratch import Scratch
from lethe.api.artifacts.shapes import (
    DEFAULT_COLLECTION,
    ConvertBody,
    FileInput,
    IngestAsyncBody,
    IngestBody,
    TextInput,
    UriInput,
)
from lethe.api.request.bodies import JSON_BYTES, decoded, invalid, let_go, raw_fields, read_body, validated
from lethe.api.request.forms import Upload, is_form, read_upload
from lethe.core.ingestion.submit import Request as Ingestion
from lethe.core.ingestion.submit import Uri
from lethe.domain.json import Json

M = TypeVar("M", bound=BaseModel)

_FORM_FIELDS = frozenset({"collection", "artifact", "metadata"})
_FIELD_BYTES = 1024 * 1024


class _Input(msgspec.Struct):
    """The fields of `input`; `value` stays encoded until the model's validators decode it."""

    type: Raw | UnsetType = UNSET
    value: Raw | UnsetType = UNSET


class _Ingest(msgspec.Struct):
    """The fields of an ingestion. Unknown ones are skipped without being built."""

    artifact: Raw | UnsetType = UNSET
    collection: Raw | UnsetType = UNSET
    metadata: Raw | UnsetType = UNSET
    input: Raw | UnsetType = UNSET


class _Member(_Ingest):
    """The fields of a document of a batch."""

    callback: Raw | UnsetType = UNSET


class _Convert(msgspec.Struct):
    """The fields of a conversion."""

    metadata: Raw | UnsetType = UNSET
    reader: Raw | UnsetType = UNSET
    format: Raw | UnsetType = UNSET
    input: Raw | UnsetType = UNSET


class _IngestAsync(msgspec.Struct):
    """The fields of an asynchronous ingestion."""

    ingest_body: Raw | UnsetType = UNSET
    callback: Raw | UnsetType = UNSET


_UNFOLDED: dict[type[msgspec.Struct], tuple[str, type[msgspec.Struct]]] = {
    _IngestAsync: ("ingest_body", _Ingest),
    _Ingest: ("input", _Input),
    _Member: ("input", _Input),
    _Convert: ("input", _Input),
}
"""The path to the document: which field of each object holds the next object."""


@asynccontextmanager
async def read_ingestion(request: Request, scratch: Scratch) -> AsyncIterator[Ingestion]:
    """The document of a synchronous ingestion, from JSON or a form. Its content is valid inside the block.

    Raises:
        RequestValidationError: the body has the wrong shape.
        HTTPException: the body exceeds the limit (413), arrives too slowly (408), or is an incomplete form (400).
    """
    if is_form(request):
        async with read_upload(request, scratch, fields=_FORM_FIELDS, field_bytes=_FIELD_BYTES) as upload:
            yield _uploaded(upload)
    else:
        yield await ingestion_of(await _read_json(request, scratch, IngestBody, _Ingest))
        let_go(request)


async def read_async_ingestion(request: Request, scratch: Scratch) -> IngestAsyncBody:
    """The body of an asynchronous ingestion, JSON only; raises as `read_ingestion`."""
    if is_form(request):
        raise invalid(
            "json_invalid", ("body",), "This call accepts only JSON; POST /ingest also accepts forms."
        )
    return await _read_json(request, scratch, IngestAsyncBody, _IngestAsync)


def unfold_member(text: bytes | Raw) -> Json:
    """The known fields of one document of a batch, the document still encoded; raises as `read_ingestion`."""
    return _unfold(text, len(memoryview(text)), _Member)


async def ingestion_of(body: IngestBody) -> Ingestion:
    """The ingestion as the core takes it."""
    metadata = body.metadata or {}
    return Ingestion(
        body.collection, body.artifact, metadata, file_name_in(metadata), await content_of(body.input)
    )


async def content_of(input: TextInput | FileInput | UriInput) -> bytes | Uri:
    """A document's bytes, or its address."""
    match input:
        case UriInput(value=address):
            return Uri(address)
        case FileInput(value=data):
            return data
        case _:
            return await asyncio.to_thread(input.value.encode)


async def read_conversion(request: Request, scratch: Scratch) -> ConvertBody:
    """The body of a conversion; raises as `read_ingestion`."""
    return await _read_json(request, scratch, ConvertBody, _Convert)


def file_name_in(metadata: Mapping[str, Json]) -> str | None:
    name = metadata.get("file_name")
    return name if isinstance(name, str) and name else None


async def _read_json(request: Request, scratch: Scratch, model: type[M], fields: type[msgspec.Struct]) -> M:
    body = await read_body(request, scratch)
    if not body:
        raise invalid("json_invalid", ("body",), "The request has no body.")
    return await asyncio.to_thread(lambda: validated(model, _unfold(body, len(body), fields)))


def _unfold(text: bytes | memoryview | Raw, size: int, fields: type[msgspec.Struct]) -> Json:
    """The known fields of a JSON object as a dict, with the document's value still encoded."""
    try:
        found = msgspec.json.decode(text, type=fields)
    except msgspec.ValidationError:  # not an object: the model says so
        return decoded(text) if size <= JSON_BYTES else None
    except RecursionError as exc:
        raise invalid("json_invalid", ("body",), "The JSON is nested too deeply.") from exc
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise invalid("json_invalid", ("body",), "The body is not valid JSON in UTF-8.") from exc
    inner, inner_fields = _UNFOLDED.get(fields, ("value", None))
    raw = raw_fields(found, document=inner)
    return {
        name: decoded(value, ("body", name))
        if name != inner
        else value
        if inner_fields is None
        else _unfold(value, len(memoryview(value)), inner_fields)
        for name, value in raw.items()
    }


def _uploaded(upload: Upload) -> Ingestion:
    body = _form_body(upload)
    named = {"file_name": upload.file_name} if upload.file_name else {}
    metadata = {**named, **(body.metadata or {})}
    return Ingestion(body.collection, body.artifact, metadata, file_name_in(metadata), upload.path)


def _form_body(upload: Upload) -> IngestBody:
    """The form's fields, validated like a JSON body."""
    metadata = upload.fields.get("metadata")
    return validated(
        IngestBody,
        {
            "artifact": upload.fields.get("artifact", upload.file_name),
            "collection": upload.fields.get("collection", DEFAULT_COLLECTION),
            "metadata": decoded(metadata.encode(), ("body", "metadata")) if metadata else None,
            "input": {"type": "text", "value": ""},
        },
    )
