"""Folders and documents, in the tree and in the trash."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from lethe_client.models.model import Model


@dataclass(frozen=True, kw_only=True)
class Node(Model):
    """A folder or a document."""

    id: str
    title: str
    node_type: Literal["folder", "document"]
    parent_id: str | None
    position: int
    path_cache: str
    created_at: datetime
    updated_at: datetime
    collection: str | None = None
    artifact: str | None = None
    metadata: dict[str, Any] | None = None
    source_uri: str | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.node_type == "folder"


@dataclass(frozen=True, kw_only=True)
class TreeNode(Node):
    """A node with its children."""

    children: list["TreeNode"] = field(default_factory=list)

    def walk(self) -> Iterator["TreeNode"]:
        """This node and all below it, parents before their children."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, kw_only=True)
class Tree(Model):
    """The tree, or a part of it."""

    items: list[TreeNode]

    def __iter__(self) -> Iterator[TreeNode]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def walk(self) -> Iterator[TreeNode]:
        """All nodes, parents before their children."""
        for item in self.items:
            yield from item.walk()


@dataclass(frozen=True, kw_only=True)
class IngestionState(Model):
    """The state of a document's last ingestion. `failure` is `rejected` if the same file would fail again."""

    status: str
    step: str | None = None
    percentage: int | None = None
    error: str | None = None
    failure: str | None = None


@dataclass(frozen=True, kw_only=True)
class NodeDetails(Node):
    """A node, with facts about its content."""

    counts: dict[str, int] = field(default_factory=dict)
    file_type: str | None = None
    language: str | None = None
    hash: str | None = None
    last_ingestion: IngestionState | None = None
    markdown: str | None = None


@dataclass(frozen=True, kw_only=True)
class TrashEntry(Model):
    """What one deletion moved to the trash."""

    id: str
    title: str
    node_type: Literal["folder", "document"]
    parent_id: str | None
    path_cache: str
    documents: int
    deleted_at: datetime
    purge_at: datetime
