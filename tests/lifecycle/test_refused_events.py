"""The queue of one receiver is full and takes no more: its events wait, and nobody else's."""

import asyncio
import base64
from collections.abc import AsyncIterator
from uuid import uuid4

import aio_pika
import pytest
from aio_pika.abc import AbstractQueue
from aiormq.abc import FieldTable

from lethe.workers.relay import PAUSE_SECONDS
from tests.client import Client
from tests.lifecycle.receiver import Receiver
from tests.lifecycle.stored import ask
from tests.server import Server
from tests.services import RabbitMQ
from tests.waiting import until

STUCK = 20


@pytest.fixture
async def full(server: Server, rabbitmq: RabbitMQ) -> AsyncIterator[AbstractQueue]:
    """A queue that has no room."""
    async with await aio_pika.connect(rabbitmq.url) as connection:
        channel = await connection.channel()
        room: FieldTable = {"x-max-length": 1, "x-overflow": "reject-publish"}
        queue = await channel.declare_queue(f"full-{uuid4().hex}", arguments=room)
        await channel.default_exchange.publish(aio_pika.Message(b"{}"), queue.name)
        yield queue
        ask(server, "DELETE FROM outbox WHERE routing_key = %s", queue.name)
        await queue.delete(if_empty=False)


def callback(queue: AbstractQueue, properties: object = None) -> object:
    """A callback whose events all go to this queue."""
    keys = dict.fromkeys(("routing_key_done", "routing_key_progress", "routing_key_error"), queue.name)
    return {"amqp": {"exchange": "", **keys}, "properties": properties}


def waiting(server: Server, task_id: str) -> int:
    """How many events of a task there are still."""
    return len(ask(server, "SELECT FROM outbox WHERE task_id = %s", task_id))


async def test_events_that_a_full_queue_refuses_hold_up_no_others_and_leave_when_there_is_room(
    server: Server, rabbitmq: RabbitMQ, client: Client, full: AbstractQueue
) -> None:
    receiver = await Receiver.bound(rabbitmq.url)
    stuck = [client.ingest_async(f"stuck{n}", "text", callback=callback(full)) for n in range(STUCK)]
    for task_id in stuck:
        assert client.ended("ingest", task_id)["task_status"] == "SUCCESS"
    # The end is written with the task's result; a slow task has a progress event more than a quick one.
    before = [waiting(server, task_id) for task_id in stuck]
    others = [client.ingest_async(f"other{n}", "text", callback=receiver.callback()) for n in range(3)]
    await receiver.read_to_end(
        *others, seconds=STUCK * PAUSE_SECONDS - 5
    )  # with a pause before each it takes longer
    assert [waiting(server, task_id) for task_id in stuck] == before
    assert min(before) >= 2

    later = "UPDATE outbox SET due_at = now() + interval '1 hour' WHERE routing_key = %s"
    ask(server, later, full.name)  # else another one may take the only place
    while waiting(server, stuck[0]) == before[0]:
        await full.purge()  # again, as another one may have been on its way
        ask(server, "UPDATE outbox SET due_at = now() WHERE task_id = %s", stuck[0])
        await asyncio.sleep(0.1)


async def test_an_event_that_waits_tells_nothing_of_a_document_that_was_erased(
    server: Server, client: Client, full: AbstractQueue
) -> None:
    assert client.ingest("a", "text").status_code == 200
    file = {"type": "file", "value": base64.b64encode(b"plain text").decode()}
    ingestion = {"artifact": "a", "collection": "c", "metadata": {"file_name": "oriole.docx"}, "input": file}
    asked = {"ingest_body": ingestion, "callback": callback(full, {"order": 7})}
    task_id = client.post("/ingest/async", asked).json()["task_id"]
    assert "oriole" in client.ended("ingest", task_id)["task_result"]
    last = "SELECT body FROM outbox WHERE task_id = %s ORDER BY id DESC LIMIT 1"
    assert "oriole" in str(ask(server, last, task_id))
    assert client.delete("a").status_code == 200
    ((body,),) = ask(server, last, task_id)
    assert body["error"] == {"errors": ["The document was deleted."]}
    assert body["callback_properties"] == {"order": 7}


async def test_an_event_that_leaves_late_tells_nothing_of_a_document_in_the_trash(
    server: Server, client: Client, full: AbstractQueue
) -> None:
    body = {"artifact": "a", "collection": "c", "metadata": {"diagnosis": "SECRET"}}
    body["input"] = {"type": "text", "value": "some text"}
    asked = {"ingest_body": body, "callback": callback(full, {"order": 7})}
    task_id = client.post("/ingest/async", asked).json()["task_id"]
    client.ended("ingest", task_id)
    ((node,),) = ask(server, "SELECT node_id FROM task WHERE id = %s", task_id)
    assert client.http.delete(f"/v1/knowledge/nodes/{node}").status_code == 204
    bodies = "SELECT body FROM outbox WHERE task_id = %s"
    until(lambda: "SECRET" not in str(ask(server, bodies, task_id)))
    told = [""]
    await full.purge()
    while "vector_index_task.done" not in told[-1]:
        ask(server, "UPDATE outbox SET due_at = now() WHERE task_id = %s", task_id)
        message = await full.get(no_ack=True, fail=False)
        if message is not None:
            told.append(message.body.decode())
        await asyncio.sleep(0.1)
    assert '"order":7' in told[-1]
    assert "SECRET" not in "".join(told)
