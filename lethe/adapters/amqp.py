"""Publishes callback events to RabbitMQ. The broker's confirmation decides whether an event was delivered."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from enum import Enum

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange
from aio_pika.exceptions import (
    CONNECTION_EXCEPTIONS,
    ChannelNotFoundEntity,
    ChannelPreconditionFailed,
    DeliveryError,
    ProbableAuthenticationError,
    PublishError,
)
from aiormq.exceptions import ChannelAccessRefused

from lethe.adapters.amqp_address import parse_address
from lethe.domain.errors import Unavailable

PUBLISH_SECONDS = 10.0
"""Time for one publish with everything it needs: connection, exchange, confirmation."""
_HEARTBEAT_SECONDS = 10
_KNOWN_EXCHANGES = 10_000
_NAME_BYTES = 255


class Delivery(Enum):
    """What became of a message."""

    CONFIRMED = "confirmed"
    """The broker has the message, on disk if the queue is durable."""
    UNROUTABLE = "unroutable"
    """No exchange or queue accepts the message, or the name is invalid. Sending it again would not help."""
    REFUSED = "refused"
    """The broker rejects the message for now: a queue is full."""


class Publisher:
    """Publishes to one broker. It connects on the first message, and again after a connection is lost.

    The connection does not reconnect in the background: the caller retries anyway, and the two would compete.

    Raises OperatorError when `url` is not `amqp://` or `amqps://` with a host. With `declare` a missing exchange is
    created (durable, topic).
    """

    def __init__(self, url: str, *, declare: bool = True) -> None:
        self._url = parse_address(url)
        self._declare = declare
        self._connection: AbstractConnection | None = None
        self._channel: AbstractChannel | None = None
        self._connecting = asyncio.Lock()
        self._known: set[str] = set()

    async def publish(
        self,
        *,
        exchange: str,
        routing_key: str,
        body: bytes,
        headers: Mapping[str, str | int],
        message_id: str,
    ) -> Delivery:
        """Send a persistent, mandatory JSON message and wait for the broker's confirmation.

        `exchange` "" is the default exchange, whose routing keys are the names of queues.
        Raises Unavailable when the broker cannot be reached or does not confirm within 10 s. The message may still have
        arrived: the receiver recognises duplicates by `message_id`.
        """
        message = aio_pika.Message(
            body,
            headers=dict(headers),
            content_type="application/json",
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            message_id=message_id,
        )
        try:
            async with asyncio.timeout(PUBLISH_SECONDS):
                return await self._deliver(message, exchange, routing_key)
        except TimeoutError as exc:
            raise self._away("did not answer in time") from exc
        except asyncio.CancelledError as exc:
            # The client library cancels what waits for a silent broker. Re-raise only if this task was cancelled too.
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise
            raise self._away("stopped answering") from exc
        except ProbableAuthenticationError as exc:
            raise self._away("refuses the user or the virtual host") from exc
        except CONNECTION_EXCEPTIONS as exc:
            raise self._away(f"cannot take messages now: {type(exc).__name__}") from exc

    async def close(self) -> None:
        """Close the connection. A later message would open it again."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            with suppress(*CONNECTION_EXCEPTIONS):
                await connection.close()

    async def _deliver(self, message: aio_pika.Message, exchange: str, routing_key: str) -> Delivery:
        """Send through the shared channel. The first message to an exchange uses a channel of its own.

        The broker closes the channel, and sometimes the connection, over a wrong exchange, and every message in flight
        on it fails too. So a new exchange is tried alone, and a failed message is retried alone: then the error is its
        own.
        """
        try:
            if len(routing_key.encode()) > _NAME_BYTES:
                return Delivery.UNROUTABLE
            if exchange in self._known or not exchange:
                with suppress(*CONNECTION_EXCEPTIONS):
                    return await _send(await self._shared_channel(), message, exchange, routing_key)
                with suppress(*CONNECTION_EXCEPTIONS):
                    return await self._deliver_alone(message, exchange, routing_key)
            return await self._deliver_alone(message, exchange, routing_key)
        except ValueError:  # a name that AMQP cannot carry
            return Delivery.UNROUTABLE

    async def _deliver_alone(self, message: aio_pika.Message, exchange: str, routing_key: str) -> Delivery:
        self._known.discard(exchange)
        connection = await self._connected()
        try:
            if exchange and not await self._exchange_exists(connection, exchange):
                return Delivery.UNROUTABLE
            async with _channel(connection) as channel:
                delivery = await _send(channel, message, exchange, routing_key)
        except (ChannelAccessRefused, ChannelNotFoundEntity):
            return Delivery.UNROUTABLE
        if len(self._known) >= _KNOWN_EXCHANGES:
            self._known.clear()
        self._known.add(exchange)
        return delivery

    async def _exchange_exists(self, connection: AbstractConnection, name: str) -> bool:
        """Check for the exchange, whatever its type, and create it if that is allowed."""
        with suppress(ChannelNotFoundEntity):
            async with _channel(connection) as channel:
                await channel.declare_exchange(name, passive=True)
            return True
        if not self._declare:
            return False
        with suppress(ChannelPreconditionFailed):  # another client has just created one
            async with _channel(connection) as channel:
                await channel.declare_exchange(name, aio_pika.ExchangeType.TOPIC, durable=True)
        return True

    async def _shared_channel(self) -> AbstractChannel:
        connection = await self._connected()
        async with self._connecting:
            if self._channel is None or self._channel.is_closed:
                self._channel = _channel(connection)
                await self._channel.initialize()
            return self._channel

    async def _connected(self) -> AbstractConnection:
        async with self._connecting:
            if self._connection is None or not self._connection.connected.is_set():
                await self.close()
                self._connection = await aio_pika.connect(
                    self._url,
                    heartbeat=_HEARTBEAT_SECONDS,
                    timeout=PUBLISH_SECONDS,
                    client_properties={"connection_name": "lethe"},
                )
            return self._connection

    def _away(self, what: str) -> Unavailable:
        return Unavailable(f"The AMQP broker at {self._url.host}:{self._url.port or 5672} {what}.")


def _channel(connection: AbstractConnection) -> AbstractChannel:
    return connection.channel(publisher_confirms=True, on_return_raises=True)


async def _send(
    channel: AbstractChannel, message: aio_pika.Message, exchange: str, routing_key: str
) -> Delivery:
    target: AbstractExchange = (
        await channel.get_exchange(exchange, ensure=False) if exchange else channel.default_exchange
    )
    try:
        await target.publish(message, routing_key, mandatory=True)
    except PublishError:  # the broker returned the message
        return Delivery.UNROUTABLE
    except DeliveryError:
        return Delivery.REFUSED
    return Delivery.CONFIRMED
