"""Ingestions that are under way, for as long as a test needs them to be."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tests.client import Client
from tests.server import Server
from tests.waiting import until


@contextmanager
def nothing_is_stored(server: Server) -> Iterator[None]:
    """Let ingestions of the Artifacts API go on until they would store something, and wait there."""
    with psycopg.connect(server.superuser()) as conn:
        conn.execute("SET idle_in_transaction_session_timeout = 0")
        conn.execute("LOCK TABLE document_part IN SHARE ROW EXCLUSIVE MODE")
        yield


def begun(client: Client, task_id: str) -> str:
    """The task, once a worker has read its document."""
    until(lambda: client.http.get(f"/v1/tasks/{task_id}").json()["step"] == "Storage")
    return task_id
