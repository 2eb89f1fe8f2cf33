"""The relay: sends callback events from the outbox to the broker, in order within each task."""

import asyncio
from contextlib import AsyncExitStack, suppress

import orjson
import structlog

from lethe.adapters.amqp import Delivery, Publisher
from lethe.domain.checkpoints import checkpoint
from lethe.domain.errors import Unavailable
from lethe.domain.records import SYSTEM, Event
from lethe.store import outbox, tasks
from lethe.store.database import Database
from lethe.store.signals import OUTBOX_FILLED, Signals

log = structlog.get_logger()

TASKS_AT_ONCE = 200
"""Events in flight, one per task: 1,700 confirmed publishes a second with 200 in flight, 354 one by one."""

LEASE_SECONDS = 20
"""After this time, another relay takes an event that a dead one had leased; a publish ends within 10 s."""

PAUSE_SECONDS = 5.0
"""The longest pause while the broker is unavailable."""

REFUSED_SECONDS = 60
"""The longest pause before an event that the broker refused is sent again; the others go on."""

LOOK_AGAIN_SECONDS = 1.0


async def run_relay(db: Database, signals: Signals, publisher: Publisher) -> None:
    """Send events until cancelled; while the database or the broker is unavailable, try again every few seconds."""
    filled = asyncio.Event()
    pause = 0.5
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(signals.watch(OUTBOX_FILLED, "", filled.set))
        while True:
            filled.clear()
            try:
                if await send_batch(db, publisher):
                    pause = 0.5
                    continue
            except Unavailable as exc:
                log.warning("the relay waits", reason=str(exc), seconds=pause)
            except Exception:  # the edge of the loop: a fault at one event must not stop the others
                log.exception("the relay failed", seconds=pause)
            else:
                with suppress(TimeoutError):
                    await asyncio.wait_for(filled.wait(), LOOK_AGAIN_SECONDS)
                continue
            await asyncio.sleep(pause)
            pause = min(PAUSE_SECONDS, 2 * pause)


async def send_batch(db: Database, publisher: Publisher) -> int:
    """Send the first waiting event of some tasks; return how many there were.

    Invariant: an event leaves the outbox only after the broker confirmed it or said that no queue takes it;
    until then it is sent again, with the same event_id. One that the broker refuses waits longer each time,
    and so do the later ones of its task.

    Raises:
        Unavailable: the broker or the database; what was not sent waits again.
    """
    async with db.transaction(SYSTEM) as conn:
        events = await outbox.lease(conn, limit=TASKS_AT_ONCE, seconds=LEASE_SECONDS)
    if events:
        checkpoint("relay_after_lease_before_publish")
    results = await asyncio.gather(*(_send(db, publisher, e) for e in events), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return len(events)


async def _send(db: Database, publisher: Publisher, event: Event) -> None:
    body = await outbox.told(db, company_id=event.company_id, id=event.id)  # now, not at the lease: see there
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
    # Do not wait for the disk: an event sent twice does less harm than a slow relay.
    async with db.transaction(SYSTEM, durable=False) as conn:
        await outbox.delete(conn, company_id=event.company_id, id=event.id)
        if delivery is Delivery.UNROUTABLE:
            await tasks.note_callback_error(
                conn,
                company_id=event.company_id,
                id=event.task_id,
                error=f"No queue takes '{event.routing_key}' from exchange '{event.exchange}'.",
            )


async def _give_back(db: Database, event: Event, *, seconds: int) -> None:
    async with db.transaction(SYSTEM, durable=False) as conn:
        await outbox.give_back(conn, company_id=event.company_id, id=event.id, seconds=seconds)
