"""The results of calls. Each keeps the JSON it was read from: `to_dict()`, and `extra` for fields that are new."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from lethe_client._model import Model

Metadata = dict[str, Any]
TaskStatus = Literal["pending", "started", "success", "failure", "revoked"]


@dataclass(frozen=True, kw_only=True)
class Artifact(Model):
    """A stored document as the Artifacts API shows it."""

    artifact: str
    doc_metadata: Metadata


@dataclass(frozen=True, kw_only=True)
class Ingested(Model):
    """A document that was ingested and can be found.

    Attributes:
        unchanged: the same was stored already, and nothing was done.
        warnings: sentences about parts of the file that are not in the document.
        node_id: its node in the tree.
    """

    artifact: str
    collection: str
    node_id: str | None
    unchanged: bool
    doc_metadata: Metadata = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Started(Model):
    """Work in the background: `client.tasks.wait(started.task_id)`."""

    task_id: str


@dataclass(frozen=True, kw_only=True)
class Erased(Model):
    """An erasure that is complete, and its receipt."""

    receipt_id: str | None


@dataclass(frozen=True, kw_only=True)
class BatchDocument(Model):
    """A document of a batch: its `task_status` is SUCCESS once it is stored, else FAILURE or REVOKED, with an `error`.

    Attributes:
        unchanged: the same was stored already, and nothing was done.
        collection, artifact, node_id: None once it is deleted.
    """

    task_id: str
    task_status: str
    unchanged: bool
    collection: str | None = None
    artifact: str | None = None
    node_id: str | None = None
    warnings: list[str] = field(default_factory=list)
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class Batch(Model):
    """Documents that were sent together, in their order. The batch ends with the last of them."""

    task_id: str
    task_status: str
    documents: list[BatchDocument]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Batch":
        """Read it from JSON."""
        return super().from_dict({**data, "documents": data["task_result"]["data"]})

    @property
    def has_ended(self) -> bool:
        """Whether all documents are stored or have failed."""
        return self.task_status in {"SUCCESS", "FAILURE"}

    @property
    def failed(self) -> list[BatchDocument]:
        """The documents that were not stored."""
        return [one for one in self.documents if one.task_status in {"FAILURE", "REVOKED"}]


@dataclass(frozen=True, kw_only=True)
class Content(Model):
    """A document's content: markdown, or a tree, or the blocks of one piece."""

    artifact_id: str
    content: Any


@dataclass(frozen=True, kw_only=True)
class Hit(Model):
    """A document that was found, by its best chunk.

    Attributes:
        highlights: where the query's words are in the snippet.
        headings: those above the chunk, the outermost first.
        page, slide, sheet, part: where in its file the words are, if its type has such places.
        first_row, last_row: the rows of the sheet that are in the chunk.
        text, explanation: the whole chunk, and why it has its score, if they were asked for.
    """

    node_id: str
    score: float
    title: str
    snippet: str
    collection: str | None = None
    artifact: str | None = None
    metadata: Metadata = field(default_factory=dict)
    highlights: list[list[int]] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    page: int | None = None
    slide: int | None = None
    sheet: str | int | None = None
    first_row: int | None = None
    last_row: int | None = None
    part: str | int | None = None
    source_uri: str | None = None
    text: str | None = None
    explanation: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class SearchResults(Model):
    """Documents, best first."""

    mode: str
    results: list[Hit]

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)


@dataclass(frozen=True, kw_only=True)
class Chunk(Model):
    """A chunk that was found. `metadata` is that of its document, and its `headings` and place in the file."""

    id: str
    score: float
    document: Artifact
    text: str
    previous_texts: list[str] | None = None
    next_texts: list[str] | None = None
    metadata: Metadata = field(default_factory=dict)

    @property
    def node_id(self) -> str:
        """The document's node."""
        return self.id.rpartition("-")[0]

    @property
    def title(self) -> str:
        """The document's title, or else its file's or its artifact's name."""
        known = self.document.doc_metadata
        named = (known.get(key) for key in ("title", "file_name"))
        return next((name for name in named if isinstance(name, str) and name), self.document.artifact)

    @property
    def headings(self) -> list[str]:
        """The headings above it, the outermost first."""
        found = self.metadata.get("headings")
        return [str(heading) for heading in found] if isinstance(found, list) else []


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
    metadata: Metadata | None = None
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
        """It and all below it, parents before their children."""
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
    """How the last ingestion of a document goes or went. `failure` is `rejected` if the same file would fail again."""

    status: str
    step: str | None = None
    percentage: int | None = None
    error: str | None = None
    failure: str | None = None


@dataclass(frozen=True, kw_only=True)
class NodeDetails(Node):
    """A node and what is known of its content."""

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


@dataclass(frozen=True, kw_only=True)
class Task(Model):
    """Work in the background. `warnings` and `receipt_id` are there once it has succeeded."""

    id: str
    kind: str
    status: TaskStatus
    created_at: datetime
    step: str | None = None
    percentage: int | None = None
    finished_at: datetime | None = None
    error: str | None = None
    node_id: str | None = None
    collection: str | None = None
    artifact: str | None = None
    title: str | None = None
    receipt_id: str | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.status not in {"pending", "started"}


@dataclass(frozen=True, kw_only=True)
class Preview(Model):
    """What a deletion by filter would delete; `sample` is some of it. It leaves what is in the trash."""

    documents: int
    sample: list[dict[str, Any]]
    in_trash: int | None = None


@dataclass(frozen=True, kw_only=True)
class Deletion(Model):
    """A deletion by filter, whose documents nobody can see any more. It leaves what is in the trash."""

    task_id: str
    mode: Literal["trash", "erase"]
    documents: int
    in_trash: int | None = None
    status: str
    percentage: int | None = None
    receipt_id: str | None = None
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class Receipt(Model):
    """A signed receipt. `to_dict()` is what was signed, with all that it counts."""

    id: str
    kind: str
    seq: int
    version: int
    company: str
    levels: list[str]
    hash: str
    signature: str
    key_id: str
    subject: dict[str, Any] = field(default_factory=dict)
    erased: dict[str, int] = field(default_factory=dict)
    erased_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ReceiptKey(Model):
    """The public key that checks receipts; `previous` are earlier ones."""

    key_id: str
    algorithm: str
    public_key: str
    pem: str
    previous: list["ReceiptKey"] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class ReceiptSalt(Model):
    """The secret under which receipts hash names."""

    salt_id: str
    algorithm: str
    salt: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Assistant(Model):
    """An assistant."""

    id: str
    name: str
    created_at: datetime
    description: str | None = None
    avatar_url: str | None = None
    model: str | None = None
    voice_response_enabled: bool = False


@dataclass(frozen=True, kw_only=True)
class Assigned(Model):
    """How many workers have the assignment."""

    workers_updated: int


@dataclass(frozen=True, kw_only=True)
class Bound(Model):
    """A folder that a token is bound to, and whether it may change what is below it."""

    id: str
    title: str
    write: bool


@dataclass(frozen=True, kw_only=True)
class Me(Model):
    """The token that was sent. `only`: the folders that it is bound to; None: it has no bounds."""

    name: str
    prefix: str
    scopes: list[str]
    company: str
    expires_at: datetime | None = None
    only: list[Bound] | None = None
