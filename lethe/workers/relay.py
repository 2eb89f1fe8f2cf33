"""The relay: takes callback events from the outbox to the broker, in order within each task."""

import asyncio
from contextlib import AsyncExitStack

import orjson
import structlog

from lethe.adapters.amqp import Delivery, Publisher
from lethe.domain.errors import Unavailable
from lethe.domain.records import SYSTEM, Event
from lethe.store import outbox, tasks
from lethe.store.database import Database
from lethe.store.signals import OUTBOX_FILLED, Signals

log = structlog.get_logger()

TASKS_AT_ONCE = 200
"""Events in flight, one a task; measured 1,700 confirmed publishes a second with 200 in flight, 354 one by one."""

LEASE_SECONDS = 60
"""An event that a dead relay had taken is taken again after this time."""

LOOK_AGAIN_SECONDS = 1.0


async def run_relay(db: Database, signals: Signals, publisher: Publisher) -> None:
    """Send events until cancelled. When the database is away, tries again every second."""
    filled = asyncio.Event()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(signals.watch(OUTBOX_FILLED, "", filled.set))
        while True:
            filled.clear()
            try:
                if await send_batch(db, publisher):
                    continue
            except Unavailable as exc:
                log.warning("the relay cannot work", reason=str(exc))
            try:
                await asyncio.wait_for(filled.wait(), LOOK_AGAIN_SECONDS)
            except TimeoutError:
                continue


async def send_batch(db: Database, publisher: Publisher) -> int:
    """Send the first waiting event of some tasks; how many were sent or given up as unroutable.

    Invariant: an event leaves the outbox only after the broker confirmed it or said that no queue takes it;
    until then it is sent again, under the same event_id.
    """
    async with db.transaction(SYSTEM) as conn:
        events = await outbox.lease(conn, limit=TASKS_AT_ONCE, seconds=LEASE_SECONDS)
    return sum(await asyncio.gather(*(_send(db, publisher, event) for event in events)))


async def _send(db: Database, publisher: Publisher, event: Event) -> bool:
    try:
        delivery = await publisher.publish(
            exchange=event.exchange,
            routing_key=event.routing_key,
            body=orjson.dumps(event.body),
            headers={
                "task_id": str(event.task_id),
                "company_id": event.company_id,
                "event_id": str(event.event_id),
                "attempt": event.attempt,
            },
            message_id=str(event.event_id),
        )
    except Unavailable as exc:
        log.warning("the broker is away", reason=str(exc))
        async with db.transaction(SYSTEM) as conn:
            await outbox.postpone(
                conn,
                company_id=event.company_id,
                id=event.id,
                seconds=min(10, 2 ** min(event.attempt - 1, 5)),
            )
        return False
    # An event that is sent twice does less harm than a slow relay: no wait for the disk.
    async with db.transaction(SYSTEM, durable=False) as conn:
        await outbox.delete(conn, company_id=event.company_id, id=event.id)
        if delivery is Delivery.UNROUTABLE:
            await tasks.note_callback_error(
                conn,
                company_id=event.company_id,
                id=event.task_id,
                error=f"No queue takes '{event.routing_key}' from exchange '{event.exchange}'.",
            )
    return True
