"""Nodes of the tree, as they are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from lethe.domain.json import Json


class NodeState(StrEnum):
    """pending -> live -> deleted; a pending node whose first ingestion fails is removed."""

    PENDING = "pending"
    LIVE = "live"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Node:
    """A folder or document. `path_cache` holds the titles from the root, each after a slash.

    `collection` is the name of the root folder that the node is or is in, None if there is none. `artifact` is a
    document's name in the Artifacts API. `warnings` say what of its file is missing from its text. `metadata` is what
    was sent with the document. Artifact and metadata are None for a folder.
    """

    id: str
    title: str
    kind: Literal["folder", "document"]
    parent_id: str | None
    position: int
    path_cache: str
    collection: str | None
    artifact: str | None
    source_uri: str | None
    created_at: datetime
    updated_at: datetime
    warnings: Sequence[str]
    metadata: Mapping[str, Json] | None


@dataclass(frozen=True, slots=True)
class Branch:
    """A node of the tree. `path_cache` is set only on the node below which the tree was requested.

    `collection` is set on that node, and on those at the top of the tree.
    """

    id: str
    title: str
    kind: str
    parent_id: str | None
    position: int
    artifact: str | None
    created_at: datetime
    updated_at: datetime
    collection: str | None
    path_cache: str | None


@dataclass(frozen=True, slots=True)
class NodeDetails:
    """Facts about a node besides its place. `folders` and `documents` count what is live below a folder."""

    folders: int
    documents: int
    characters: int | None
    chunks: int | None
    bytes: int | None
    file_type: str | None
    language: str | None
    hash: str | None
    status: str | None
    step: str | None
    percentage: int | None
    error: str | None
    failure: str | None
    markdown: str | None


@dataclass(frozen=True, slots=True)
class TrashEntry:
    """What one deletion moved to the trash. `documents`: how many a restore brings back. `path`: the ids of the folders
    that the node was in, and its own.
    """

    id: str
    title: str
    kind: str
    parent_id: str | None
    path: str
    path_cache: str
    documents: int
    deleted_at: datetime
    purge_at: datetime


@dataclass(frozen=True, slots=True)
class ListedNode:
    """A node in a folder's list. `documents` counts what is live below a folder, up to a bound.

    `status`, `step`, `percentage` and `error` are those of the document's last ingestion; `warnings` is a count.
    """

    id: str
    title: str
    kind: str
    parent_id: str | None
    position: int
    created_at: datetime
    updated_at: datetime
    bytes: int | None
    chunks: int | None
    file_type: str | None
    warnings: int
    status: str | None
    step: str | None
    percentage: int | None
    error: str | None
    documents: int | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What a deletion takes. `assistants`: the names of at most 20 assistants that lose something."""

    folders: int
    documents: int
    chunks: int
    bytes: int
    assistants: list[str]
