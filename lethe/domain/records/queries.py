"""Conditions with which callers select documents, tasks and receipts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from lethe.domain.json import Json
from lethe.domain.records.tasks import TaskStatus

Operator = Literal["==", "!=", ">", ">=", "<", "<=", "in", "nin", "contains", "is_empty"]
"""The comparisons of a metadata filter; store/search/metadata.py defines them."""

Comparison = Operator | Literal["starts_with", "ends_with"]
"""The comparisons of a condition; filters of the APIs have only the operators."""


@dataclass(frozen=True, slots=True)
class MetadataCondition:
    """A condition on a document's metadata, such as `year >= 2020`; if `negated`, it must not hold."""

    key: str
    operator: Comparison
    value: Json
    negated: bool = False


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Conditions of which at least one must hold."""

    conditions: Sequence[MetadataCondition]


Condition = MetadataCondition | AnyOf


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Documents that meet all given conditions: in a collection, at or below one of the nodes, by metadata."""

    collection: str | None
    node_ids: list[str] | None
    metadata: Sequence[MetadataCondition]


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """Tasks with this status that had not ended before this time; None: any."""

    status: TaskStatus | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class ReceiptQuery:
    """Receipts about a node, or about a document by its names, erased between two times; None: any."""

    node_id: str | None = None
    collection: str | None = None
    artifact: str | None = None
    since: datetime | None = None
    until: datetime | None = None
