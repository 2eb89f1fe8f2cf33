"""Batches: many documents ingested by one request, each with a task of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from lethe.domain.json import Json
from lethe.domain.records.documents import Source
from lethe.domain.records.tasks import TaskStatus


@dataclass(frozen=True, slots=True)
class NewMember:
    """A document of a new batch.

    `node_id` is its node. If `error` says why the document is refused, `node_id` is a new id without a node. If it is
    `unchanged`, `node_id` is the document that already has the same input. In both cases it has no `generation`, and
    there is nothing to do. `share`: the number of the job that works on it with others; None: a job of its own.
    """

    task_id: UUID
    collection: str
    artifact: str
    node_id: str
    generation: int | None = None
    share: int | None = None
    metadata: Mapping[str, Json] | None = None
    file_name: str | None = None
    uri: str | None = None
    source: Source | None = None
    input_hash: str | None = None
    error: str | None = None
    unchanged: bool = False

    @property
    def open(self) -> bool:
        """Whether there is something to do."""
        return self.error is None and not self.unchanged


@dataclass(frozen=True, slots=True)
class Share:
    """The members of a batch that one job works on."""

    company_id: str
    batch_id: UUID
    number: int


@dataclass(frozen=True, slots=True)
class Member:
    """A document of a batch as the API shows it. Names and node are None once the document is deleted.

    `unchanged`: the document was already stored with the same input.
    """

    task_id: UUID
    status: TaskStatus
    collection: str | None
    artifact: str | None
    node_id: str | None
    unchanged: bool
    warnings: list[str] | None
    error: str | None
