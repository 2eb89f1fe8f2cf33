"""The answers of the Artifacts API: their schemas, and functions that build them."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import Response
from pydantic import BaseModel, Field

from lethe.core.content.texts import Piece
from lethe.core.queue.callbacks import MODEL, ingest_answer, shown_document
from lethe.domain.json import Json
from lethe.domain.records.batches import Member
from lethe.domain.records.documents import LiveDocument
from lethe.domain.records.tasks import Task, TaskStatus


class IngestedDocument(BaseModel):
    """A stored document."""

    object: Literal["ingest.document"] = "ingest.document"
    artifact: str = Field(examples=["returns"])
    doc_metadata: dict[str, Any] = Field(
        description="The metadata sent with the document, plus file_name, collection, artifact_id, file_type and hash.",
        examples=[{"file_name": "returns.md", "collection": "pgpt_collection", "artifact_id": "returns"}],
    )
    source_uri: str | None = Field(
        default=None,
        description="In lists and searches: the address the document was fetched from, without credentials. Absent "
        "if the file was uploaded.",
    )


class Documents(BaseModel):
    """Stored documents."""

    object: Literal["list"] = "list"
    model: str = MODEL
    data: list[IngestedDocument]


class IngestAnswer(Documents):
    """The stored document; empty if the same input was already stored."""

    warnings: list[str] = Field(
        default=[],
        description="Sentences about parts of the file that are not in the document. Absent if there are none.",
        examples=[["2 images have no readable text: text recognition (OCR) is not available."]],
    )


class ListAnswer(Documents):
    """Documents of a collection in order of creation."""

    next_cursor: str | None = Field(
        default=None, description="Only with `limit`, if there are more documents."
    )


class TaskCreated(BaseModel):
    """The task that was created."""

    task_id: str = Field(examples=["0b9cf2e4-6f0e-4c1c-9a55-3d1d8c8f6c43"])


class TaskAnswer(BaseModel):
    """The state of a task."""

    task_id: str
    task_status: Literal["PENDING", "STARTED", "SUCCESS", "FAILURE", "REVOKED"]
    task_result: Annotated[
        IngestAnswer | str | None, Field(description="On SUCCESS the answer, on FAILURE a sentence.")
    ]


class BatchDocument(BaseModel):
    """A document of a batch. Once it is deleted, its names and its id are null."""

    task_id: str = Field(description="Its own task: see `GET /ingest/async/{task_id}`.")
    task_status: Literal["PENDING", "STARTED", "SUCCESS", "FAILURE", "REVOKED"]
    collection: str | None = Field(examples=["pgpt_collection"])
    artifact: str | None = Field(examples=["returns"])
    node_id: str | None = Field(description="The id of the document while it is stored.")
    unchanged: bool = Field(description="The same input was stored before: nothing was done.")
    warnings: list[str] = Field(description="As in the answer to a single ingestion.")
    error: str | None = Field(description="On FAILURE and REVOKED a sentence.")


class BatchResult(BaseModel):
    """The documents of a batch in the order in which they were sent, and how many succeeded and failed."""

    documents: int
    succeeded: int
    failed: int
    data: list[BatchDocument]


class BatchAnswer(BaseModel):
    """The state of a batch."""

    task_id: str
    task_status: Literal["PENDING", "STARTED", "SUCCESS", "FAILURE"]
    task_result: BatchResult


class ErasedDocument(BaseModel):
    """The result for one name."""

    erased: bool = Field(description="False if there was no such document.")
    receipt_id: str | None = Field(description="The receipt of its erasure.")


class ErasedAnswer(BaseModel):
    """The results, in the order of the names."""

    erased: int = Field(description="How many there were.")
    data: list[ErasedDocument]


class ArtifactContent(BaseModel):
    """A document's content: markdown, its tree, or the blocks of one piece."""

    artifact_id: str
    content: Any = Field(
        description="Nodes of the tree, and the `metadata` of a piece, say where in the file they begin: `page` or "
        "`slide` by number, `sheet` or `part` by name, or by number if it has no name; and the `headings` above them."
    )


class ContentAnswer(BaseModel):
    """The content of documents."""

    data: list[ArtifactContent]


class ErrorAnswer(BaseModel):
    """What went wrong, in a sentence."""

    detail: str = Field(examples=["Document not found in collection"])


class InvalidField(BaseModel):
    """An error in a field of the request."""

    loc: list[str | int] = Field(examples=[["body", "input", "text", "value"]])
    msg: str
    type: str


class InvalidAnswer(BaseModel):
    """The errors in the request."""

    detail: list[InvalidField]


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer, "description": text}
    for status, text in {
        400: "The content cannot be ingested",
        401: "The token is missing, unknown, revoked or expired",
        403: "The token lacks the scope",
        404: "Not found",
        409: "Superseded by a newer request, or the Idempotency-Key was used before",
        408: "The body arrived too slowly",
        413: "A size limit is exceeded",
        429: "The token's rate limit is exceeded",
        503: "A service is unavailable, or the queue is full: try again after Retry-After seconds",
    }.items()
}

RESPONSES[422] = {"model": InvalidAnswer, "description": "The request has the wrong shape"}
"""The error answers of every route, for OpenAPI."""


def task_answer(task: Task) -> Json:
    """A task as the API shows it."""
    result = task.error if task.status is TaskStatus.FAILURE else task.result
    return {"task_id": task.id, "task_status": task.status.upper(), "task_result": result}


def batch_answer(task: Task, members: Sequence[Member]) -> Json:
    """A batch as the API shows it."""
    ended = [member.status for member in members if not member.status.is_open]
    succeeded = ended.count(TaskStatus.SUCCESS)
    result = {
        "documents": len(members),
        "succeeded": succeeded,
        "failed": len(ended) - succeeded,
        "data": [
            {
                "task_id": member.task_id,
                "task_status": member.status.upper(),
                "collection": member.collection,
                "artifact": member.artifact,
                "node_id": member.node_id,
                "unchanged": member.unchanged,
                "warnings": member.warnings or [],
                "error": member.error,
            }
            for member in members
        ],
    }
    return {"task_id": task.id, "task_status": task.status.upper(), "task_result": result}


def json_answer(
    body: Json, headers: Mapping[str, UUID | str | None] | None = None, *, status: int = 200
) -> Response:
    """A JSON answer with the headers that are not None."""
    known = {name: str(value) for name, value in (headers or {}).items() if value is not None}
    return Response(orjson.dumps(body), status, media_type="application/json", headers=known)


async def list_answer(
    runs: AsyncIterator[tuple[Sequence[LiveDocument], str | None]],
) -> AsyncGenerator[bytes]:
    """A list of documents, piece by piece as they arrive."""
    opening = between = orjson.dumps(ingest_answer([]))[:-2]  # up to the first document
    next_cursor: str | None = None
    async for documents, cursor in runs:
        next_cursor = cursor
        if documents:
            shown = [shown_document(d.artifact, d.metadata, d.source_uri) for d in documents]
            yield between + orjson.dumps(shown)[1:-1]
            between = b","
    end = b'],"next_cursor":' + orjson.dumps(next_cursor) + b"}" if next_cursor else b"]}"
    yield end if between == b"," else opening + end


def content_answer(contents: Iterable[tuple[str, Iterator[bytes]]]) -> Iterator[bytes]:
    """The content of documents by artifact, each already encoded as JSON, piece by piece."""
    yield b'{"data":['
    between = b""
    for artifact, content in contents:
        yield between + b'{"artifact_id":' + orjson.dumps(artifact) + b',"content":'
        yield from content
        yield b"}"
        between = b","
    yield b"]}"


def pieces_answer(pieces: Iterable[Piece]) -> Iterator[bytes]:
    """Pieces of documents, grouped by document."""
    return content_answer(
        (document.artifact, iter([content]))
        for document, of_document in groupby(pieces, attrgetter("document"))
        for content in _piece_contents(document, of_document)
    )


def _piece_contents(document: LiveDocument, pieces: Iterable[Piece]) -> Iterator[bytes]:
    """Each piece as the two blocks of chunked-content: its source and its text.

    The document's metadata is encoded only once, as there may be thousands of pieces. A piece's own fields replace
    metadata of the same names.
    """
    shown = shown_document(document.artifact, document.metadata, document.source_uri)
    fixed = orjson.Fragment(orjson.dumps(shown))
    openings: dict[tuple[str, ...], bytes] = {}
    for piece in pieces:
        span = {"start": piece.start, "end": piece.start + len(piece.text)}
        own = {**span, "headings": piece.headings, **piece.place}
        names = tuple(own)
        if names not in openings:
            openings[names] = _opening(shown["doc_metadata"], names)
        source = {
            "object": "context.chunk",
            "id": piece.id,
            "score": 0.0,
            "document": fixed,
            "text": piece.text,
            "content_type": "text",
            "metadata": orjson.Fragment(openings[names] + orjson.dumps(own)[1:]),
        }
        text = {"type": "text", "text": piece.text, "citations": []}
        yield orjson.dumps([{"type": "source", "sources": [source]}, text])


def _opening(metadata: Json, without: Sequence[str]) -> bytes:
    """A JSON object of the metadata except the names in `without`, left open for more fields."""
    kept = {name: value for name, value in metadata.items() if name not in without}
    return orjson.dumps(kept)[:-1] + (b"," if kept else b"")
