"""Records passed between the layers: frozen, typed, without behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
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
"""What a token can permit."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller: a valid token that begins with `prefix`, and the state of its tightest rate limit.

    `most` requests are allowed in the current minute or hour, which ends in `reset` seconds; `remaining` are left after
    this one, and `over` means that this one is too many. The numbers are None without a limit. `queue_full` means that
    no more ingestions may be queued, in total or for this company; it is only looked up for calls that ingest.
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
    """Facts about a file's content. Its parts, chunks and vectors are in files.

    `warnings` say what is missing from it; `places` are the names of its sheets or parts by number, if they have any.
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

    `places` are the names of its sheets or parts by number, None in lists of documents. `source_uri` is where it was
    fetched from, None if it was sent. Until a document is `structured`, its blocks are runs of text.
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
    source_uri: str | None = None


OWN_METADATA = ("title", "file_name", "collection", "artifact_id", "file_type", "hash")
"""Metadata that Lethe itself sets: the Artifacts API shows it, the Knowledge API has fields for it."""

Operator = Literal["==", "!=", ">", ">=", "<", "<=", "in", "nin", "contains", "is_empty"]
"""The comparisons of a metadata filter; store/search/metadata.py defines them."""
