"""Callback events of a server with a broker: what they say, where they go, and when."""

from functools import partial
from uuid import UUID, uuid4

import aio_pika
import pytest
from aio_pika.abc import ExchangeType

from tests.client import Client, long_text
from tests.lifecycle.receiver import Event, Receiver
from tests.lifecycle.stored import ask, locked
from tests.server import Server
from tests.services import RabbitMQ
from tests.waiting import until

INGEST, DELETE = "pgpt.vector_index_task", "pgpt.delete_ingested_task"


@pytest.fixture
async def receiver(rabbitmq: RabbitMQ) -> Receiver:
    return await Receiver.bound(rabbitmq.url)


def message(
    name: str, event: str, *, data: object = None, error: object = None, properties: object = None
) -> object:
    """The body of a message as the contract has it."""
    return {"data": data, "type": f"{name}.{event}", "error": error, "callback_properties": properties}


def progress(step: str, percentage: int | None) -> object:
    return {"current_step": step, "percentage": percentage, "warnings": None}


def under_way(client: Client, receiver: Receiver) -> str:
    """An ingestion of "a" that has begun, and cannot end while its table is locked."""
    task_id = client.ingest_async("a", "first", callback=receiver.callback())
    until(lambda: client.task("ingest", task_id)["task_status"] == "STARTED")
    return task_id


def sent(server: Server, task_id: str) -> bool:
    """True when no event of the task is on its way any more."""
    return not ask(server, "SELECT FROM outbox WHERE task_id = %s", task_id)


async def test_an_ingestion_tells_its_steps_and_then_its_result(client: Client, receiver: Receiver) -> None:
    properties = {"order": 7, "who": {"name": "Zoë", "tags": [1, None, True]}}
    task_id = client.ingest_async("a", "one", callback=receiver.callback(properties=properties))
    await receiver.read_to_end(task_id)
    result = client.task("ingest", task_id)["task_result"]
    assert result["data"][0]["artifact"] == "a"
    assert [e.body for e in receiver.events if not e.is_in_between] == [
        *(
            message(INGEST, "progress", data=progress(step, share), properties=properties)
            for step, share in [("Validation", 0), ("Parse", 0), ("Storage", 0), ("Storage", 100)]
        ),
        message(INGEST, "done", data=result, properties=properties),
    ]


async def test_a_deletion_tells_its_removal_and_then_that_it_is_done(
    client: Client, receiver: Receiver
) -> None:
    client.ingest("a", "one")
    task_id = client.delete_async("a", callback=receiver.callback())
    await receiver.read_to_end(task_id)
    assert [e.body for e in receiver.events] == [
        message(DELETE, "progress", data=progress("Removal", None)),
        message(DELETE, "done"),
    ]


async def test_a_failed_ingestion_tells_why_and_nothing_else(client: Client, receiver: Receiver) -> None:
    task_id = client.ingest_async("blank", " \n ", callback=receiver.callback(properties={}))
    await receiver.read_to_end(task_id)
    why = client.task("ingest", task_id)["task_result"]
    assert why
    assert receiver.events[-1].body == message(INGEST, "error", error={"errors": [why]}, properties={})
    assert [e.kind for e in receiver.events[:-1]] == ["progress"] * (len(receiver.events) - 1)


async def test_a_deletion_of_what_is_not_there_tells_so(client: Client, receiver: Receiver) -> None:
    task_id = client.delete_async("nothing", callback=receiver.callback())
    await receiver.read_to_end(task_id)
    errors = {"errors": ["Document not found in collection"]}
    assert [e.body for e in receiver.events] == [message(DELETE, "error", error=errors)]


async def test_an_ingestion_with_nothing_to_do_tells_that_it_is_done(
    client: Client, receiver: Receiver
) -> None:
    client.ingest("a", "same")
    task_id = client.ingest_async("a", "same", callback=receiver.callback())
    await receiver.read_to_end(task_id)
    nothing = {"object": "list", "model": "private-gpt", "data": []}
    assert [e.body for e in receiver.events] == [message(INGEST, "done", data=nothing)]


async def test_a_revoked_ingestion_tells_that_it_was_revoked(
    server: Server, client: Client, receiver: Receiver
) -> None:
    with locked(server, "chunk_text"):
        ingestion = under_way(client, receiver)
        deletion = client.delete_async("a", callback=receiver.callback())
    await receiver.read_to_end(ingestion, deletion)
    assert client.task("ingest", ingestion)["task_status"] == "REVOKED"
    last = receiver.of(ingestion)[-1]
    assert last.kind == "error"
    assert last.body["data"] is None
    assert "deleted while it was being ingested" in last.body["error"]["errors"][0]
    assert receiver.of(deletion)[-1].kind == "done"


async def test_an_ingestion_that_a_newer_one_replaces_tells_that_it_was_revoked(
    server: Server, client: Client, receiver: Receiver
) -> None:
    with locked(server, "chunk_text"):
        first = under_way(client, receiver)
        second = client.ingest_async("a", "second", callback=receiver.callback())
    await receiver.read_to_end(first, second)
    assert receiver.of(first)[-1].kind == "error"
    assert receiver.of(second)[-1].kind == "done"


async def test_each_message_carries_its_headers_and_is_persistent_json(
    server: Server, client: Client, receiver: Receiver
) -> None:
    task_id = client.ingest_async("a", "one", callback=receiver.callback())
    await receiver.read_to_end(task_id)
    (company_id,) = ask(server, "SELECT id FROM company WHERE name = %s", client.company)
    assert {(e.task_id, e.company_id, e.attempt) for e in receiver.events} == {(task_id, company_id[0], 1)}
    assert len({UUID(e.event_id) for e in receiver.events}) == len(receiver.events)
    assert {(e.persistent, e.content_type) for e in receiver.events} == {(True, "application/json")}


@pytest.mark.parametrize("named", [{}, {"done": None, "progress": None, "error": None}])
async def test_a_routing_key_that_is_null_is_the_type_of_the_message(
    client: Client, receiver: Receiver, named: dict[str, None]
) -> None:
    tasks = [
        client.ingest_async("a", "one", callback=receiver.callback(**named)),
        client.ingest_async("blank", " ", callback=receiver.callback(**named)),
        client.delete_async("nothing", callback=receiver.callback(**named)),
    ]
    await receiver.read_to_end(*tasks)
    assert {e.routing_key for e in receiver.events} == {e.body["type"] for e in receiver.events}
    assert {f"{INGEST}.done", f"{INGEST}.progress", f"{INGEST}.error", f"{DELETE}.error"} == {
        e.routing_key for e in receiver.events
    }


async def test_each_kind_of_event_goes_by_its_own_routing_key(client: Client, receiver: Receiver) -> None:
    callback = receiver.callback(done="my.done", progress="my.progress", error="my.error")
    tasks = [
        client.ingest_async("a", "one", callback=callback),
        client.ingest_async("b", " ", callback=callback),
    ]
    await receiver.read_to_end(*tasks)
    assert {(e.kind, e.routing_key) for e in receiver.events} == {
        ("done", "my.done"),
        ("progress", "my.progress"),
        ("error", "my.error"),
    }


async def test_progress_is_what_was_done_it_never_goes_back_and_100_is_said_of_what_can_be_read(
    server: Server, client: Client, receiver: Receiver
) -> None:
    kilobytes, seen = 150, await told_of(client, receiver, kilobytes=150)
    while not any(event.is_in_between for event, _ in seen):  # a fast machine has nothing to tell in between
        assert kilobytes < 10_000, "a document of thousands of chunks tells how far it is"
        kilobytes *= 4
        seen = await told_of(client, receiver, kilobytes=kilobytes)
    steps = [e.progress for e, _ in seen if e.kind == "progress"]
    assert [step for step, _ in steps] == sorted(
        (s for s, _ in steps), key=["Validation", "Parse", "Storage"].index
    )
    shares = [share or 0 for _, share in steps]
    assert shares == sorted(shares)
    embedding = shares[shares.index(0, 2) + 1 : -1]
    assert len(set(embedding)) == len(embedding)
    assert all(0 < share < 100 for share in embedding)
    ((chunks,),) = ask(
        server,
        "SELECT d.chunks FROM document d JOIN node n ON n.id = d.node_id JOIN company c ON c.id = d.company_id"
        " WHERE c.name = %s AND n.artifact = %s",
        client.company,
        f"{kilobytes} KB",
    )
    possible = {min(99, 100 * done // chunks) for done in range(1, chunks + 1)}
    assert set(embedding) <= possible
    assert [e.progress for e, visible in seen if e.kind == "progress" and visible][-1] == ("Storage", 100)


async def told_of(client: Client, receiver: Receiver, *, kilobytes: int) -> list[tuple[Event, bool]]:
    """The events of an ingestion of so much text, and whether the document was there when they came."""
    seen: list[tuple[Event, bool]] = []
    name = f"{kilobytes} KB"
    task_id = client.ingest_async(name, long_text(kilobytes), callback=receiver.callback())
    await receiver.read_to_end(task_id, on_event=lambda e: seen.append((e, name in client.listed())))
    return seen


async def test_a_document_that_fails_has_no_progress_beyond_the_step_that_failed(
    client: Client, receiver: Receiver
) -> None:
    task_id = client.ingest_async("blank", "\n \n", callback=receiver.callback())
    await receiver.read_to_end(task_id)
    assert [e.progress for e in receiver.events[:-1]] == [("Validation", 0), ("Parse", 0)]


async def test_what_an_event_tells_is_visible_when_it_comes(client: Client, receiver: Receiver) -> None:
    def look(event: Event) -> None:
        name = event.body["callback_properties"]["name"]
        if event.kind == "done" and event.body["type"].startswith(INGEST):
            assert client.listed(name) == ["a"]
            assert client.text("a", collection=name) == name
            assert client.task("ingest", event.task_id)["task_status"] == "SUCCESS"
        if event.kind == "done" and event.body["type"].startswith(DELETE):
            assert client.task("delete", event.task_id)["task_status"] == "SUCCESS"
        if event.body["type"].startswith(DELETE):
            assert client.listed(name) == []

    for name in ("one", "two", "three"):
        callback = receiver.callback(properties={"name": name})
        stored = client.ingest_async("a", name, collection=name, callback=callback)
        await receiver.read_to_end(stored, on_event=look)
        erased = client.delete_async("a", collection=name, callback=callback)
        await receiver.read_to_end(erased, on_event=look)


async def test_each_task_ends_with_exactly_one_event_and_nothing_comes_after_it(
    server: Server, client: Client, receiver: Receiver
) -> None:
    tasks = [
        client.ingest_async(f"a{i % 3}", long_text(10, str(i)), callback=receiver.callback())
        for i in range(9)
    ]
    tasks += [client.delete_async(f"a{i % 4}", callback=receiver.callback()) for i in range(4)]
    await receiver.read_to_end(*tasks)
    until(lambda: all(sent(server, task_id) for task_id in tasks))
    await receiver.read_rest()
    for task_id in tasks:
        kinds = [e.kind for e in receiver.of(task_id)]
        assert [k for k in kinds if k != "progress"] == kinds[-1:], kinds
        assert kinds[-1] in ("done", "error")


async def test_a_missing_exchange_is_made_as_a_durable_topic(
    server: Server, rabbitmq: RabbitMQ, client: Client
) -> None:
    name = f"new-{uuid4().hex}"
    callback = {"amqp": {"exchange": name}, "properties": None}
    first = client.ingest_async("a", "one", callback=callback)
    until(lambda: client.ended("ingest", first) and sent(server, first))
    async with await aio_pika.connect(rabbitmq.url) as connection:
        # The broker refuses to declare it again as anything else.
        await (await connection.channel()).declare_exchange(name, ExchangeType.TOPIC, durable=True)
    receiver = await Receiver.bound(rabbitmq.url, name)
    second = client.ingest_async("a", "two", callback=callback)
    await receiver.read_to_end(second)
    assert receiver.of(second)[-1].kind == "done"


async def test_an_event_that_no_queue_takes_is_noted_on_its_task_and_holds_up_no_other(
    server: Server, client: Client, receiver: Receiver
) -> None:
    exchange = f"nowhere-{uuid4().hex}"
    nowhere = {"amqp": {"exchange": exchange, "routing_key_done": "lost"}, "properties": None}
    lost = [client.ingest_async(f"lost{i}", "text", callback=nowhere) for i in range(5)]
    found = client.ingest_async("found", "text", callback=receiver.callback())
    await receiver.read_to_end(found)
    for task_id in lost:
        client.ended("ingest", task_id)
        until(partial(sent, server, task_id))
        ((status, error),) = ask(
            server, "SELECT status::text, callback_error FROM task WHERE id = %s", task_id
        )
        assert status == "success"
        assert error == f"No queue takes 'lost' from exchange '{exchange}'."
    assert ask(server, "SELECT callback_error FROM task WHERE id = %s", found) == [(None,)]


async def test_one_kind_of_event_may_have_no_queue_while_the_others_arrive(
    server: Server, rabbitmq: RabbitMQ, client: Client
) -> None:
    receiver = Receiver(rabbitmq.url, f"exchange-{uuid4().hex}")
    async with await aio_pika.connect(rabbitmq.url) as connection:
        channel = await connection.channel()
        await channel.declare_exchange(receiver.exchange, ExchangeType.TOPIC, durable=True)
        await (await channel.declare_queue(receiver.queue, durable=True)).bind(receiver.exchange, "only.done")
    task_id = client.ingest_async("a", "one", callback=receiver.callback(done="only.done", progress="nobody"))
    await receiver.read_to_end(task_id)
    assert [e.kind for e in receiver.events] == ["done"]
    until(lambda: sent(server, task_id))
    ((error,),) = ask(server, "SELECT callback_error FROM task WHERE id = %s", task_id)
    assert error == f"No queue takes 'nobody' from exchange '{receiver.exchange}'."


@pytest.mark.parametrize(
    "amqp",
    [None, {}, {"exchange": None}, {"exchange": "x" * 256}, {"exchange": "e", "routing_key_done": "ß" * 128}],
)
def test_a_callback_that_cannot_be_sent_is_a_422_and_nothing_is_done(client: Client, amqp: object) -> None:
    document = {"artifact": "a", "collection": "c", "input": {"type": "text", "value": "x"}}
    callback = {"amqp": amqp, "properties": None}
    assert client.post("/ingest/async", {"ingest_body": document, "callback": callback}).status_code == 422
    assert client.ingest("a", "stays").status_code == 200
    name = {"artifact": "a", "collection": "c"}
    assert client.post("/delete/async", {"delete_body": name, "callback": callback}).status_code == 422
    assert client.text("a") == "stays"
