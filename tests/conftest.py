"""Services and servers for the tests: started once a run, all of them real."""

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.server import Client, Server
from tests.services import RabbitMQ

pytest_plugins = ["tests.services"]

LOG_SHOWN = 6_000
"""Characters of a server's log that a failed test shows."""

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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed shows the end of its server's log."""
    report = yield
    if report.failed and isinstance(item, pytest.Function):
        for name, value in item.funcargs.items():
            if isinstance(value, Server):
                report.sections.append((f"log of {name}", value.log[-LOG_SHOWN:]))
    return report
