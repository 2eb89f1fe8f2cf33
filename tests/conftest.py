"""Services and servers for the tests: started once a run, all of them real."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.server import Client, Server
from tests.services import RabbitMQ

pytest_plugins = ["tests.services"]

# The same examples at every run of the project's own checks; others are looked for when a developer runs the tests.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


@pytest.fixture(scope="session")
def server(service_directory: Callable[[str], Path], rabbitmq: RabbitMQ) -> Iterator[Server]:
    """A server with a broker, shared by all tests that do not kill it."""
    started = Server(service_directory("lethe") / "data", LETHE_AMQP_URL=rabbitmq.url).start()
    yield started
    started.stop()


@pytest.fixture
def own_server(service_directory: Callable[[str], Path], tmp_path: Path) -> Iterator[Server]:
    """A server of the test's own, to be killed and started again."""
    started = Server(service_directory(tmp_path.name) / "data").start()
    yield started
    started.stop()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    """A client of a new company with every scope and no rate limit."""
    yield server.client()
    server.close_clients()
