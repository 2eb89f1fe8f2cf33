"""The relay: sends callback events from the outbox to the broker, in order within each task."""

import asyncio

import structlog

from lethe.adapters.amqp import Publisher
from lethe.core.queue.delivery import send_batch
from lethe.domain.errors import Unavailable
from lethe.store.database.pool import Database
from lethe.store.queue.signals import OUTBOX_FILLED, Signals, wait_at_most

log = structlog.get_logger()

PAUSE_SECONDS = 5.0
"""The longest pause while the broker is unavailable."""

LOOK_AGAIN_SECONDS = 10.0
"""Fallback interval, in case both notification and pulse fail."""


async def run_relay(db: Database, signals: Signals, publisher: Publisher) -> None:
    """Send events until cancelled; while the database or the broker is unavailable, try again every few seconds."""
    filled = asyncio.Event()
    pause = 0.5
    async with signals.watch(OUTBOX_FILLED, "", filled.set):
        while True:
            filled.clear()
            try:
                if await send_batch(db, publisher):
                    pause = 0.5
                    continue
            except Unavailable as exc:
                log.warning("the relay cannot send events: trying again", reason=str(exc), seconds=pause)
            except Exception:  # the edge of the loop: one faulty event must not stop the others
                log.exception("the relay failed", seconds=pause)
            else:
                await wait_at_most(LOOK_AGAIN_SECONDS, filled)
                continue
            await asyncio.sleep(pause)
            pause = min(PAUSE_SECONDS, 2 * pause)
