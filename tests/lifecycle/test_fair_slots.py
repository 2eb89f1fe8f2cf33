"""One company's ingestions from an address that never answers hold up nobody else."""

import time
from collections.abc import Callable

from tests.lifecycle.silence import silent_address
from tests.server import Server

ADDRESSES = 12
SECONDS = 50
"""Far more than a small text takes, and far less than an address has time to answer."""


def test_a_silent_address_holds_up_neither_anothers_text_nor_ones_own(
    new_server: Callable[..., Server],
) -> None:
    server = new_server("fair", LETHE_FETCH_ALLOW_PRIVATE="true", LETHE_WORKER_CONCURRENCY="2").start()
    hostile, other = server.client(), server.client()
    with silent_address() as url:
        for n in range(ADDRESSES):
            fetched = {
                "artifact": f"u{n}",
                "collection": "c",
                "input": {"type": "uri", "value": f"{url}/{n}"},
            }
            assert hostile.post("/ingest/async", {"ingest_body": fetched}).status_code == 200
        for client in (other, hostile):
            began = time.monotonic()
            assert client.ingest("small", "a small text").status_code == 200
            assert time.monotonic() - began < SECONDS
        server.stop()
