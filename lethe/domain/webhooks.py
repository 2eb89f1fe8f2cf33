"""Webhooks, the events that they are told of, and their deliveries."""

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
"""The type of a test delivery."""


class DeliveryStatus(StrEnum):
    """waiting -> delivered | dead; a redelivery makes it wait again."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Webhook:
    """A company's webhook. `secrets`: how many secrets sign now; two for a day after a rotation."""

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
    """A delivery to attempt now; no other worker takes it before its lease ends. `attempts` includes this one."""

    company_id: str
    id: int
    target: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Message:
    """The content and address of a delivery as of the moment it is sent; nothing of documents that are not live.

    `sealed`: the encrypted secrets to sign with, newest first; empty for a callback without a secret.
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
