"""A hostile request, and how its parts are written."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Ask:
    """A request with a JSON body, or with `raw` bytes as they are."""

    name: str
    call: str
    status: int
    says: str = ""
    body: Any = None
    raw: bytes | None = None
    query: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


INGEST, LIST = "POST /v1/artifacts/ingest", "GET /v1/artifacts/list"
CONTENT, DELETE = "POST /v1/artifacts/content", "POST /v1/artifacts/delete"
FOLDER, MADE = "POST /v1/knowledge/folders", "POST /v1/knowledge/documents"
SEARCH, CHUNKS = "POST /v1/knowledge/search", "POST /v1/primitives/search"
DIFY, CONVERT, EMBED = "POST /retrieval", "POST /v1/artifacts/convert", "POST /v1/embeddings"
NODE = "PATCH /v1/knowledge/nodes/{document}"


def text(
    name: object = "odd", *, collection: object = "odd", metadata: object = None, value: object = "words"
) -> Any:
    """The body of an ingestion."""
    return {
        "artifact": name,
        "collection": collection,
        "metadata": metadata,
        "input": {"type": "text", "value": value},
    }


def retrieval(**fields: Any) -> Any:
    """The body of Dify's call."""
    return {"knowledge_id": "c", "query": "kept", "retrieval_setting": {"top_k": 3}, **fields}


def uri(address: str) -> Any:
    """The body of an ingestion of what is at an address."""
    return {"artifact": "odd", "collection": "odd", "input": {"type": "uri", "value": address}}


def condition(key: object, operator: object, value: object) -> Any:
    """The body of a content call with one condition on the metadata."""
    return {
        "context_filter": {
            "collection": "c",
            "metadata_filter": [{"key": key, "operator": operator, "value": value}],
        }
    }


def callback(exchange: object = "e", properties: object = None, **keys: object) -> Any:
    """The body of an ingestion in the background with a callback."""
    return {
        "ingest_body": text(),
        "callback": {"amqp": {"exchange": exchange, **keys}, "properties": properties},
    }


def cursor(value: object) -> dict[str, str]:
    """A query with a cursor of the right coding."""
    return {
        "collection": "c",
        "limit": "1",
        "cursor": base64.urlsafe_b64encode(json.dumps(value).encode()).decode(),
    }


def nested(levels: int) -> Any:
    """A value in so many lists."""
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value
