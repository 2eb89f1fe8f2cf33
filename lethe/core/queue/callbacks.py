"""Events of tasks: over AMQP in the format of the Artifacts API's contract, and to webhooks."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from lethe.domain.json import Json
from lethe.domain.records.tasks import Callback, IngestResult, Step, TaskKind
from lethe.domain.webhooks import EventType
from lethe.store.database.transactions import Tx
from lethe.store.queue import outbox, tasks
from lethe.store.webhooks import deliveries

MODEL = "private-gpt"
"""The model name in every answer; clients of the API expect it."""

_NAMES = {TaskKind.INGEST: "vector_index_task", TaskKind.DELETE: "delete_ingested_task"}


def shown_document(artifact: str, metadata: Mapping[str, Json], source_uri: str | None = None) -> Json:
    """A stored document as answers show it; `source_uri` is left out when None."""
    document = {"object": "ingest.document", "artifact": artifact, "doc_metadata": dict(metadata)}
    return document if source_uri is None else {**document, "source_uri": source_uri}


def ingest_answer(
    documents: Sequence[tuple[str, Mapping[str, Json]]], warnings: Sequence[str] = ()
) -> IngestResult:
    """The answer of an ingestion: artifact and doc_metadata of the document, if one was stored.

    Args:
        warnings: what of the file is missing in the document; left out when empty.
    """
    answer: IngestResult = {
        "object": "list",
        "model": MODEL,
        "data": [shown_document(artifact, metadata) for artifact, metadata in documents],
    }
    if warnings:
        answer["warnings"] = list(warnings)
    return answer


async def tell_done(tx: Tx, *, task_id: UUID, kind: TaskKind, data: IngestResult | None) -> None:
    """Queue the success event, in the transaction that ends the task."""
    await _tell(tx, task_id, kind, "done", data=data)


async def tell_error(tx: Tx, *, task_id: UUID, kind: TaskKind, error: str) -> None:
    """Queue the event of a failure or revocation, in the transaction that ends the task."""
    await _tell(tx, task_id, kind, "error", error={"errors": [error]})


async def tell_progress(
    tx: Tx,
    *,
    task_id: UUID,
    kind: TaskKind,
    step: Step,
    percentage: int | None,
    warnings: Sequence[str] = (),
) -> None:
    """Queue the event of a step that began or progressed."""
    data = {"current_step": step, "percentage": percentage, "warnings": list(warnings) or None}
    await _tell(tx, task_id, kind, "progress", data=data)


async def tell_all_done(tx: Tx, *, task_ids: Sequence[UUID]) -> None:
    """Like `tell_done`, for members of a batch. They have no callbacks of their own, so only webhooks are told."""
    await _tell_webhooks(tx, task_ids, TaskKind.INGEST, "done")


async def tell_progress_of_all(tx: Tx, *, task_ids: Sequence[UUID], step: Step, percentage: int) -> None:
    """Like `tell_progress`, for members of a batch. They have no callbacks of their own, so only webhooks are told."""
    progress = {"current_step": step, "percentage": percentage}
    await _tell_webhooks(tx, task_ids, TaskKind.INGEST, "progress", progress)


async def tell_revoked(tx: Tx, *, revoked: Sequence[tuple[UUID, Callback | None]], error: str) -> None:
    """Queue the error events of ingestions that were revoked together, each with its own callback."""
    if not revoked:
        return
    async with tx.pipeline():
        await _tell_webhooks(tx, [id for id, _ in revoked], TaskKind.INGEST, "error")
        for task_id, callback in revoked:
            await _write(tx, task_id, callback, (TaskKind.INGEST, "error"), error={"errors": [error]})


async def _tell(
    tx: Tx,
    task_id: UUID,
    kind: TaskKind,
    event: str,
    *,
    data: Json = None,
    error: Json = None,
) -> None:
    async with tx.pipeline():
        await _tell_webhooks(tx, [task_id], kind, event, data if event == "progress" else None)
        callback = await tasks.callback_of(tx, id=task_id)
        await _write(tx, task_id, callback, (kind, event), data=data, error=error)


async def _tell_webhooks(
    tx: Tx, task_ids: Sequence[UUID], kind: TaskKind, event: str, progress: Json = None
) -> None:
    """Queue the webhook deliveries. Warnings are left out, since they may quote the document."""
    await deliveries.insert_of_tasks(
        tx,
        task_ids=task_ids,
        event=EventType(f"ingestion.{event}") if kind is TaskKind.INGEST else None,
        type_=_type(kind, event),
        facts={**progress, "warnings": None} if progress else None,
    )


async def _write(
    tx: Tx,
    task_id: UUID,
    callback: Callback | None,
    event: tuple[TaskKind, str],
    *,
    data: Json = None,
    error: Json = None,
) -> None:
    if callback is None or callback.exchange is None:
        return
    kind, name = event
    await outbox.insert(
        tx,
        task_id=task_id,
        exchange=callback.exchange,
        routing_key=_routing_key(callback, name) or _type(kind, name),
        body={
            "data": data,
            "type": _type(kind, name),
            "error": error,
            "callback_properties": callback.properties,
        },
    )


def _type(kind: TaskKind, event: str) -> str:
    return f"pgpt.{_NAMES[kind]}.{event}"


def _routing_key(callback: Callback, event: str) -> str | None:
    return {
        "done": callback.routing_key_done,
        "progress": callback.routing_key_progress,
        "error": callback.routing_key_error,
    }[event]
