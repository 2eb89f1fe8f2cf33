"""The records that travel between the layers: frozen, typed, without behaviour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

Json = Any
"""A JSON value: dict, list, str, int, float, bool or None."""

SYSTEM = "*"
"""The company under which Lethe's own bookkeeping acts (relay, sweeper, authentication)."""

SCOPES = (
    "knowledge:read",
    "knowledge:query",
    "knowledge:write",
    "knowledge:delete",
    "knowledge:assign",
    "assistants:read",
)
"""What a token may be allowed to do."""


class NodeState(StrEnum):
    """pending -> live -> deleted; a pending node whose first ingestion fails is removed."""

    PENDING = "pending"
    LIVE = "live"
    DELETED = "deleted"


class TaskKind(StrEnum):
    """Callers ask for ingest, delete and filter tasks by id. trash and restore tasks keep the indexes in step.

    filter: a deletion by filter, of many documents.
    """

    INGEST = "ingest"
    DELETE = "delete"
    TRASH = "trash"
    RESTORE = "restore"
    FILTER = "filter"


class TaskStatus(StrEnum):
    """pending -> started -> success | failure; pending | started -> revoked. The last three are final."""

    PENDING = "pending"
    STARTED = "started"
    SUCCESS = "success"
    FAILURE = "failure"
    REVOKED = "revoked"


class TaskFailure(StrEnum):
    """Why a task did not succeed. Decides the status code of a synchronous call."""

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
class Caller:
    """Who calls: a valid token (`prefix` is how it begins), and the state of its tightest rate limit.

    `most` requests are allowed in the current minute or hour, which ends in `reset` seconds; `remaining` are
    left after this one, and `over` says that this one is too many. The numbers are None without a limit.
    `queue_full` says that no more ingestions may be queued, in all or for this company; it is looked up only
    for a caller that wants to ingest.
    """

    company_id: str
    token_id: str
    prefix: str
    scopes: list[str]
    most: int | None
    remaining: int | None
    reset: int | None
    over: bool
    queue_full: bool


@dataclass(frozen=True, slots=True)
class Token:
    """A token as an operator sees it; its secret is shown only when it is created."""

    company: str
    id: str
    name: str
    prefix: str
    scopes: list[str]
    per_minute: int | None
    per_hour: int | None
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What the holder of a token may know about it. `company` is the company's name."""

    name: str
    prefix: str
    scopes: list[str]
    expires_at: datetime | None
    company: str


@dataclass(frozen=True, slots=True)
class Node:
    """A folder or document of the tree. `path_cache` are the titles from the root, each after a slash.

    `warnings` say what of a document's file is not in its text; `metadata` is None for a folder.
    """

    id: str
    title: str
    kind: Literal["folder", "document"]
    parent_id: str | None
    position: int
    path_cache: str
    created_at: datetime
    updated_at: datetime
    warnings: Sequence[str]
    metadata: Mapping[str, Json] | None


@dataclass(frozen=True, slots=True)
class Assistant:
    """An assistant as the API shows it."""

    id: str
    name: str
    description: str | None
    avatar_url: str | None
    model: str | None
    voice_response_enabled: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Callback:
    """Where the events of a task go: an AMQP exchange and a routing key for each kind of event.

    A routing key that is None falls back to the event's type; `properties` come back in each message.
    """

    exchange: str
    routing_key_done: str | None = None
    routing_key_progress: str | None = None
    routing_key_error: str | None = None
    properties: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A task as the API shows it. `receipt_id` is the receipt of a deletion, `node_id` the live node it is about."""

    id: UUID
    kind: TaskKind
    status: TaskStatus
    percentage: int | None
    result: Json
    failure: TaskFailure | None
    error: str | None
    receipt_id: UUID | None
    node_id: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """An original in the blob store. `hash` is the SHA-256 of its bytes in hex."""

    blob_key: str
    hash: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Ingestion:
    """What a worker needs for one ingestion: an original, or the address to fetch it from."""

    company_id: str
    task_id: UUID
    node_id: str
    generation: int
    collection: str | None
    artifact: str
    metadata: Mapping[str, Json]
    file_name: str | None
    uri: str | None
    source: Source | None
    input_hash: str | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """Facts of a file's content. The parts, chunks and vectors lie in files beside it.

    `warnings` say what is not in it; `places` are the names of its sheets or parts by number, where they have one.
    """

    file_type: str
    media_type: str
    language: str
    characters: int
    blocks: int
    chunks: int
    title: str | None
    warnings: tuple[str, ...]
    places: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LiveDocument:
    """A document that a reader may see. `metadata` is the whole `doc_metadata` of the Artifacts API.

    `places` are names of its sheets or parts by number; a list of documents comes without them. Blocks of one that
    is not `structured` yet are runs of text.
    """

    node_id: str
    artifact: str
    metadata: Mapping[str, Json]
    hash: str
    characters: int
    blocks: int
    created_at: datetime
    file_type: str = ""
    places: Mapping[str, str] | None = None
    structured: bool = True


@dataclass(frozen=True, slots=True)
class Event:
    """A callback event on its way to the broker, without its body. `receipt_id` is that of its task, if a deletion."""

    company_id: str
    id: int
    event_id: UUID
    task_id: UUID
    exchange: str
    routing_key: str
    attempt: int
    receipt_id: UUID | None


@dataclass(frozen=True, slots=True)
class HybridWeights:
    """The weights of meaning and words in the score of a hybrid search; they add up to 1."""

    vector: float
    words: float


OWN_METADATA = ("title", "file_name", "collection", "artifact_id", "file_type", "hash")
"""Metadata that Lethe itself writes: the Artifacts API shows it, the Knowledge API has fields for it."""

Operator = Literal["==", "!=", ">", ">=", "<", "<=", "in", "nin", "contains", "is_empty"]
"""The comparisons of a metadata filter; store/metadata.py says what each means."""


@dataclass(frozen=True, slots=True)
class MetadataCondition:
    """One condition on a document's metadata, e.g. `year >= 2020`."""

    key: str
    operator: Operator
    value: Json
