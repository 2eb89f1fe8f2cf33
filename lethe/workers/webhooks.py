"""Sends deliveries to webhooks. A slow or unreachable receiver does not delay deliveries to others."""

import asyncio
from collections import Counter

import structlog

from lethe.core.context import Context
from lethe.core.webhooks import sending
from lethe.core.webhooks.sending import Patience, Post
from lethe.domain.errors import Unavailable
from lethe.domain.webhooks import Leased
from lethe.store.queue.signals import WEBHOOKS_TOLD

log = structlog.get_logger()

LOOK_AGAIN_SECONDS = 10.0
"""Fallback interval, in case both notification and pulse fail."""
PAUSE_SECONDS = 5.0


async def run_webhooks(ctx: Context, post: Post, patience: Patience) -> None:
    """Send until cancelled; while the database is unavailable, try again every few seconds."""
    told = asyncio.Event()
    under_way: dict[asyncio.Task[None], Leased] = {}
    async with ctx.signals.watch(WEBHOOKS_TOLD, "", told.set), asyncio.TaskGroup() as group:
        while True:
            told.clear()
            pause = LOOK_AGAIN_SECONDS
            try:
                busy = Counter((leased.company_id, leased.target) for leased in under_way.values())
                for leased in await sending.lease(ctx.db, patience, busy=busy):
                    under_way[group.create_task(_send(ctx, post, patience, leased))] = leased
            except Unavailable as exc:
                log.warning("webhooks cannot be told: trying again", reason=str(exc), seconds=PAUSE_SECONDS)
                pause = PAUSE_SECONDS
            except Exception:  # the edge of the loop
                log.exception("webhooks cannot be told", seconds=PAUSE_SECONDS)
                pause = PAUSE_SECONDS
            await _any_of(under_way, told, pause)
            under_way = {task: leased for task, leased in under_way.items() if not task.done()}


async def _any_of(under_way: dict[asyncio.Task[None], Leased], told: asyncio.Event, seconds: float) -> None:
    """Wait until an attempt has ended, `told` is set, or some seconds have passed."""
    waiting = asyncio.ensure_future(told.wait())
    try:
        await asyncio.wait({waiting, *under_way}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()


async def _send(ctx: Context, post: Post, patience: Patience, leased: Leased) -> None:
    try:
        await sending.send(ctx.db, ctx.webhook_secrets, post, patience, leased)
    except Unavailable as exc:
        log.warning("a delivery's end cannot be noted: it is sent again", reason=str(exc))
    except Exception:  # the edge of the loop: one delivery must not stop the others
        log.exception("a delivery failed", company_id=leased.company_id, id=leased.id)
