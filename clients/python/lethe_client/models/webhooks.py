"""Webhooks, their deliveries, and the erasure feed."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from lethe_client.models.model import Model


@dataclass(frozen=True, kw_only=True)
class Webhook(Model):
    """An address that receives events. `signatures` counts the secrets that sign: two for a day after a rotation."""

    id: str
    url: str
    events: list[str]
    signatures: int
    created_by: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class NewWebhook(Webhook):
    """A webhook with its new `secret`, which is shown only once: None if this answer repeats a lost one."""

    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Delivery(Model):
    """An event for one receiver, and what became of it.

    Attributes:
        id: the header `webhook-id`, the same at each try.
        webhook_id: None for the callback of a task.
        last_status, last_error: what the receiver answered last, and why that try failed.
    """

    id: str
    type: str
    url: str
    status: Literal["waiting", "delivered", "dead"]
    attempts: int
    created_at: datetime
    webhook_id: str | None = None
    next_attempt_at: datetime | None = None
    ended_at: datetime | None = None
    last_status: int | None = None
    last_error: str | None = None
    task_id: str | None = None
    receipt_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class ErasedNode(Model):
    """A document or folder that is gone for good. `name` and `content` are hashes, as in its receipt."""

    id: str
    kind: Literal["document", "folder"]
    cause: Literal["document", "folder", "filter"]
    name: str
    receipt_id: str
    seq: int
    invisible_at: datetime
    erased_at: datetime
    content: str | None = None
    salt_id: str | None = None
