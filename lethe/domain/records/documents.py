"""Documents: the original, its ingestion, and what a reader sees."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lethe.domain.json import Json


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

    `warnings` say what is missing from the content; `places`: names of sheets or parts by number, where there are any.
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
class Finished:
    """An ingestion's result: the row of its document.

    With `fingerprints` a scrub finds the content's bytes, see core/scrub/fingerprints.py. `source_uri` is the address
    that the document was fetched from, without its secrets.
    """

    job: Ingestion
    source: Source
    prepared: Prepared
    metadata: Mapping[str, Json]
    fingerprints: bytes
    source_uri: str | None


@dataclass(frozen=True, slots=True)
class LiveDocument:
    """A document that a reader may see. `metadata` is the whole `doc_metadata` of the Artifacts API.

    `places` are the names of its sheets or parts by number, None in lists of documents. `source_uri` is the address it
    was fetched from, None if it was sent. Until a document is `structured`, its blocks are runs of text.
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


@dataclass(frozen=True, slots=True)
class Erased:
    """A document or folder that is gone, and its receipt. `name` and `content` are the hashes in the receipt.

    `cause` is what the request was to erase: document, folder or filter. `hash` and the times are those of the
    receipt.
    """

    id: str
    kind: str
    name: str
    content: str | None
    salt_id: str | None
    cause: str
    receipt_id: UUID
    seq: int
    hash: str
    invisible_at: str
    erased_at: str
