"""Routes for webhooks and their deliveries."""

import re
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from lethe.api.knowledge import answers
from lethe.api.knowledge.bodies import json_of
from lethe.api.knowledge.webhook_shapes import (
    DeliveriesAnswer,
    DeliveryAnswer,
    NewWebhookAnswer,
    WebhookBody,
    WebhooksAnswer,
)
from lethe.api.openapi import body_schema
from lethe.api.request.auth import Ctx, WebhookManager, WebhookReader
from lethe.api.request.idempotency import claim_of, keep_without
from lethe.core.webhooks import manage
from lethe.domain.errors import InvalidRequest, NotFound
from lethe.domain.ids import given_uuid
from lethe.domain.json import Json
from lethe.domain.webhooks import Delivery, DeliveryStatus, EventType, Webhook

router = APIRouter(prefix="/webhooks", tags=["webhooks"])

_Id = Annotated[str, Path(max_length=100)]
_EVENT = re.compile(r"msg_([0-9a-f]{32})")


@router.post(
    "",
    response_model=NewWebhookAnswer,
    status_code=201,
    summary="Create a webhook",
    openapi_extra=body_schema(
        WebhookBody, {"url": "https://example.org/lethe", "events": [EventType.INGESTION_DONE]}
    ),
)
async def create_webhook(
    request: Request,
    ctx: Ctx,
    caller: WebhookManager,
    body: Annotated[WebhookBody, Depends(json_of(WebhookBody))],
) -> Response:
    """Generates the secret and shows it in this answer only. The webhook receives the events from now on."""
    keep_without(request, "secret")
    try:
        made = await manage.create(
            ctx,
            company_id=caller.company_id,
            url=body.url,
            events=body.events,
            by=caller.prefix,
            claim=claim_of(request),
        )
    except InvalidRequest as exc:
        raise InvalidRequest(str(exc), ("body", "url")) from exc
    return answers.answer({**_webhook(made.webhook), "secret": made.secret}, 201)


@router.get("", response_model=WebhooksAnswer, summary="List webhooks")
async def list_webhooks(ctx: Ctx, caller: WebhookReader) -> Response:
    """All webhooks of the company, without their secrets."""
    found = await manage.all_of(ctx, company_id=caller.company_id)
    return answers.answer({"items": [_webhook(webhook) for webhook in found]})


@router.get("/deliveries", response_model=DeliveriesAnswer, summary="List deliveries, newest first")
async def list_deliveries(  # noqa: PLR0917 the query's parameters
    ctx: Ctx,
    caller: WebhookReader,
    webhook_id: Annotated[UUID | None, Query(description="Only those to this webhook.")] = None,
    status: Annotated[DeliveryStatus | None, Query(description="Only those with this status.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Maximum number of deliveries.")] = 100,
    cursor: Annotated[
        str | None, Query(max_length=100, description="`next_cursor` of the previous page.")
    ] = None,
) -> Response:
    """Deliveries to webhooks and to the callbacks of tasks, kept for 30 days after their end."""
    before = _event_id(cursor) if cursor is not None else None
    if cursor is not None and before is None:
        raise InvalidRequest("Invalid cursor: use one from an earlier answer, or none.", ("query", "cursor"))
    found, more = await manage.page(
        ctx, company_id=caller.company_id, webhook_id=webhook_id, status=status, before=before, limit=limit
    )
    items = [_delivery(delivery) for delivery in found]
    return answers.answer({"items": items, "next_cursor": items[-1]["id"] if more else None})


@router.post(
    "/deliveries/{delivery_id}/redeliver",
    response_model=DeliveryAnswer,
    status_code=202,
    summary="Send a delivery again",
)
async def redeliver(request: Request, ctx: Ctx, caller: WebhookManager, delivery_id: _Id) -> Response:
    """Sends it under the same event id, as if it had never been tried, with the facts as they are then."""
    await request.body()  # empty, but reading it completes a request with an Idempotency-Key
    event_id = _event_id(delivery_id)
    if event_id is None:
        raise NotFound(manage.NO_DELIVERY)
    again = await manage.redeliver(ctx, company_id=caller.company_id, event_id=event_id)
    return answers.answer(_delivery(again), 202)


@router.post("/{webhook_id}/rotate", response_model=NewWebhookAnswer, summary="Give a webhook a new secret")
async def rotate_secret(request: Request, ctx: Ctx, caller: WebhookManager, webhook_id: _Id) -> Response:
    """For 24 hours, the old secret signs too."""
    keep_without(request, "secret")
    await request.body()  # empty, but reading it completes a request with an Idempotency-Key
    made = await manage.rotate(ctx, company_id=caller.company_id, id=_uuid(webhook_id))
    return answers.answer({**_webhook(made.webhook), "secret": made.secret})


@router.post("/{webhook_id}/test", response_model=DeliveryAnswer, status_code=202, summary="Send a ping")
async def send_ping(request: Request, ctx: Ctx, caller: WebhookManager, webhook_id: _Id) -> Response:
    """Sends a delivery of the type `ping`, signed like any other; `GET /webhooks/deliveries` shows how it ended."""
    await request.body()  # empty, but reading it completes a request with an Idempotency-Key
    pinged = await manage.ping(ctx, company_id=caller.company_id, id=_uuid(webhook_id))
    return answers.answer(_delivery(pinged), 202)


@router.delete("/{webhook_id}", status_code=204, response_model=None, summary="Delete a webhook")
async def delete_webhook(ctx: Ctx, caller: WebhookManager, webhook_id: _Id) -> Response:
    """Deletes its deliveries too; those that wait are not sent any more."""
    await manage.delete(ctx, company_id=caller.company_id, id=_uuid(webhook_id))
    return Response(status_code=204)


def _uuid(text: str) -> UUID:
    return given_uuid(text, missing=manage.NOT_THERE)


def _event_id(text: str) -> UUID | None:
    match = _EVENT.fullmatch(text)
    return UUID(match[1]) if match else None


def _webhook(webhook: Webhook) -> dict[str, Json]:
    return {
        "id": webhook.id,
        "url": webhook.url,
        "events": webhook.events,
        "signatures": webhook.secrets,
        "created_by": webhook.created_by,
        "created_at": webhook.created_at,
    }


def _delivery(delivery: Delivery) -> dict[str, Json]:
    return {
        "id": f"msg_{delivery.event_id.hex}",
        "webhook_id": delivery.webhook_id,
        "type": delivery.type,
        "url": delivery.url,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "next_attempt_at": None if delivery.ended_at else delivery.due_at,
        "last_status": delivery.last_status,
        "last_error": delivery.last_error,
        "task_id": delivery.task_id,
        "receipt_id": delivery.receipt_id,
        "created_at": delivery.created_at,
        "ended_at": delivery.ended_at,
    }
