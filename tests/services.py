"""Real services for tests: RabbitMQ brokers and databases, each in a directory of its own.

Listed in `pytest_plugins` of tests/conftest.py, and imported by it before that: PYTEST_DONT_REWRITE keeps
pytest from warning of it.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from lethe.store.postgres.embedded import EmbeddedPostgres
from lethe.store.postgres.superuser import APP_ROLE, DATABASE
from tests.ports import lasting_ports
from tests.waiting import PATIENCE_SECONDS

RABBITMQ_PROGRAMS = Path("/usr/lib/rabbitmq/bin")


class RabbitMQ:
    """A broker on ports of its own of the loopback. It can be stopped, killed and started again with its data."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port, self._dist_port, self._epmd_port = lasting_ports(3)
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}/"
        self._epmd: subprocess.Popen[bytes] | None = None
        self._server: subprocess.Popen[bytes] | None = None
        for name, text in {
            "enabled_plugins": "[].",
            "env.conf": "",
            "rabbitmq.conf": "vm_memory_high_watermark.absolute = 512MB\ndisk_free_limit.absolute = 50MB\n",
        }.items():
            (directory / name).write_text(text)

    def start(self) -> None:
        """Start the broker and wait until it speaks AMQP."""
        with (self.directory / "output").open("ab") as output:
            if self._epmd is None:  # our own child: one that the broker starts would outlive it
                epmd = ["epmd", "-address", "127.0.0.1", "-port", str(self._epmd_port)]
                self._epmd = subprocess.Popen(epmd, env=self._environment(), stdout=output, stderr=output)
            self._server = subprocess.Popen(
                [RABBITMQ_PROGRAMS / "rabbitmq-server"],  # the one in /usr/sbin asks for another user
                env=self._environment(),
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._speaks_amqp():
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(
                    f"RabbitMQ did not start: {(self.directory / 'output').read_text()[-2000:]}"
                )
            time.sleep(0.05)

    def stop(self) -> None:
        """End the broker in order: it writes its data and closes its connections."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the broker as a loss of power would."""
        self._signal(signal.SIGKILL)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """While the block runs it says nothing, and its connections stay open, as when a network is cut."""
        assert self._server is not None
        os.killpg(self._server.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self._server.pid, signal.SIGCONT)

    def restart(self) -> None:
        """Stop and start, on the same ports and with the same durable exchanges and queues."""
        self.stop()
        self.start()

    def close_connections(self, *, seconds: float = PATIENCE_SECONDS) -> None:
        """Have the broker close every connection that it has. Raises TimeoutExpired if that takes longer."""
        subprocess.run(
            [RABBITMQ_PROGRAMS / "rabbitmqctl", "close_all_connections", "a test"],
            env=self._environment(),
            check=True,
            capture_output=True,
            timeout=seconds,
        )

    def close(self) -> None:
        """End everything that was started."""
        self.kill()
        if self._epmd is not None:
            self._epmd.kill()
            self._epmd.wait()
            self._epmd = None

    def _signal(self, number: int) -> None:
        if self._server is None:
            return
        server, self._server = self._server, None
        if number == signal.SIGKILL:
            os.killpg(server.pid, number)
        else:
            os.kill(int((self.directory / "pid").read_text()), number)
        server.wait(timeout=PATIENCE_SECONDS)

    def _speaks_amqp(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as probe:
                probe.sendall(b"AMQP\x00\x00\x09\x01")
                return probe.recv(1) == b"\x01"
        except OSError:
            return False

    def _environment(self) -> dict[str, str]:
        here = self.directory
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(here),
            "LANG": "C.UTF-8",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "RABBITMQ_NODENAME": "lethe@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "RABBITMQ_MNESIA_BASE": str(here / "mnesia"),
            "RABBITMQ_LOG_BASE": str(here / "log"),
            "RABBITMQ_PID_FILE": str(here / "pid"),
            "RABBITMQ_CONFIG_FILE": str(here / "rabbitmq"),
            "RABBITMQ_CONF_ENV_FILE": str(here / "env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(here / "enabled_plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-kernel inet_dist_use_interface {127,0,0,1} +S 1:1 +sbwt none"
            ),
        }


class OpenAIServer:
    """An embedding service that costs next to nothing; `spec` is its LETHE_EMBEDDER."""

    def __init__(self) -> None:
        self.spec = ""
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "OpenAIServer":
        program = Path(__file__).parents[1] / "bench" / "openai_server.py"
        self._process = subprocess.Popen(
            [sys.executable, program, "--port", "0", "--dim", "64"], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.spec = f"openai:{self._process.stdout.readline().strip()}#fake"
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()


@pytest.fixture(scope="session")
def service_directory() -> Iterator[Callable[[str], Path]]:
    """Make directories for services, removed at the end.

    Not below pytest's own, which is closed to the user who runs PostgreSQL when the tests run as root.
    """
    made: list[Path] = []

    def make(name: str) -> Path:
        made.append(Path(tempfile.mkdtemp(prefix=f"lethe-{name}-")))
        made[-1].chmod(0o711)
        return made[-1]

    yield make
    for directory in made:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def rabbitmq(service_directory: Callable[[str], Path]) -> Iterator[RabbitMQ]:
    """A running broker. A test that stops it starts it again."""
    broker = RabbitMQ(service_directory("rabbitmq"))
    try:
        broker.start()
        yield broker
    finally:
        broker.close()


@pytest.fixture(scope="session")
def embedder() -> Iterator[OpenAIServer]:
    """An embedding service for servers that are started often."""
    with OpenAIServer() as service:
        yield service


@pytest.fixture(scope="session")
def postgres(service_directory: Callable[[str], Path]) -> Iterator[EmbeddedPostgres]:
    """The embedded PostgreSQL as it is served, but for fsync. Its database `lethe` is empty."""
    unsafe = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    with EmbeddedPostgres(service_directory("postgres"), settings=unsafe) as server:
        yield server


def clone_database(server: EmbeddedPostgres, template: str = DATABASE) -> str:
    """Copy a database that nobody is connected to; the result is the conninfo of the copy for `lethe_app`."""
    name = f"test_{uuid4().hex}"
    _as_superuser(
        server,
        sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy").format(
            sql.Identifier(name), sql.Identifier(template), sql.Identifier(APP_ROLE)
        ),
    )
    return make_conninfo(server.conninfo, dbname=name)


def drop_database(server: EmbeddedPostgres, conninfo: str) -> None:
    """Drop a copy, and end the sessions that are still in it."""
    name = str(conninfo_to_dict(conninfo)["dbname"])
    _as_superuser(server, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _as_superuser(server: EmbeddedPostgres, statement: sql.Composed) -> None:
    with psycopg.connect(server.superuser_conninfo, dbname="postgres", autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture
def new_database(postgres: EmbeddedPostgres) -> Iterator[Callable[..., str]]:
    """`new_database(template)` gives the conninfo of a fresh copy, dropped at the end of the test."""
    made: list[str] = []

    def make(template: str = DATABASE) -> str:
        made.append(clone_database(postgres, template))
        return made[-1]

    yield make
    for conninfo in made:
        drop_database(postgres, conninfo)
