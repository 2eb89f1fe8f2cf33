"""Builds the answers of the Knowledge API."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from fastapi import Response

from lethe.core.tree.nodes import NODE_BYTES, too_large
from lethe.domain.json import Json
from lethe.domain.records.assistants import Assistant
from lethe.domain.records.tree import Branch, Node, NodeDetails, TrashEntry


def answer(value: Any, status: int = 200) -> Response:
    """A JSON answer of any value that `encoded` accepts."""
    return Response(encoded(value), status, media_type="application/json")


def encoded(value: Any) -> bytes:
    """The value as JSON. It may contain records, ids and times: ISO 8601 in UTC with milliseconds and Z."""
    return orjson.dumps(value, default=_time, option=orjson.OPT_PASSTHROUGH_DATETIME)


def _time(moment: Any) -> str:
    if not isinstance(moment, datetime):
        raise TypeError(type(moment))
    return f"{moment.astimezone(UTC).isoformat(timespec='milliseconds')[:-6]}Z"


def node(found: Node) -> dict[str, Json]:
    """A folder or a document."""
    shown = _node(found, found.path_cache, found.collection)
    if found.metadata is not None:
        shown["metadata"] = found.metadata
    if found.source_uri is not None:
        shown["source_uri"] = found.source_uri
    return {**shown, "warnings": found.warnings} if found.warnings else shown


def tree(branches: Sequence[Branch], below: str | None, most: int) -> bytes:
    """The tree as nested JSON, with siblings in the given order.

    Args:
        below: show only what is below this node; None for the whole tree.
        most: the maximum size of the answer in bytes.

    Raises LimitExceeded if the answer would be larger.
    """
    children: defaultdict[str | None, list[Branch]] = defaultdict(list)
    prefix, collection = "", None
    for branch in branches:
        if branch.id == below:
            prefix, collection = branch.path_cache or "", branch.collection
        else:
            children[branch.parent_id].append(branch)

    size = 0

    def nested(parent_id: str | None, prefix: str, inherited: str | None) -> list[dict[str, Json]]:
        nonlocal size
        items = []
        for branch in children[parent_id]:
            path, collection = f"{prefix}/{branch.title}", branch.collection or inherited
            # Each node repeats the titles above it.
            size += NODE_BYTES + len(path) + len(collection or "") + len(branch.artifact or "")
            if size > most:
                raise too_large(most)
            below_it = nested(branch.id, path, collection)
            items.append({**_node(branch, path, collection), "children": below_it})
        return items

    return encoded({"items": nested(below, prefix, collection)})


def details(found: Node, more: NodeDetails, *, with_text: bool) -> dict[str, Json]:
    """A node and details about its content."""
    is_folder = found.kind == "folder"
    body = {
        **node(found),
        "counts": {"folders": more.folders, "documents": more.documents}
        if is_folder
        else {
            "characters": more.characters or 0,
            "chunks": more.chunks or 0,
            "bytes": more.bytes or 0,
        },
        "file_type": more.file_type,
        "language": more.language,
        "hash": more.hash,
        "last_ingestion": None
        if more.status is None
        else {
            "status": more.status,
            "step": more.step,
            "percentage": more.percentage,
            "error": more.error,
            "failure": more.failure,
        },
    }
    return {**body, "markdown": more.markdown} if with_text else body


def trash_entry(entry: TrashEntry) -> dict[str, Json]:
    """What one deletion moved to the trash."""
    return {
        "id": entry.id,
        "title": entry.title,
        "node_type": entry.kind,
        "parent_id": entry.parent_id,
        "path_cache": entry.path_cache,
        "documents": entry.documents,
        "deleted_at": entry.deleted_at,
        "purge_at": entry.purge_at,
    }


def assistant(found: Assistant) -> dict[str, Json]:
    """An assistant."""
    return {
        "id": found.id,
        "name": found.name,
        "description": found.description,
        "avatar_url": found.avatar_url,
        "model": found.model,
        "voice_response_enabled": found.voice_response_enabled,
        "created_at": found.created_at,
    }


def _node(found: Node | Branch, path_cache: str, collection: str | None) -> dict[str, Json]:
    return {
        "id": found.id,
        "title": found.title,
        "node_type": found.kind,
        "parent_id": found.parent_id,
        "position": found.position,
        "path_cache": path_cache,
        "collection": collection,
        "artifact": found.artifact,
        "created_at": found.created_at,
        "updated_at": found.updated_at,
    }
