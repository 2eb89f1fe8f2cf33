"""Nodes of the tree, as they are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from lethe.domain.records import Json


class NodeState(StrEnum):
    """pending -> live -> deleted; a pending node whose first ingestion fails is removed."""

    PENDING = "pending"
    LIVE = "live"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Node:
    """A folder or document of the tree. `path_cache` are the titles from the root, each after a slash.

    `warnings` tell what of a document's file is not in its text; `metadata` is what it was given, None of a folder.
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
class Branch:
    """A node of the tree. `path_cache` is there only on the node that a part of the tree was asked for."""

    id: str
    title: str
    kind: str
    parent_id: str | None
    position: int
    created_at: datetime
    updated_at: datetime
    path_cache: str | None


@dataclass(frozen=True, slots=True)
class NodeDetails:
    """What is known of a node besides its place. Counts are of what is live below a folder."""

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
    markdown: str | None


@dataclass(frozen=True, slots=True)
class TrashEntry:
    """What one deletion has put into the trash. `documents` counts those that a restore brings back."""

    id: str
    title: str
    kind: str
    parent_id: str | None
    path_cache: str
    documents: int
    deleted_at: datetime
    purge_at: datetime
