"""Callback events of a server with a broker: what they say, where they go, and when."""

import asyncio
import json
from collections.abc import Iterator
from uuid import UUID, uuid4

import aio_pika
import pytest
from aio_pika.abc import ExchangeType

from tests.lifecycle.receiver import Event, Receiver
from tests.lifecycle.stored import ask
from tests.server import Client, Server, long_text
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


def sent(server: Server, task_id: str) -> bool:
    """True when no event of the task is on its way any more."""
    return not ask(server, "SELECT FROM outbox WHERE task_id = %s", task_id)


async def test_an_ingestion_tells_its_steps_and_then_its_result(client: Client, receiver: Receiver) -> None:
    properties = {"order": 7, "who": {"name": "Zoë", "tags": [1, None, True]}}
    task_id = client.ingest_async("a", "one", callback=receiver.callback(properties=properties))
    await receiver.read_to_end(task_id)
    result = client.task("ingest", task_id)["task_result"]
    assert result["data"][0]["artifact"] == "a"
    assert [e.body for e in receiver.events] == [
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


async def test_a_revoked_ingestion_tells_that_it_was_revoked(client: Client, receiver: Receiver) -> None:
    ingestion = client.ingest_async("a", long_text(400), callback=receiver.callback())
    deletion = client.delete_async("a", callback=receiver.callback())
    await receiver.read_to_end(ingestion, deletion)
    assert client.task("ingest", ingestion)["task_status"] == "REVOKED"
    last = receiver.of(ingestion)[-1]
    assert last.kind == "error"
    assert last.body["data"] is None
    assert "deleted while it was being ingested" in last.body["error"]["errors"][0]
    assert receiver.of(deletion)[-1].kind == "done"


async def test_an_ingestion_that_a_newer_one_replaces_tells_that_it_was_revoked(
    client: Client, receiver: Receiver
) -> None:
    first = client.ingest_async("a", long_text(400), callback=receiver.callback())
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
    seen: list[tuple[Event, bool]] = []
    task_id = client.ingest_async("a", long_text(150), callback=receiver.callback())
    await receiver.read_to_end(task_id, on_event=lambda e: seen.append((e, client.listed() == ["a"])))
    steps = [e.progress for e, _ in seen if e.kind == "progress"]
    assert [step for step, _ in steps] == sorted(
        (s for s, _ in steps), key=["Validation", "Parse", "Storage"].index
    )
    shares = [share or 0 for _, share in steps]
    assert shares == sorted(shares)
    embedding = shares[shares.index(0, 2) + 1 : -1]
    assert embedding, "a document of hundreds of chunks tells how far it is"
    assert len(set(embedding)) == len(embedding)
    assert all(0 < share < 100 for share in embedding)
    ((chunks,),) = ask(
        server,
        "SELECT chunks FROM document d JOIN company c ON c.id = d.company_id WHERE c.name = %s",
        client.company,
    )
    assert all(any(100 * done // chunks == share for done in range(chunks)) for share in embedding)
    assert [e.progress for e, visible in seen if e.kind == "progress" and visible][-1] == ("Storage", 100)


async def test_a_document_that_fails_has_no_progress_beyond_the_step_that_failed(
    client: Client, receiver: Receiver
) -> None:
    task_id = client.ingest_async("blank", "\n \n", callback=receiver.callback())
    await receiver.read_to_end(task_id)
    assert [e.progress for e in receiver.events[:-1]] == [("Validation", 0), ("Parse", 0)]


async def test_what_an_event_tells_is_visible_when_it_comes(client: Client, receiver: Receiver) -> None:
    seen: dict[str, tuple[list[str], str]] = {}

    def look(event: Event) -> None:
        if event.kind == "done":
            kind = "ingest" if event.body["type"].startswith(INGEST) else "delete"
            seen[event.task_id] = (
                client.listed(event.task_id),
                client.task(kind, event.task_id)["task_status"],
            )

    for i in range(5):
        # The collection has the name that the deletion's task will not have: each looks at its own.
        task_id = client.ingest_async("a", f"text {i}", collection=f"c{i}", callback=receiver.callback())

        def look_at(event: Event, i: int = i) -> None:
            if event.kind == "done":
                assert client.listed(f"c{i}") == ["a"]
                assert client.text("a", collection=f"c{i}") == f"text {i}"
                assert client.task("ingest", event.task_id)["task_status"] == "SUCCESS"

        await receiver.read_to_end(task_id, on_event=look_at)
