"""A transaction that an operator left open stops nobody for long."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import LiteralString

import httpx
import psycopg
import pytest

from tests.client import Client
from tests.lifecycle.stored import ask
from tests.server import Server
from tests.waiting import until

WAITING: LiteralString = (
    "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'advisory'"
)

COMPANYS_CONNECTIONS = 4
"""As many as one company may have at a time, of the eight of a process."""


@pytest.fixture
def brief(new_server: Callable[..., Server]) -> Iterator[Server]:
    """A server on which nobody waits for a lock longer than by default, however patient others are."""
    started = new_server("locks").start()
    yield started
    started.stop()


def test_a_lock_that_is_held_gives_503_while_others_go_on(brief: Server) -> None:
    mine, other = brief.client(), brief.client()
    mine.ingest("a", "text")
    other.ingest("b", "text")
    with psycopg.connect(brief.superuser(), application_name="psql") as conn:
        conn.execute(
            "SELECT FROM node n JOIN company c ON c.id = n.company_id WHERE c.name = %s FOR UPDATE OF n",
            (mine.company,),
        )
        answer = mine.delete("a")  # whose client would not wait for ever
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) >= 1
        assert other.delete("b").status_code == 200
    assert mine.delete("a").status_code == 200


def test_searches_of_a_company_that_waits_for_a_lock_hold_up_no_others(server: Server) -> None:
    mine, other = server.client(), server.client()
    other.ingest("b", "text")

    def folder(n: int) -> httpx.Response:
        return mine.http.post("/v1/knowledge/folders", json={"title": f"f{n}"})

    def search(client: Client) -> httpx.Response:
        return client.http.post("/v1/knowledge/search", json={"query": "text", "mode": "full"})

    def held_up_no_others() -> bool:
        """False when the others' search had to wait until those who wait for the lock had given up, after 5 s."""
        with psycopg.connect(server.superuser()) as conn, ThreadPoolExecutor(8) as pool:
            tree = "SELECT pg_advisory_xact_lock(hashtextextended(id, 0)) FROM company WHERE name = %s"
            conn.execute(tree, (mine.company,))
            folders = [pool.submit(folder, n) for n in range(COMPANYS_CONNECTIONS)]
            until(lambda: len(ask(server, WAITING)) == len(folders) or any(call.done() for call in folders))
            searches = [pool.submit(search, mine) for _ in range(4)]
            assert search(other).status_code == 200
            nobody_gave_up = not any(call.done() for call in folders)
            conn.rollback()
            made = {call.result().status_code for call in folders}
            assert {call.result().status_code for call in searches} == {200}
            return nobody_gave_up and made == {201}

    until(held_up_no_others)  # a slow machine may need more than one try
