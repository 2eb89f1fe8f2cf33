"""A receiver of callback events: a durable queue behind an exchange, and what came to it, in order."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aio_pika
import orjson
from aio_pika.abc import AbstractIncomingMessage, ExchangeType

from tests.waiting import PATIENCE_SECONDS

FINAL = ("done", "error")


@dataclass(frozen=True, slots=True)
class Event:
    """A message as it came, its headers and body taken apart."""

    task_id: str
    company_id: str
    event_id: str
    attempt: int
    kind: str
    routing_key: str
    body: dict[str, Any]
    persistent: bool
    content_type: str | None

    @property
    def progress(self) -> tuple[str, int | None]:
        """Step and percentage of a progress event."""
        return self.body["data"]["current_step"], self.body["data"]["percentage"]

    @property
    def is_in_between(self) -> bool:
        """True for a share of a step, which a slow machine tells of more often than a fast one."""
        return self.kind == "progress" and 0 < (self.progress[1] or 0) < 100


class Receiver:
    """Reads a queue of its own. It connects anew for each reading, so that the broker may go and come."""

    def __init__(self, url: str, exchange: str) -> None:
        self._url = url
        self.exchange = exchange
        self.queue = f"queue-{uuid4().hex}"
        self.events: list[Event] = []

    @classmethod
    async def bound(cls, url: str, exchange: str | None = None) -> "Receiver":
        """A receiver of everything that is sent to a durable topic exchange, which is made if it is new."""
        receiver = cls(url, exchange or f"exchange-{uuid4().hex}")
        async with await aio_pika.connect(url) as connection:
            channel = await connection.channel()
            await channel.declare_exchange(receiver.exchange, ExchangeType.TOPIC, durable=True)
            queue = await channel.declare_queue(receiver.queue, durable=True)
            await queue.bind(receiver.exchange, "#")
        return receiver

    def callback(self, *, properties: dict[str, Any] | None = None, **keys: str | None) -> dict[str, Any]:
        """The callback of a request that sends its events here; `done="x"` is routing_key_done."""
        named = {f"routing_key_{kind}": key for kind, key in keys.items()}
        return {"amqp": {"exchange": self.exchange, **named}, "properties": properties}

    def of(self, task_id: str) -> list[Event]:
        """The events of a task so far."""
        return [e for e in self.events if e.task_id == task_id]

    def has_ended(self, *task_ids: str) -> bool:
        """True when the last event of each task has come."""
        return {e.task_id for e in self.events if e.kind in FINAL} >= set(task_ids)

    async def read_to_end(
        self,
        *task_ids: str,
        seconds: float = PATIENCE_SECONDS,
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        """Read until each task's last event has come; `on_event` is called with each one as it comes."""
        async with asyncio.timeout(seconds), await aio_pika.connect(self._url) as connection:
            channel = await connection.channel()
            await channel.set_qos(prefetch_count=1)  # what is not read yet stays in the queue, in order
            queue = await channel.get_queue(self.queue)
            async with queue.iterator() as messages:
                while not self.has_ended(*task_ids):
                    message = await anext(messages)
                    self.events.append(_event(message))
                    if on_event is not None:
                        on_event(self.events[-1])
                    await message.ack()

    async def read_rest(self) -> None:
        """Read what is in the queue now."""
        async with await aio_pika.connect(self._url) as connection:
            queue = await (await connection.channel()).get_queue(self.queue)
            while (message := await queue.get(no_ack=True, fail=False)) is not None:
                self.events.append(_event(message))


def _event(message: AbstractIncomingMessage) -> Event:
    headers, body = message.headers, orjson.loads(message.body)
    return Event(
        task_id=str(headers["task_id"]),
        company_id=str(headers["company_id"]),
        event_id=str(headers["event_id"]),
        attempt=int(str(headers["attempt"])),
        kind=str(body["type"]).rpartition(".")[2],
        routing_key=message.routing_key or "",
        body=body,
        persistent=message.delivery_mode == aio_pika.DeliveryMode.PERSISTENT,
        content_type=message.content_type,
    )
