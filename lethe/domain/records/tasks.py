"""Tasks, their steps and their events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NotRequired, TypedDict
from uuid import UUID

from lethe.domain.json import Json


class TaskKind(StrEnum):
    """Callers can look up ingest, delete and filter by id; trash and restore keep the indexes in step with the tree.

    filter: a deletion by filter, of many documents. batch: many documents to ingest, each with a task of its own.
    """

    INGEST = "ingest"
    DELETE = "delete"
    TRASH = "trash"
    RESTORE = "restore"
    FILTER = "filter"
    BATCH = "batch"


class TaskStatus(StrEnum):
    """pending -> started -> success | failure; pending | started -> revoked. The last three are final."""

    PENDING = "pending"
    STARTED = "started"
    SUCCESS = "success"
    FAILURE = "failure"
    REVOKED = "revoked"

    @property
    def is_open(self) -> bool:
        """Whether the task has not ended."""
        return self in (TaskStatus.PENDING, TaskStatus.STARTED)


class TaskFailure(StrEnum):
    """Why a task did not succeed; determines the status code of a synchronous call."""

    REJECTED = "rejected"
    NOT_FOUND = "not_found"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"
    REVOKED = "revoked"


class Step(StrEnum):
    """The visible steps of a task."""

    VALIDATION = "Validation"
    PARSE = "Parse"
    STORAGE = "Storage"
    REMOVAL = "Removal"


@dataclass(frozen=True, slots=True)
class Callback:
    """Where the events of a task go: an AMQP exchange with a routing key for each kind of event, a webhook, or both.

    A routing key that is None falls back to the event's type; each message repeats the `properties`. `webhook` has the
    `url`, its `origin`, and `sealed`: the encrypted secret in base64.
    """

    exchange: str | None = None
    routing_key_done: str | None = None
    routing_key_progress: str | None = None
    routing_key_error: str | None = None
    properties: Mapping[str, Json] | None = None
    webhook: Mapping[str, str | None] | None = None


class IngestedDocument(TypedDict):
    """A document as the Artifacts API shows it."""

    object: str
    artifact: str
    doc_metadata: Mapping[str, Json]


class IngestResult(TypedDict):
    """The result of an ingestion: no document if it was already stored, or has since been deleted."""

    object: str
    model: str
    data: list[IngestedDocument]
    warnings: NotRequired[list[str]]


class DeletionResult(TypedDict):
    """The result of a deletion by filter, known when it begins: trash or erase, and how many documents.

    `in_trash`: how many more match in the trash; earlier versions did not count them.
    """

    mode: str
    documents: int
    in_trash: NotRequired[int]


@dataclass(frozen=True, slots=True)
class Task:
    """A task as the API shows it. `receipt_id` is the receipt of a deletion; `node_id` is the task's live node."""

    id: UUID
    kind: TaskKind
    status: TaskStatus
    percentage: int | None
    result: IngestResult | DeletionResult | None
    failure: TaskFailure | None
    error: str | None
    receipt_id: UUID | None
    node_id: str | None


@dataclass(frozen=True, slots=True)
class ListedTask:
    """A task as the API shows it. `node_id`, the names and `warnings` are set while the node is live, `receipt_id`
    once a deletion has ended.
    """

    id: UUID
    kind: TaskKind
    status: TaskStatus
    step: str | None
    percentage: int | None
    created_at: datetime
    finished_at: datetime | None
    error: str | None
    warnings: list[str]
    receipt_id: UUID | None
    node_id: str | None
    collection: str | None
    artifact: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """A callback event to be sent to the broker, without its body. `receipt_id`: the receipt of a deletion."""

    company_id: str
    id: int
    event_id: UUID
    task_id: UUID
    exchange: str
    routing_key: str
    attempt: int
    receipt_id: UUID | None
