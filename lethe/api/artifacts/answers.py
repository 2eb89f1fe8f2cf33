"""The answers of the Artifacts API, for OpenAPI and for building them."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from lethe.core.callbacks import MODEL, ingest_answer
from lethe.core.content import Piece
from lethe.domain.records import Json, LiveDocument, Task, TaskStatus


class IngestedDocument(BaseModel):
    """A stored document."""

    object: Literal["ingest.document"] = "ingest.document"
    artifact: str = Field(examples=["returns"])
    doc_metadata: dict[str, Any] = Field(
        description="The given metadata, and file_name, collection, artifact_id, file_type and hash.",
        examples=[{"file_name": "returns.md", "collection": "pgpt_collection", "artifact_id": "returns"}],
    )


class Documents(BaseModel):
    """Stored documents."""

    object: Literal["list"] = "list"
    model: str = MODEL
    data: list[IngestedDocument]


class IngestAnswer(Documents):
    """Documents; empty when the same input was stored already."""

    warnings: list[str] = Field(
        default=[],
        description="What of the file is not in the document, in sentences. Only when there is something.",
        examples=[["2 images have no text that can be read: text recognition is not there."]],
    )


class ListAnswer(Documents):
    """Documents of a collection in order of creation."""

    next_cursor: str | None = Field(default=None, description="Only with `limit`, when there are more.")


class TaskCreated(BaseModel):
    """A task was made."""

    task_id: str = Field(examples=["0b9cf2e4-6f0e-4c1c-9a55-3d1d8c8f6c43"])


class TaskAnswer(BaseModel):
    """How far a task is."""

    task_id: str
    task_status: Literal["PENDING", "STARTED", "SUCCESS", "FAILURE", "REVOKED"]
    task_result: Annotated[
        IngestAnswer | str | None, Field(description="The answer on SUCCESS, a sentence on FAILURE.")
    ]


class ArtifactContent(BaseModel):
    """A document's content: markdown, its tree, or blocks of one piece."""

    artifact_id: str
    content: Any = Field(
        description="A node of the tree, and the `metadata` of a piece, tells where in the file it begins: `page` or "
        "`slide` by number, `sheet` or `part` by name, or by number without one."
    )


class ContentAnswer(BaseModel):
    """The content of documents."""

    data: list[ArtifactContent]


class ErrorAnswer(BaseModel):
    """What went wrong, in a sentence."""

    detail: str = Field(examples=["Document not found in collection"])


class InvalidField(BaseModel):
    """What is wrong with a field of the request."""

    loc: list[str | int] = Field(examples=[["body", "input", "text", "value"]])
    msg: str
    type: str


class InvalidAnswer(BaseModel):
    """What is wrong with the request."""

    detail: list[InvalidField]


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer, "description": text}
    for status, text in {
        400: "The content cannot be taken",
        401: "No token, or one that is unknown, revoked or expired",
        403: "A token without the scope",
        404: "Not there",
        409: "Overtaken by a newer request, or the Idempotency-Key was used before",
        408: "The body came too slowly",
        413: "Over a limit of size",
        429: "Over the token's rate",
        503: "Something is away, or the queue is full: try again after the seconds in Retry-After",
    }.items()
}

RESPONSES[422] = {"model": InvalidAnswer, "description": "The request is not of the right shape"}
"""What OpenAPI is told of the errors of every route."""


def task_answer(task: Task) -> Json:
    """A task as the API shows it."""
    result = task.error if task.status is TaskStatus.FAILURE else task.result
    return {"task_id": str(task.id), "task_status": task.status.upper(), "task_result": result}


def list_answer(documents: list[LiveDocument], next_cursor: str | None) -> Json:
    """A list of documents."""
    answer = ingest_answer([(d.artifact, d.metadata) for d in documents])
    return {**answer, "next_cursor": next_cursor} if next_cursor else answer


def content_answer(contents: Iterable[tuple[str, Json]]) -> Json:
    """The content of documents by artifact."""
    return {"data": [{"artifact_id": artifact, "content": content} for artifact, content in contents]}


def piece_content(piece: Piece) -> Json:
    """A piece of a document as the two blocks of chunked-content: where it comes from, and its text."""
    document = ingest_answer([(piece.document.artifact, piece.document.metadata)])["data"][0]
    source = {
        "object": "context.chunk",
        "id": piece.id,
        "score": 0.0,
        "document": document,
        "text": piece.text,
        "content_type": "text",
        "metadata": {
            **document["doc_metadata"],
            "start": piece.start,
            "end": piece.start + len(piece.text),
            **piece.place,
        },
    }
    return [
        {"type": "source", "sources": [source]},
        {"type": "text", "text": piece.text, "citations": []},
    ]
