"""Collections of named documents, and what they contain."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lethe_client.models.model import Model


@dataclass(frozen=True, kw_only=True)
class Artifact(Model):
    """A stored document as the Artifacts API shows it."""

    artifact: str
    doc_metadata: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Ingested(Model):
    """A document that was ingested and can be found.

    Attributes:
        unchanged: whether the same was stored already, so that nothing was done.
        warnings: sentences about parts of the file that are not in the document.
        node_id: its node in the tree.
    """

    artifact: str
    collection: str
    node_id: str | None
    unchanged: bool
    doc_metadata: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Started(Model):
    """Work in the background: `client.tasks.wait(started.task_id)`."""

    task_id: str


@dataclass(frozen=True, kw_only=True)
class Erased(Model):
    """A complete erasure, with the id of its receipt."""

    receipt_id: str | None


@dataclass(frozen=True, kw_only=True)
class BatchDocument(Model):
    """A document of a batch. `task_status` ends as SUCCESS (stored), or as FAILURE or REVOKED with an `error`.

    Attributes:
        unchanged: whether the same was stored already, so that nothing was done.
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
    """Documents that were sent together, in the order sent. The batch ends when the last of them does."""

    task_id: str
    task_status: str
    documents: list[BatchDocument]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Batch":
        """Read a batch from JSON."""
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
