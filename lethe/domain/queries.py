"""What callers ask for: conditions on documents, tasks and receipts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lethe.domain.records import Json, Operator
from lethe.domain.tasks import TaskStatus


@dataclass(frozen=True, slots=True)
class MetadataCondition:
    """One condition on a document's metadata, e.g. `year >= 2020`."""

    key: str
    operator: Operator
    value: Json


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Documents that meet all that is given: in a collection, at or below one of the nodes, by their metadata."""

    collection: str | None
    node_ids: list[str] | None
    metadata: Sequence[MetadataCondition]


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """Which tasks: of this status, and not ended before this moment; None: any."""

    status: TaskStatus | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class ReceiptQuery:
    """Which receipts: those about a node, or of a document by its names, erased between two moments."""

    node_id: str | None = None
    collection: str | None = None
    artifact: str | None = None
    since: datetime | None = None
    until: datetime | None = None
