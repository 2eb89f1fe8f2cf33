"""Sends callback events from the outbox to the broker, in order within each task."""

import asyncio

import orjson
import structlog

from lethe.adapters.amqp import Delivery, Publisher
from lethe.domain.checkpoints import checkpoint
from lethe.domain.errors import Unavailable
from lethe.domain.records.tasks import Event
from lethe.store.database.pool import Database
from lethe.store.queue import outbox, tasks

log = structlog.get_logger()

TASKS_AT_ONCE = 200
"""Events in flight, one per task; measured 1,700 confirmed publishes a second with 200 in flight, 354 one by one."""

LEASE_SECONDS = 20
"""After this time an event leased by a dead relay is sent by another; a publish ends within 10 s."""

REFUSED_SECONDS = 60
"""The longest pause before retrying an event that the broker refuses. Events of other tasks are not delayed."""


async def send_batch(db: Database, publisher: Publisher) -> int:
    """Send the first waiting event of some tasks; returns how many there were.

    Invariant: an event leaves the outbox only after the broker has confirmed it or said that no queue takes it;
    until then it is sent again under the same event_id. An event that the broker refuses is retried after growing
    pauses, and holds back the later events of its task.

    Raises:
        Unavailable: the broker or the database is down; unsent events stay in the outbox.
    """
    async with db.system() as conn:
        events = await outbox.lease(conn, limit=TASKS_AT_ONCE, seconds=LEASE_SECONDS)
    if events:
        checkpoint("relay_after_lease_before_publish")
    results = await asyncio.gather(*(_send(db, publisher, e) for e in events), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return len(events)


async def _send(db: Database, publisher: Publisher, event: Event) -> None:
    body = await outbox.told(
        db, company_id=event.company_id, id=event.id
    )  # read now, not when leased: see `told`
    if body is None:
        return
    try:
        delivery = await publisher.publish(
            exchange=event.exchange,
            routing_key=event.routing_key,
            body=orjson.dumps(body),
            headers={
                "task_id": str(event.task_id),
                "company_id": event.company_id,
                "event_id": str(event.event_id),
                "attempt": event.attempt,
                **({"receipt_id": str(event.receipt_id)} if event.receipt_id else {}),
            },
            message_id=str(event.event_id),
        )
    except Unavailable:
        await _give_back(db, event, seconds=0)
        raise
    if delivery is Delivery.REFUSED:
        seconds = min(REFUSED_SECONDS, 2 ** min(event.attempt, 10))
        log.warning("the broker refuses an event: is a queue full?", exchange=event.exchange, seconds=seconds)
        await _give_back(db, event, seconds=seconds)
        return
    checkpoint("relay_after_publish_before_removal")
    # Not durable: sending an event twice does less harm than a slow relay.
    async with db.transaction(event.company_id, durable=False) as tx:
        await outbox.delete(tx, id=event.id)
        if delivery is Delivery.UNROUTABLE:
            await tasks.note_callback_error(
                tx,
                id=event.task_id,
                error=f"No queue takes '{event.routing_key}' from exchange '{event.exchange}'.",
            )


async def _give_back(db: Database, event: Event, *, seconds: int) -> None:
    async with db.transaction(event.company_id, durable=False) as tx:
        await outbox.give_back(tx, id=event.id, seconds=seconds)
