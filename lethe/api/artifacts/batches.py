"""Reads the documents of a batch, from JSON or from lines of JSON, each like the body of a single ingestion."""

import asyncio
import re
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

import msgspec
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from msgspec import UNSET, Raw, UnsetType
from pydantic import field_validator

from lethe.adapters.scratch import Scratch
from lethe.api.artifacts.shapes import IngestBody
from lethe.api.artifacts.uploads import ingestion_of, unfold_member
from lethe.api.request.bodies import invalid, read_body, validated
from lethe.core.ingestion.batch import BATCH_DOCUMENTS
from lethe.core.ingestion.submit import Request as Ingestion

BATCH_BYTES = 32 * 1024 * 1024
"""Maximum size of a batch's body."""

LINES = "application/x-ndjson"
"""Mentioned in OpenAPI only in a description: client generators refuse a body type that they do not know."""
_LINE_TYPES = (LINES, "application/ndjson", "application/jsonl", "application/jsonlines")
_WHERE = ("body", "documents")


_LINE = re.compile(rb"\S[^\r\n]*")
_TWO_IN_A_LINE = re.compile(rb"\}\s*\{")
_AS_LINES = (
    f"with curl, send lines of JSON by --data-binary and the type {LINES}: its -d drops the line breaks"
)

if TYPE_CHECKING:

    class _Documents(msgspec.Struct):
        """A list of documents."""

else:
    # Decoding a list of unknown length, with an object for each element, could take many times the body's size. With an
    # array-like struct, msgspec skips the elements beyond its fields.
    _Documents = msgspec.defstruct(
        "_Documents",
        [(f"d{number}", Raw | UnsetType, UNSET) for number in range(BATCH_DOCUMENTS + 1)],
        array_like=True,
    )


class _Batch(msgspec.Struct):
    """The fields of a batch in JSON. Each document stays encoded until its turn."""

    documents: _Documents


async def read_batch(request: Request, scratch: Scratch) -> list[Ingestion]:
    """The documents of a batch, at least one, with different names.

    Raises:
        RequestValidationError: a document has the wrong shape, or the name of another one.
        HTTPException: the body exceeds the limit (413) or arrives too slowly (408).
    """
    body = await read_body(request, scratch)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    bodies = await asyncio.to_thread(_bodies, body, lines=media_type in _LINE_TYPES)
    return [await ingestion_of(one) for one in bodies]


class _Member(IngestBody):
    """A document of a batch."""

    callback: object = None

    @field_validator("callback")
    @classmethod
    def _none(cls, callback: object) -> object:
        if callback is not None:
            raise ValueError("a batch has no callbacks: POST /v1/webhooks tells of each document")
        return callback


def _bodies(body: bytes | memoryview, *, lines: bool) -> list[IngestBody]:
    documents = _lines(body) if lines else _listed(body)
    if not documents:
        raise invalid("too_short", _WHERE, "There must be at least one document.")
    if len(documents) > BATCH_DOCUMENTS:
        raise invalid(
            "too_long", _WHERE, f"There may be at most {BATCH_DOCUMENTS:,} documents: send several batches."
        )
    bodies = [_validated(document, number) for number, document in enumerate(documents)]
    _check_names(bodies)
    return bodies


def _lines(body: bytes | memoryview) -> list[bytes]:
    """The lines that are not blank, up to one more than allowed."""
    return [line[0] for line in islice(_LINE.finditer(body), BATCH_DOCUMENTS + 1)]


def _listed(body: bytes | memoryview) -> list[Raw]:
    """The documents of a list, up to one more than allowed."""
    try:
        found = msgspec.structs.astuple(msgspec.json.decode(body, type=_Batch).documents)
        return [document for document in found if document is not UNSET]
    except RecursionError as exc:
        raise invalid("json_invalid", ("body",), "The JSON is nested too deeply.") from exc
    except msgspec.ValidationError as exc:
        raise invalid("missing", _WHERE, f"The JSON must have a list of documents; {_AS_LINES}.") from exc
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise invalid(
            "json_invalid",
            ("body",),
            f"The body is not valid JSON in UTF-8; {_AS_LINES}.",
        ) from exc


def _validated(document: bytes | Raw, number: int) -> IngestBody:
    try:
        return validated(_Member, unfold_member(document))
    except RequestValidationError as exc:
        if exc.errors()[0]["type"] == "json_invalid" and _TWO_IN_A_LINE.search(memoryview(document)):
            told = f"Each document must be in a line of its own; {_AS_LINES}."
            raise invalid("json_invalid", (*_WHERE, number), told) from exc
        faults = [{**fault, "loc": (*_WHERE, number, *fault["loc"][1:])} for fault in exc.errors()]
        raise RequestValidationError(faults) from exc


def _check_names(bodies: Sequence[IngestBody]) -> None:
    first: dict[tuple[str, str], int] = {}
    for number, body in enumerate(bodies):
        before = first.setdefault((body.collection, body.artifact), number)
        if before != number:
            raise invalid(
                "value_error",
                (*_WHERE, number, "artifact"),
                f"Document {before} has the same name: send each document once.",
            )
