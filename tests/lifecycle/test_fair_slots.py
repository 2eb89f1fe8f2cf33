"""One company's ingestions from an address that never answers hold up nobody else."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from tests.server import Server

ADDRESSES = 12
SECONDS = 20
"""Far more than a small text takes, and far less than an address has time to answer."""


@pytest.fixture
def silent() -> Iterator[str]:
    """An address that takes connections and says nothing."""
    listener, held = socket.create_server(("127.0.0.1", 0), backlog=50), list[socket.socket]()

    def accept() -> None:
        with suppress(OSError):
            while True:
                held.append(listener.accept()[0])

    threading.Thread(target=accept, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    for connection in (listener, *held):
        connection.close()


def test_a_silent_address_holds_up_neither_anothers_text_nor_ones_own(
    new_server: Callable[..., Server], silent: str
) -> None:
    server = new_server("fair", LETHE_FETCH_ALLOW_PRIVATE="true", LETHE_WORKER_CONCURRENCY="2").start()
    hostile, other = server.client(), server.client()
    for n in range(ADDRESSES):
        fetched = {"artifact": f"u{n}", "collection": "c", "input": {"type": "uri", "value": f"{silent}/{n}"}}
        assert hostile.post("/ingest/async", {"ingest_body": fetched}).status_code == 200
    for client in (other, hostile):
        began = time.monotonic()
        assert client.ingest("small", "a small text").status_code == 200
        assert time.monotonic() - began < SECONDS
    server.stop()
