"""Webhooks: who is told of what, and the deliveries to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from lethe.domain.json import Json


class EventType(StrEnum):
    """What a webhook can be told of."""

    INGESTION_PROGRESS = "ingestion.progress"
    INGESTION_DONE = "ingestion.done"
    INGESTION_ERROR = "ingestion.error"
    NODE_TRASHED = "node.trashed"
    NODE_RESTORED = "node.restored"
    ERASURE_DONE = "erasure.done"


PING = "ping"
"""The type of a test's delivery."""


class DeliveryStatus(StrEnum):
    """waiting -> delivered | dead; a redelivery makes it wait again."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Webhook:
    """A company's webhook. `secrets` is how many sign now: two for a day after a rotation."""

    id: UUID
    url: str
    events: list[str]
    created_by: str
    created_at: datetime
    secrets: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as the API shows it. `webhook_id` is None for the callback of a task."""

    event_id: UUID
    webhook_id: UUID | None
    type: str
    url: str
    status: DeliveryStatus
    attempts: int
    due_at: datetime
    last_status: int | None
    last_error: str | None
    task_id: UUID | None
    receipt_id: UUID | None
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Leased:
    """A delivery to be tried now; no other worker takes it before its lease ends. `attempts` includes this one."""

    company_id: str
    id: int
    target: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Message:
    """What a delivery says, and to whom, as of the moment it is sent; of a document only what is live.

    `sealed` are the encrypted secrets to sign with, newest first; none for a callback without one.
    """

    event_id: UUID
    url: str
    sealed: Sequence[bytes] = field(repr=False)
    type: str
    facts: Mapping[str, Json]
    is_callback: bool
    created_at: datetime
    first_tried_at: datetime
    now: datetime
    task_id: UUID | None
    receipt_id: UUID | None
    node_id: str | None
    collection: str | None
    artifact: str | None
    result: Json
    error: str | None
    properties: Json
