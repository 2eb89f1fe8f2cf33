"""Routes that ingest and erase documents."""

import asyncio
import time
from uuid import UUID

import structlog
from fastapi import APIRouter, Request, Response

from lethe.api.artifacts import errors, uploads
from lethe.api.artifacts.answers import IngestAnswer, TaskAnswer, TaskCreated, json_answer, task_answer
from lethe.api.artifacts.shapes import CallbackBody, DeleteAsyncBody, DeleteBody
from lethe.api.request.auth import NODE, RECEIPT, Ctx, Deleter, Ingester, Writer
from lethe.api.request.bodies import read_json
from lethe.api.request.idempotency import claim_of
from lethe.api.streams import client_leaves
from lethe.core.context import Context
from lethe.core.deletion import erasure
from lethe.core.ingestion import work
from lethe.core.ingestion.submit import Submission, submit
from lethe.core.queue import tasks
from lethe.core.queue.callbacks import ingest_answer
from lethe.core.webhooks import secrets
from lethe.domain.errors import InvalidRequest, Unavailable
from lethe.domain.records.tasks import Callback, Task, TaskFailure, TaskKind, TaskStatus

log = structlog.get_logger()
router = APIRouter(tags=["artifacts"])

_GIVEN_UP = "The client closed the connection before the answer."
_REVOKING_SECONDS = 60
"""How long to retry revoking the ingestion of a client that left. A database restarts in less."""
_PAUSE_SECONDS = 0.5


@router.post(
    "/ingest", response_model=IngestAnswer, summary="Store a document and wait until it is searchable"
)
async def ingest_artifact(request: Request, ctx: Ctx, caller: Ingester) -> Response:
    """Accepts JSON, or a form with the fields `file`, `collection`, `artifact` and `metadata`.

    Sending the same input again returns empty `data`. Different content for the same artifact replaces the document;
    the old content stays searchable until the new one is. Closing the connection before the answer revokes the
    ingestion.
    """
    submission = await _take_in(request, ctx, caller.company_id)
    if submission.task_id is None:
        return json_answer(ingest_answer([]), {NODE: submission.node_id})
    task = await _wait_or_give_up(request, ctx, caller.company_id, submission.task_id)
    if task.status is not TaskStatus.SUCCESS:
        return errors.failed_task(task)
    return json_answer(task.result, {NODE: task.node_id})


@router.post("/ingest/async", response_model=TaskCreated, summary="Store a document in the background")
async def ingest_artifact_async(request: Request, ctx: Ctx, caller: Ingester) -> Response:
    """Returns the id of a task: see `GET /ingest/async/{task_id}`."""
    body = await uploads.read_async_ingestion(request, ctx.scratch)
    submission = await submit(
        ctx,
        await uploads.ingestion_of(body.ingest_body),
        company_id=caller.company_id,
        callback=_callback(ctx, caller.company_id, body.callback),
        waiting=False,
        claim=claim_of(request),
    )
    return json_answer({"task_id": submission.task_id})


@router.get("/ingest/async/{task_id}", response_model=TaskAnswer, summary="Show the state of an ingestion")
async def ingestion_status(task_id: str, ctx: Ctx, caller: Writer) -> Response:
    """404 if no ingestion has this task id."""
    task = await tasks.find(ctx.db, company_id=caller.company_id, task_id=task_id, kind=TaskKind.INGEST)
    return json_answer(task_answer(task), {NODE: task.node_id})


@router.post("/delete", response_model=None, summary="Erase a document and wait until it is gone")
async def delete_artifact(request: Request, ctx: Ctx, caller: Deleter) -> Response:
    """When this returns, the document's text, chunks, vectors and file are gone for good."""
    body = await read_json(request, DeleteBody)
    receipt = await erasure.erase(
        ctx,
        company_id=caller.company_id,
        collection=body.collection,
        artifact=body.artifact,
        by=caller.prefix,
    )
    return json_answer(None, {RECEIPT: receipt})


@router.post("/delete/async", response_model=TaskCreated, summary="Erase a document in the background")
async def delete_artifact_async(request: Request, ctx: Ctx, caller: Deleter) -> Response:
    """The document is invisible once this returns; a running ingestion of it is revoked."""
    body = await read_json(request, DeleteAsyncBody)
    task_id = await erasure.request_erasure(
        ctx,
        company_id=caller.company_id,
        collection=body.delete_body.collection,
        artifact=body.delete_body.artifact,
        callback=_callback(ctx, caller.company_id, body.callback),
        by=caller.prefix,
        claim=claim_of(request),
    )
    return json_answer({"task_id": task_id})


@router.get("/delete/async/{task_id}", response_model=TaskAnswer, summary="Show the state of a deletion")
async def deletion_status(task_id: str, ctx: Ctx, caller: Deleter) -> Response:
    """404 if no deletion has this task id."""
    task = await tasks.find(ctx.db, company_id=caller.company_id, task_id=task_id, kind=TaskKind.DELETE)
    return json_answer(
        task_answer(task), {RECEIPT: task.receipt_id if task.status is TaskStatus.SUCCESS else None}
    )


def _callback(ctx: Context, company_id: str, body: CallbackBody | None) -> Callback | None:
    if body is None:
        return None
    if body.amqp is not None and not ctx.has_broker:
        raise InvalidRequest(
            "This server has no message broker for callbacks: set LETHE_AMQP_URL, or leave out 'callback.amqp'.",
            ("body", "callback"),
        )
    if body.webhook is not None:
        try:
            ctx.receivers.check(body.webhook.url)
        except InvalidRequest as exc:
            raise InvalidRequest(str(exc), ("body", "callback", "webhook", "url")) from exc
    return Callback(
        **(body.amqp.model_dump() if body.amqp else {}),
        properties=body.properties,
        webhook=secrets.of_callback(
            ctx.webhook_secrets, company_id=company_id, url=body.webhook.url, secret=body.webhook.secret
        )
        if body.webhook
        else None,
    )


async def _take_in(request: Request, ctx: Context, company_id: str) -> Submission:
    """Submit the request's document. Only this call holds the document, as the wait that follows may be long."""
    async with uploads.read_ingestion(request, ctx.scratch) as ingestion:
        return await submit(
            ctx, ingestion, company_id=company_id, callback=None, waiting=True, claim=claim_of(request)
        )


async def _wait_or_give_up(request: Request, ctx: Context, company_id: str, task_id: UUID) -> Task:
    """The task once it has ended. A client that disconnects earlier revokes it."""
    waiting = asyncio.ensure_future(
        tasks.wait(ctx, company_id=company_id, task_id=task_id, kind=TaskKind.INGEST)
    )
    leaving = asyncio.ensure_future(client_leaves(request))
    try:
        await asyncio.wait({waiting, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if leaving.done():  # even if the wait failed: ended tasks are not revoked
            await _revoke(ctx, company_id, task_id)
        return await waiting
    finally:
        waiting.cancel()
        leaving.cancel()
        await asyncio.gather(waiting, leaving, return_exceptions=True)


async def _revoke(ctx: Context, company_id: str, task_id: UUID) -> None:
    """Revoke an ingestion whose client has left, unless it has ended.

    Raises Unavailable if the database stays unavailable; the document is then stored after all.
    """
    end = time.monotonic() + _REVOKING_SECONDS
    while True:
        try:
            return await work.fail(
                ctx, company_id=company_id, task_id=task_id, failure=TaskFailure.REVOKED, error=_GIVEN_UP
            )
        except Unavailable as exc:
            if time.monotonic() > end:
                log.warning(
                    "cannot revoke the ingestion of a client that disconnected",
                    task_id=str(task_id),
                    reason=str(exc),
                )
                raise
        await asyncio.sleep(_PAUSE_SECONDS)
