"""Work in the background."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from lethe_client.models.model import Model

TaskStatus = Literal["pending", "started", "success", "failure", "revoked"]


@dataclass(frozen=True, kw_only=True)
class Task(Model):
    """Work in the background. `warnings` and `receipt_id` are set once it has succeeded."""

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
