"""The client's calls for webhooks and for the feed of what was erased."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from lethe_client import Lethe, NotFoundError

from tests.client import Client
from tests.clients.conftest import Either
from tests.http.hooked import Receiver, receiving
from tests.waiting import PATIENCE_SECONDS, until


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def test_a_webhook_is_made_tried_rotated_and_deleted(either: Either, receiver: Receiver) -> None:
    made = either(lambda c: c.webhooks.create(receiver.url("/hook"), ["ingestion.done"]))
    assert (made.url, made.events, made.secret in repr(made)) == (
        receiver.url("/hook"),
        ["ingestion.done"],
        False,
    )
    ping = either(lambda c: c.webhooks.test(made.id))
    until(lambda: receiver.at("/hook"))
    assert receiver.at("/hook")[0].verified(made.secret)["type"] == ping.type
    until(lambda: either(lambda c: c.webhooks.deliveries(status="delivered")))
    again = either(lambda c: c.webhooks.redeliver(ping.id))
    assert (again.id, again.status) == (ping.id, "waiting")
    until(lambda: len(receiver.at("/hook")) >= 2)
    rotated = either(lambda c: c.webhooks.rotate(made.id))
    assert (rotated.signatures, rotated.secret == made.secret) == (2, False)
    assert [(w.id, w.signatures) for w in either(lambda c: c.webhooks.list())] == [(made.id, 2)]
    either(lambda c: c.webhooks.delete(made.id))
    with pytest.raises(NotFoundError):
        either(lambda c: c.webhooks.test(made.id))


def test_the_feed_is_read_to_its_end_and_again_from_a_cursor(either: Either, client: Client) -> None:
    for name in ("a", "b", "c"):
        client.ingest(name, name)
        client.delete(name)
    erased = either(lambda c: c.erasures.list(limit=2))
    assert [one.seq for one in erased] == [1, 2, 3]
    page = either(lambda c: c.with_raw_response.erasures.list(limit=2)).parse()
    rest = either(lambda c: c.erasures.list(page.next_cursor))
    assert [one.id for one in rest] == [erased[2].id]
    assert (rest[0].cause, rest[0].kind) == ("document", "document")


def test_a_follower_is_told_of_an_erasure_when_it_happens(lethe: Lethe) -> None:
    lethe.artifacts.ingest("a", text="a", collection="c")
    pages = lethe.erasures.follow().pages()
    with ThreadPoolExecutor(1) as beside:
        waiting = beside.submit(next, pages)
        lethe.artifacts.delete("a", "c")
        first = waiting.result(PATIENCE_SECONDS)
    assert [one.seq for one in first.data] == [1]
    assert list(lethe.erasures.list(first.next_cursor)) == []
    assert next(lethe.erasures.follow(first.next_cursor, wait=0).pages()).next_cursor == first.next_cursor
