"""kill -9 in the middle of the work: of the server, of its worker, of PostgreSQL. Nothing acknowledged is lost."""

import random
import signal
from collections.abc import Callable, Iterator

import psutil
import pytest

from tests.client import Client, long_text
from tests.lifecycle.orphans import assert_no_orphans
from tests.lifecycle.stored import ask, loose_ends, scratch_files
from tests.server import Server
from tests.waiting import until

FINAL = ("SUCCESS", "FAILURE", "REVOKED")


@pytest.fixture(scope="module")
def own(new_server: Callable[..., Server]) -> Iterator[Server]:
    """A server to be killed and started again."""
    server = new_server("kill").start()
    yield server
    assert server.stop() == 0


@pytest.fixture(autouse=True)
def running(own: Server) -> None:
    """The server runs, whatever the test before has left."""
    if not own.runs():
        own.restart()


class Orders:
    """What was asked of a server and acknowledged: the tasks, and the text that each document should have."""

    def __init__(self, client: Client, seed: int) -> None:
        self.client = client
        self.random = random.Random(seed)
        self.ingestions: dict[str, tuple[str, str]] = {}
        self.deletions: dict[str, str] = {}
        self.wanted: dict[str, str] = {}

    def ingest(self, artifact: str) -> None:
        """Ask for a document of 5 to 50 KB."""
        text = long_text(self.random.randint(5, 50), f"{artifact}-{self.random.random()}")
        self.ingestions[self.client.ingest_async(artifact, text)] = (artifact, text)
        self.wanted[artifact] = text

    def delete(self, artifact: str) -> None:
        """Ask for the end of a document."""
        self.deletions[self.client.delete_async(artifact)] = artifact
        del self.wanted[artifact]

    def place(self, count: int) -> None:
        """Ask for new documents, other content for some and the end of some, in a mixture."""
        artifacts = [f"{self.random.random():.6f}" for _ in range(count)]
        for i, artifact in enumerate(artifacts):
            self.ingest(artifact)
            if i % 3 == 2:
                self.delete(self.random.choice(sorted(self.wanted)))
            if i % 5 == 4:
                self.ingest(self.random.choice(sorted(self.wanted)))
        for artifact in ("answered", "answered and erased"):
            self.wanted[artifact] = f"{artifact} {self.random.random()}"
            assert self.client.ingest(artifact, self.wanted[artifact]).status_code == 200
        assert self.client.delete("answered and erased").status_code == 200
        del self.wanted["answered and erased"]

    def check(self) -> None:
        """Every task has ended once and for all, and what there is is what was asked for, whole."""
        ingested = {task: self.client.ended("ingest", task)["task_status"] for task in self.ingestions}
        deleted = {task: self.client.ended("delete", task)["task_status"] for task in self.deletions}
        assert set(deleted.values()) == {"SUCCESS"}
        assert set(ingested.values()) <= {"SUCCESS", "REVOKED"}
        for task, (artifact, text) in self.ingestions.items():
            if self.wanted.get(artifact) == text:
                assert ingested[task] == "SUCCESS", artifact
        assert sorted(self.client.listed()) == sorted(self.wanted)
        for artifact, text in self.wanted.items():
            assert self.client.text(artifact) == text, artifact


def family(server: Server) -> list[psutil.Process]:
    """The server's process and all that it has started, but for the database, which outlives it on purpose."""
    command = psutil.Process(server.pid)
    return [command, *command.children(recursive=True)]


def is_gone(process: psutil.Process) -> bool:
    """True when it does not run. Nobody may have read its exit code: it was our grandchild."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def count_the_dead_as_dead(server: Server, *, silent_seconds: int) -> None:
    """Put the last sign of life of silent job workers back, as if the time had passed that lets them count as dead."""
    ask(
        server,
        """
        UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 minute'
        WHERE last_heartbeat < now() - make_interval(secs => %s)
        """,
        silent_seconds,
    )


def kill_worker(server: Server) -> None:
    worker = server.worker()
    worker.send_signal(signal.SIGKILL)
    count_the_dead_as_dead(server, silent_seconds=0)
    until(lambda: is_gone(worker))


def kill_command(server: Server) -> None:
    server.kill()
    server.restart()


def kill_database(server: Server) -> None:
    postmaster = server.postmaster()
    postmaster.send_signal(signal.SIGKILL)
    until(lambda: is_gone(postmaster))


def kill_all(server: Server) -> None:
    """As a loss of power."""
    postmaster, processes = server.postmaster(), family(server)
    server.kill()
    for process in [postmaster, *processes]:
        if not is_gone(process):
            process.send_signal(signal.SIGKILL)
    server.restart()
    count_the_dead_as_dead(server, silent_seconds=3)


@pytest.mark.parametrize("seed", [1])
@pytest.mark.parametrize("kill", [kill_worker, kill_command, kill_database, kill_all])
def test_nothing_acknowledged_is_lost(own: Server, kill: Callable[[Server], None], seed: int) -> None:
    client = own.client()
    orders = Orders(client, seed)
    orders.place(7)
    before = family(own)
    # So many tasks have ended when it is killed: a moment in the middle of the work, by what is done.
    done = orders.random.randint(1, 6)
    ended = "SELECT count(*) FROM task WHERE id = ANY (%s) AND finished_at IS NOT NULL"
    until(lambda: ask(own, ended, [*orders.ingestions, *orders.deletions])[0][0] >= done)
    kill(own)
    until(own.is_ready)
    orders.client = own.client_of(client.token, client.company)
    orders.place(4)
    orders.check()
    until(lambda: loose_ends(own) == {})
    assert_no_orphans(own)
    until(lambda: scratch_files(own) == [])
    alive = set(family(own))
    until(lambda: all(is_gone(p) for p in before if p not in alive))
