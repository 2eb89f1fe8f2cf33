"""The publisher on a real RabbitMQ, which is stopped and started under it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from uuid import uuid4

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractQueue

from lethe.adapters.amqp import Delivery, Publisher
from lethe.domain.errors import OperatorError, Unavailable
from tests.services import RabbitMQ
from tests.waiting import PATIENCE_SECONDS


@pytest.fixture
async def channel(rabbitmq: RabbitMQ) -> AsyncIterator[AbstractChannel]:
    """The receiver's own connection to the broker."""
    async with await aio_pika.connect(rabbitmq.url) as connection:
        yield await connection.channel()


@pytest.fixture
async def publisher(rabbitmq: RabbitMQ) -> AsyncIterator[Publisher]:
    publisher = Publisher(rabbitmq.url)
    yield publisher
    await publisher.close()


@pytest.fixture
def name() -> str:
    """A name for an exchange or queue that nobody has."""
    return f"test-{uuid4().hex}"


async def bound_queue(channel: AbstractChannel, exchange: str, key: str = "#") -> AbstractQueue:
    queue = await channel.declare_queue(f"queue-{uuid4().hex}", durable=True)
    await queue.bind(exchange, key)
    return queue


async def send(publisher: Publisher, exchange: str, key: str = "done", body: bytes = b"{}") -> Delivery:
    return await publisher.publish(
        exchange=exchange, routing_key=key, body=body, headers={"task_id": "t", "attempt": 1}, message_id="m"
    )


async def test_a_confirmed_message_arrives_as_it_was_sent(
    publisher: Publisher, channel: AbstractChannel, name: str
) -> None:
    await channel.declare_exchange(name, aio_pika.ExchangeType.FANOUT, auto_delete=True)
    queue = await bound_queue(channel, name)
    for body in (b'{"first": 1}', b'{"second": 2}'):
        assert await send(publisher, name, body=body) is Delivery.CONFIRMED
    message = await queue.get(no_ack=True)
    assert message.body == b'{"first": 1}'
    assert message.content_type == "application/json"
    assert message.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
    assert message.message_id == "m"
    assert message.headers == {"task_id": "t", "attempt": 1}
    assert message.routing_key == "done"
    assert (await queue.get(no_ack=True)).body == b'{"second": 2}'


async def test_a_missing_exchange_is_made_durable_and_of_type_topic(
    publisher: Publisher, channel: AbstractChannel, name: str
) -> None:
    assert await send(publisher, name) is Delivery.UNROUTABLE  # no queue yet
    await channel.declare_exchange(
        name, aio_pika.ExchangeType.TOPIC, durable=True
    )  # the same, or it would raise
    queue = await bound_queue(channel, name, "a.*")
    assert await send(publisher, name, "a.b") is Delivery.CONFIRMED
    assert await send(publisher, name, "b.a") is Delivery.UNROUTABLE
    assert (await queue.get(no_ack=True)).routing_key == "a.b"


async def test_a_missing_exchange_is_not_made_where_that_is_forbidden(
    rabbitmq: RabbitMQ, channel: AbstractChannel, name: str
) -> None:
    publisher = Publisher(rabbitmq.url, declare=False)
    assert await send(publisher, name) is Delivery.UNROUTABLE
    await publisher.close()
    with pytest.raises(aio_pika.exceptions.ChannelNotFoundEntity):
        await channel.declare_exchange(name, passive=True)


async def test_the_default_exchange_delivers_to_the_queue_of_that_name(
    publisher: Publisher, channel: AbstractChannel, name: str
) -> None:
    queue = await channel.declare_queue(name)
    assert await send(publisher, "", name) is Delivery.CONFIRMED
    assert await send(publisher, "", name + "-not") is Delivery.UNROUTABLE
    assert (await queue.get(no_ack=True)).routing_key == name


@pytest.mark.parametrize("exchange", ["x" * 300, "amq.of-our-own", "exchange-ñ-🦆", "amq.rabbitmq.trace"])
async def test_an_exchange_that_cannot_be_is_unroutable(publisher: Publisher, exchange: str) -> None:
    assert await send(publisher, exchange) is Delivery.UNROUTABLE


async def test_a_routing_key_that_is_too_long_is_unroutable(publisher: Publisher) -> None:
    assert await send(publisher, "amq.topic", "ñ" * 200) is Delivery.UNROUTABLE


async def test_an_exchange_that_was_deleted_fails_no_other_message(
    rabbitmq: RabbitMQ, channel: AbstractChannel, name: str
) -> None:
    publisher = Publisher(rabbitmq.url, declare=False)
    doomed = f"{name}-doomed"
    for exchange in (name, doomed):
        await channel.declare_exchange(exchange, aio_pika.ExchangeType.FANOUT)
        await bound_queue(channel, exchange)
        assert await send(publisher, exchange) is Delivery.CONFIRMED
    await channel.exchange_delete(doomed)
    sent = [send(publisher, doomed if number % 10 == 5 else name) for number in range(100)]
    deliveries = await asyncio.gather(*sent)
    for number, delivery in enumerate(deliveries):
        assert delivery is (Delivery.UNROUTABLE if number % 10 == 5 else Delivery.CONFIRMED)
    await publisher.close()


async def test_a_broker_that_went_away_is_told_at_once_and_used_again_when_it_is_back(
    rabbitmq: RabbitMQ, publisher: Publisher, name: str
) -> None:
    async with await aio_pika.connect(rabbitmq.url) as connection:
        channel = await connection.channel()
        await channel.declare_exchange(name, aio_pika.ExchangeType.TOPIC, durable=True)
        await bound_queue(channel, name)
    assert await send(publisher, name) is Delivery.CONFIRMED
    try:
        await asyncio.to_thread(rabbitmq.stop)
        for _ in range(2):
            # It does not wait until its time is over, which would be another sentence.
            with pytest.raises(Unavailable, match=f"The AMQP broker at 127.0.0.1:{rabbitmq.port} cannot"):
                await send(publisher, name)
    finally:
        await asyncio.to_thread(rabbitmq.start)
    assert await send(publisher, name) is Delivery.CONFIRMED


async def test_a_broker_that_goes_silent_is_away_and_used_again_when_it_speaks(
    rabbitmq: RabbitMQ, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(
        "lethe.adapters.amqp._HEARTBEAT_SECONDS", 1
    )  # missed within 4 s, sooner than an answer
    monkeypatch.setattr("lethe.adapters.amqp.PUBLISH_SECONDS", PATIENCE_SECONDS)
    publisher = Publisher(rabbitmq.url)
    async with await aio_pika.connect(rabbitmq.url) as connection:
        channel = await connection.channel()
        await channel.declare_exchange(name, aio_pika.ExchangeType.TOPIC, durable=True)
        await bound_queue(channel, name)
    assert await send(publisher, name) is Delivery.CONFIRMED
    with rabbitmq.frozen(), pytest.raises(Unavailable, match="stopped answering"):
        await send(publisher, name)
    assert await send(publisher, name) is Delivery.CONFIRMED
    await publisher.close()


async def test_a_full_queue_refuses_a_message_and_the_next_queue_takes_one(
    publisher: Publisher, channel: AbstractChannel, name: str
) -> None:
    await channel.declare_queue(f"{name}-full", arguments={"x-max-length": 1, "x-overflow": "reject-publish"})
    await channel.declare_queue(name)
    assert await send(publisher, "", f"{name}-full") is Delivery.CONFIRMED
    assert await send(publisher, "", f"{name}-full") is Delivery.REFUSED
    assert await send(publisher, "", name) is Delivery.CONFIRMED


async def test_a_broker_that_says_nothing_is_away_after_a_bounded_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lethe.adapters.amqp.PUBLISH_SECONDS", 0.2)
    over = asyncio.Event()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(hold, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Unavailable, match="did not answer in time"):
            await send(Publisher(f"amqp://guest:guest@127.0.0.1:{port}/"), "amq.topic")
        over.set()


async def test_the_password_is_in_no_error_and_no_log(
    rabbitmq: RabbitMQ, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    publisher = Publisher(rabbitmq.url.replace("guest:guest", "guest:s3cret-word"))
    with pytest.raises(Unavailable, match="refuses the user") as caught:
        await send(publisher, "amq.topic")
    error: BaseException | None = caught.value
    while error is not None:
        assert "s3cret-word" not in f"{error} {error!r}"
        error = error.__cause__ or error.__context__
    assert "s3cret-word" not in caplog.text
    assert "s3cret-word" not in repr(publisher)


@pytest.mark.parametrize(
    "url", ["", "http://user:s3cret-word@host/", "amqp://", "amqp://host:notaport/", "//host"]
)
def test_an_address_that_is_none_is_the_operators_error(url: str) -> None:
    with pytest.raises(OperatorError, match="AMQP address") as caught:
        Publisher(url)
    assert "s3cret-word" not in str(caught.value)
