"""A full disk: callers are told to try again, and what was accepted before is done when there is room."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest

from tests.client import body, long_text
from tests.disk import Disk
from tests.http.knowledge.knowledge import Knowledge
from tests.lifecycle.stored import ask
from tests.server import Server
from tests.services import OpenAIServer
from tests.waiting import until

FULL_SECONDS = 4
"""Longer than two tries of an ingestion, shorter than all of them."""


@pytest.fixture
def disk() -> Iterator[Disk]:
    made = Disk()
    yield made
    made.close(keep_beside=False)


@contextmanager
def full(disk: Disk, server: Server) -> Iterator[None]:
    command = psutil.Process(server.pid)
    disk.fill([command, *command.children(recursive=True)])
    try:
        yield
    finally:
        disk.free()


def test_what_was_accepted_outlives_a_full_disk(
    disk: Disk, migrated_directory: Path, embedder: OpenAIServer
) -> None:
    subprocess.run(["cp", "--archive", f"{migrated_directory}/.", disk.directory], check=True)
    server = Server(disk.directory, LETHE_EMBEDDER=embedder.spec).start()
    try:
        client = server.client()
        kb = Knowledge(client)
        with ExitStack() as filled:
            with server.worker_standing_still():
                accepted = [client.ingest_async(f"a{i}", long_text(20, f"{i}")) for i in range(4)]
                filled.enter_context(full(disk, server))
            end = time.monotonic() + FULL_SECONDS
            while time.monotonic() < end:
                answers = [
                    client.post("/ingest", body("b", long_text(200))),
                    kb.call("POST", "/knowledge/folders", {"title": f"{time.monotonic()}"}),
                    client.delete("nothing"),
                ]
                assert {a.status_code for a in answers} <= {201, 404, 503}, [a.text for a in answers]
                assert all("Retry-After" in a.headers for a in answers if a.status_code == 503)
        until(server.is_ready)  # the database may have ended for want of room
        assert [client.ended("ingest", task)["task_status"] for task in accepted] == ["SUCCESS"] * 4
        assert client.listed() == [f"a{i}" for i in range(4)]
    finally:
        server.stop()


def test_an_ingestion_waits_until_there_is_a_place_to_work(server: Server) -> None:
    client = server.client()
    scratch, away = server.directory / "scratch", server.directory / "away"
    with server.worker_standing_still():
        task = client.ingest_async("a", long_text(20))
        scratch.rename(away)
    try:
        tried = "SELECT FROM procrastinate_jobs WHERE args ->> 'task_id' = %s AND attempts >= 2"
        until(lambda: ask(server, tried, task))
        assert client.task("ingest", task)["task_status"] == "STARTED"
    finally:
        away.rename(scratch)
    assert client.ended("ingest", task)["task_status"] == "SUCCESS"
