"""Sends deliveries: each under a lease, in order per subject, until it is delivered or its time is over."""

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import orjson
import structlog

from lethe.adapters.webhooks import Answer
from lethe.core.webhooks.secrets import SecretLost, Secrets
from lethe.core.webhooks.signing import signed
from lethe.domain.checkpoints import checkpoint
from lethe.domain.errors import OperatorError
from lethe.domain.json import Json
from lethe.domain.webhooks import PING, DeliveryStatus, EventType, Leased, Message
from lethe.store.database.pool import Database
from lethe.store.webhooks import sending

log = structlog.get_logger()

AT_ONCE, OF_COMPANY, OF_TARGET = 200, 20, 4
"""The most attempts under way in a worker: in all, per company, per receiver. Each costs little but an open socket."""

_LEASE_SLACK_SECONDS = 15.0
_GONE = 410
_JITTER = 0.1

Post = Callable[[str, bytes, Mapping[str, str]], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an attempt may take, how long to pause after it (doubling from `first` to `most`), when to give up."""

    try_seconds: float
    first_seconds: float
    most_seconds: float
    hours: float

    def pause(self, attempts: int) -> float:
        """Seconds until the next attempt, with some jitter so that not all come at once."""
        pause = min(self.most_seconds, self.first_seconds * 2.0 ** min(attempts - 1, 30))
        return pause * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 no secret


async def lease(db: Database, patience: Patience, *, busy: Mapping[tuple[str, str], int]) -> list[Leased]:
    """Deliveries to try now; `busy` is how many are under way in this process, by company and target."""
    async with db.system() as conn:
        return await sending.lease(
            conn,
            limit=max(0, AT_ONCE - sum(busy.values())),
            of_target=OF_TARGET,
            of_company=OF_COMPANY,
            busy=busy,
            seconds=int(patience.try_seconds + _LEASE_SLACK_SECONDS),
        )


async def send(db: Database, secrets: Secrets, post: Post, patience: Patience, leased: Leased) -> None:
    """Attempt a delivery once, and record the outcome.

    Invariant: a delivery ends only when the receiver answers with success or 410, or when its time is over; until then
    it is sent again under the same id. Its content is read just before sending, so it never reveals deleted documents.

    Raises Unavailable if the database is down; the lease then expires.
    """
    message = await sending.message(db, company_id=leased.company_id, id=leased.id)
    if message is None:
        return
    checkpoint("webhook_after_lease_before_post")
    answer = await _tried(secrets, post, leased.company_id, message)
    checkpoint("webhook_after_post_before_noted")
    pause = patience.pause(leased.attempts)
    over = (message.now - message.first_tried_at).total_seconds() + pause > patience.hours * 3600
    # Not durable: sending a delivery twice does less harm than a slow worker.
    async with db.transaction(leased.company_id, durable=False) as tx:
        if answer.error is None or over or answer.status == _GONE:
            status = DeliveryStatus.DELIVERED if answer.error is None else DeliveryStatus.DEAD
            await sending.end(tx, id=leased.id, status=status, last_status=answer.status, error=answer.error)
        else:
            await sending.put_off(
                tx, id=leased.id, seconds=pause, last_status=answer.status, error=answer.error
            )


async def _tried(secrets: Secrets, post: Post, company_id: str, message: Message) -> Answer:
    try:
        keys = _keys(secrets, company_id, message)
    except (SecretLost, OperatorError) as exc:
        log.error(
            "a webhook's secret cannot be read: is LETHE_WEBHOOK_KEY the same everywhere?", reason=str(exc)
        )
        return Answer(None, "The secret cannot be read by this server: rotate it.")
    body = orjson.dumps(_body(message))
    headers = signed(message.event_id, at=message.now, body=body, secrets=keys)
    return await post(message.url, body, {**headers, **_names(message)})


def _keys(secrets: Secrets, company_id: str, message: Message) -> list[str]:
    """The secrets to sign with: the newest, and those replaced secrets that can still be decrypted."""
    newest, before = message.sealed[:1], message.sealed[1:]
    readable = [old for old in before if secrets.opens(old, company_id=company_id)]
    return [secrets.open(sealed, company_id=company_id) for sealed in (*newest, *readable)]


def _names(message: Message) -> dict[str, str]:
    """The headers that name a callback's task, and the receipt of a deletion."""
    if not message.is_callback:
        return {}
    receipt = {"Lethe-Receipt": str(message.receipt_id)} if message.receipt_id else {}
    return {"Lethe-Task": str(message.task_id), **receipt}


def _body(message: Message) -> Json:
    kind = message.type.rpartition(".")[2]
    if message.is_callback:
        return {
            "data": message.facts or (message.result if kind == "done" else None),
            "type": message.type,
            "error": {"errors": [message.error]} if kind == "error" else None,
            "callback_properties": message.properties,
        }
    at = message.created_at.isoformat(timespec="milliseconds")
    return {"type": message.type, "timestamp": at.replace("+00:00", "Z"), "data": _data(message)}


def _data(message: Message) -> Json:
    match message.type:
        case EventType.INGESTION_PROGRESS | EventType.INGESTION_DONE | EventType.INGESTION_ERROR:
            about = {
                "task_id": str(message.task_id),
                "id": message.node_id,
                "collection": message.collection,
                "artifact": message.artifact,
            }
            if message.type == EventType.INGESTION_PROGRESS:
                return {**about, **message.facts}
            if message.type == EventType.INGESTION_DONE:
                return {**about, "result": message.result}
            return {**about, "error": message.error}
        case EventType.ERASURE_DONE:
            return {**message.facts, "receipt_id": str(message.receipt_id)}
        case kind:
            return {} if kind == PING else dict(message.facts)
