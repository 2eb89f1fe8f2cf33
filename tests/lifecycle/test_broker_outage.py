"""The broker goes away while documents come and go, and comes back: every event arrives, and nobody had to wait."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import TypeVar

from lethe.workers import relay
from tests.client import Client, long_text
from tests.lifecycle.receiver import Receiver
from tests.lifecycle.stored import ask
from tests.server import Server
from tests.services import RabbitMQ
from tests.waiting import until

T = TypeVar("T")

INGESTED = [("Validation", 0), ("Parse", 0), ("Storage", 0), ("Storage", 100), "done"]
REMOVED = [("Removal", None), "done"]


async def test_no_event_is_lost_and_no_call_waits_while_the_broker_is_away(
    server: Server, rabbitmq: RabbitMQ, client: Client
) -> None:
    receiver = await Receiver.bound(rabbitmq.url)
    calls, before = Calls(), Calls()
    for i in range(4):
        before.timed(partial(client.ingest, f"old{i}", f"old {i}"))
    stopping = threading.Thread(target=rabbitmq.stop)
    stopping.start()
    try:
        ingested, removed = {}, {}
        for i in range(4):  # half of them while the broker closes its connections
            if i == 2:
                stopping.join()
            for n in range(2):
                task_id = calls.timed(
                    partial(
                        client.ingest_async,
                        f"new{i}-{n}",
                        long_text(2, f"{i}{n}"),
                        callback=receiver.callback(),
                    )
                )
                ingested[task_id] = f"new{i}-{n}"
            task_id = calls.timed(partial(client.delete_async, f"old{i}", callback=receiver.callback()))
            removed[task_id] = f"old{i}"
        assert calls.timed(lambda: client.ingest("sync", "without callback").status_code) == 200
        assert calls.timed(lambda: client.delete("sync").status_code) == 200
        for task_id in ingested:
            assert client.ended("ingest", task_id)["task_status"] == "SUCCESS"
        for task_id in removed:
            assert client.ended("delete", task_id)["task_status"] == "SUCCESS"
        assert sorted(client.listed()) == sorted(ingested.values())
        assert waiting(server, client) > 8, "events wait for the broker"
    finally:
        stopping.join()
        rabbitmq.start()

    await receiver.read_to_end(*ingested, *removed)
    until(lambda: waiting(server, client) == 0)
    await receiver.read_rest()
    assert median(calls.seconds) < relay.PAUSE_SECONDS / 2 + median(before.seconds), (
        "calls waited for the next attempt to reach the broker"
    )
    once = receiver.events[:0]
    seen: set[str] = set()
    for event in receiver.events:
        if event.event_id not in seen:
            seen.add(event.event_id)
            once.append(event)
    told = defaultdict(list)
    for event in (e for e in once if not e.is_in_between):
        told[event.task_id].append(event.progress if event.kind == "progress" else event.kind)
    assert {**dict.fromkeys(ingested, INGESTED), **dict.fromkeys(removed, REMOVED)} == told
    assert len(receiver.events) < 2 * len(once), (
        "only those on their way are sent twice, when it went or came"
    )
    assert any(e.attempt > 1 for e in once), "none had to be sent again: the broker was not away"


def waiting(server: Server, client: Client) -> int:
    """How many of the company's events have not left."""
    count = "SELECT count(*) FROM outbox o JOIN company c ON c.id = o.company_id WHERE c.name = %s"
    ((events,),) = ask(server, count, client.company)
    return int(events)


class Calls:
    """How long calls took."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def timed(self, call: Callable[[], T]) -> T:
        begin = time.monotonic()
        answer = call()
        self.seconds.append(time.monotonic() - begin)
        return answer
