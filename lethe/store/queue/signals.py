"""Wake-ups from the database: a transaction that queues a job, ends a task, or changes what others wait for notifies on
commit.

A notification only shortens waiting. Waiters also poll the tables from time to time, since notifications are lost
while the connection is down.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from secrets import token_hex

import psycopg
import structlog

from lethe.domain.jobs import QUEUES

log = structlog.get_logger()

TASK_ENDED = "lethe_task"
OUTBOX_FILLED = "lethe_outbox"
TREE_CHANGED = "lethe_tree"
"""A company's tree changed. The payload is the company; see migration 0029."""
RECEIPT_WRITTEN = "lethe_receipt"
WEBHOOKS_TOLD = "lethe_webhook"
CHANGED = "lethe_changed"
"""Something else of a company changed. The payload is the company and a topic, such as `tasks`; see migration 0027."""
JOB_QUEUED = "procrastinate_queue_v1#"
"""A job was queued; the queue's name follows. procrastinate's triggers notify it, with the job as payload."""
_CHANNELS = (
    *(TASK_ENDED, OUTBOX_FILLED, TREE_CHANGED, RECEIPT_WRITTEN, WEBHOOKS_TOLD, CHANGED),
    *(f'"{JOB_QUEUED}{queue}"' for queue in QUEUES),
)
_COUNTED = (TREE_CHANGED, CHANGED)
"""The channels whose payloads are few: a handful for each company."""

_RECONNECT_SECONDS = 0.5


async def wait_at_most(seconds: float, event: asyncio.Event) -> None:
    """Wait for an event that `Signals.watch` sets, or for these seconds.

    Not with `asyncio.wait_for`: that of Python 3.11 may lose a cancellation, by which alone some loops end.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


class Signals:
    """The one listening connection of this process, shared by all waiters."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._waiting: dict[tuple[str, str | None], set[Callable[[], None]]] = defaultdict(set)
        self._heard: Counter[tuple[str, str]] = Counter()
        self._connection = token_hex(4)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen while the block runs."""
        task = asyncio.create_task(self._listen(), name="signals")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    @asynccontextmanager
    async def watch(self, channel: str, payload: str | None, wake: Callable[[], None]) -> AsyncIterator[None]:
        """Call `wake` in the event loop on each notification of this channel and payload, while the block runs.

        Args:
            payload: None for any.
        """
        self._waiting[channel, payload].add(wake)
        try:
            yield
        finally:
            self._waiting[channel, payload].discard(wake)
            if not self._waiting[channel, payload]:
                del self._waiting[channel, payload]

    def wake(self, channel: str) -> None:
        """Wake those who watch a channel, as if it had been notified: a query found their work."""
        for (watched, _), waiting in tuple(self._waiting.items()):
            if watched == channel:
                for wake in tuple(waiting):
                    wake()

    def position(self, channels: Iterable[tuple[str, str]]) -> str:
        """A text that changes with each notification of these channels and payloads, and whenever one may have been
        missed. It differs between processes."""
        return f"{self._connection}-{sum(self._heard[channel] for channel in channels)}"

    async def _listen(self) -> None:
        told = False
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True) as conn:
                    await conn.execute("; ".join(f"LISTEN {channel}" for channel in _CHANNELS))
                    told = False
                    self._heard.clear()
                    self._connection = token_hex(4)
                    self._wake_all()
                    async for note in conn.notifies():
                        if note.channel in _COUNTED:
                            self._heard[note.channel, note.payload] += 1
                        for payload in (note.payload, None):
                            for wake in tuple(self._waiting.get((note.channel, payload), ())):
                                wake()
            except psycopg.Error:
                if not told:
                    log.warning("the connection for notifications was lost, reconnecting")
                told = True
            await asyncio.sleep(_RECONNECT_SECONDS)

    def _wake_all(self) -> None:
        for waiting in tuple(self._waiting.values()):
            for wake in tuple(waiting):
                wake()
