"""One company's ingestions from an address that never answers hold up nobody else."""

from collections.abc import Callable

from tests.lifecycle.silence import silent_address
from tests.server import Server

ADDRESSES = 12
NEVER_SECONDS = "3600"
"""How long an address has time to answer: no caller waits so long."""


def test_a_silent_address_holds_up_neither_anothers_text_nor_ones_own(
    new_server: Callable[..., Server],
) -> None:
    server = new_server(
        "fair",
        LETHE_FETCH_ALLOW_PRIVATE="true",
        LETHE_WORKER_CONCURRENCY="2",
        LETHE_LIMIT_FETCH_SECONDS=NEVER_SECONDS,
    ).start()
    hostile, other = server.client(), server.client()
    with silent_address() as url:
        try:
            for n in range(ADDRESSES):
                fetched = {
                    "artifact": f"u{n}",
                    "collection": "c",
                    "input": {"type": "uri", "value": f"{url}/{n}"},
                }
                assert hostile.post("/ingest/async", {"ingest_body": fetched}).status_code == 200
            for client in (other, hostile):
                assert client.ingest("small", "a small text").status_code == 200
        finally:
            server.stop()
