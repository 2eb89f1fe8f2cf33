"""The JSON of webhooks."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from lethe.api.request.values import Known
from lethe.domain.webhooks import DeliveryStatus, EventType

URL_CHARACTERS = 2000

WebhookUrl = Annotated[str, StringConstraints(min_length=1, max_length=URL_CHARACTERS)]


class WebhookBody(Known):
    """A new webhook."""

    url: WebhookUrl = Field(
        description="An http(s) address. One in a private network is refused, unless the server permits it.",
        examples=["https://example.org/lethe"],
    )
    events: Annotated[list[EventType], Field(min_length=1, max_length=20)] = Field(
        default=[e for e in EventType if e is not EventType.INGESTION_PROGRESS],
        description="The events to send. Default: all except progress.",
    )


class WebhookAnswer(BaseModel):
    """A webhook."""

    id: str
    url: str
    events: list[EventType]
    signatures: int = Field(description="How many secrets sign: two for a day after a rotation.")
    created_by: str = Field(description="The prefix of a token.")
    created_at: str


class NewWebhookAnswer(WebhookAnswer):
    """A webhook with its new secret."""

    secret: str | None = Field(
        description="Shown this once; null when a request is repeated with its Idempotency-Key."
    )


class WebhooksAnswer(BaseModel):
    """The company's webhooks, oldest first."""

    items: list[WebhookAnswer]


class DeliveryAnswer(BaseModel):
    """An event for one receiver."""

    id: str = Field(description="The header `webhook-id`: the same at each try.")
    webhook_id: str | None = Field(description="Null for the callback of a task.")
    type: str
    url: str
    status: DeliveryStatus
    attempts: int
    next_attempt_at: str | None = Field(description="Null once it has ended.")
    last_status: int | None = Field(description="What the receiver answered last.")
    last_error: str | None = Field(description="A sentence on why the last try failed.")
    task_id: str | None
    receipt_id: str | None
    created_at: str
    ended_at: str | None


class DeliveriesAnswer(BaseModel):
    """Deliveries, newest first."""

    items: list[DeliveryAnswer]
    next_cursor: str | None
