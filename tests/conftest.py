"""Services and servers for the tests: started once a run, all of them real."""

import subprocess
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from lethe.cli.loading import loading
from tests import shared
from tests.client import Client
from tests.patience import PATIENT
from tests.server import Server
from tests.services import OpenAIServer, RabbitMQ

pytest_plugins = ["tests.services", "tests.logged"]

LOG_SHOWN = 6_000
"""Characters of a server's log that a failed test shows."""

# How long an example takes says more of the machine than of the code. The same examples at every run; others are looked
# for with `--hypothesis-profile=others`.
settings.register_profile(
    "lethe", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.register_profile("others", settings.get_profile("lethe"), derandomize=False)
settings.load_profile("lethe")


def pytest_configure(config: pytest.Config) -> None:
    """For what the processes of a run share."""
    config.add_cleanup(shared.begin())


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """All tests are read by each process of a run; what that makes stays to the end."""
    with loading():
        return (yield)


@pytest.fixture(scope="session")
def server(new_directory: Callable[[str], Path], rabbitmq: RabbitMQ) -> Iterator[Server]:
    """A server with a broker, shared by all tests that do not kill it."""
    settings = {"LETHE_AMQP_URL": rabbitmq.url, "LETHE_WEBHOOK_ALLOW_PRIVATE": "true"}
    started = Server(new_directory("lethe"), **settings, **PATIENT).start()
    started.companies_at_once = 25
    yield started
    started.stop()


@pytest.fixture(scope="session")
def migrated_directory() -> Path:
    """A data directory that no server has run on yet, whose database has all migrations: to be copied."""

    def make(place: Path) -> Path:
        Server(place / "data").command("migrate")
        return place / "data"

    return shared.once("migrated", make)


@pytest.fixture(scope="session")
def new_directory(
    service_directory: Callable[[str], Path], migrated_directory: Path
) -> Callable[[str], Path]:
    """Make data directories of which each is a copy of the migrated one."""

    def make(name: str) -> Path:
        directory = service_directory(name) / "data"
        subprocess.run(["cp", "--archive", migrated_directory, directory], check=True)
        return directory

    return make


@pytest.fixture(scope="session")
def new_server(new_directory: Callable[[str], Path], embedder: OpenAIServer) -> Callable[..., Server]:
    """`new_server(name, **settings)`: a server of a test's own, not started yet, whose start costs little.

    Its embedder is a service, so that no model is loaded at each start.
    """

    def make(name: str, **settings: str) -> Server:
        return Server(new_directory(name), **{"LETHE_EMBEDDER": embedder.spec, **settings})

    return make


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
                with suppress(FileNotFoundError):  # its directory is gone before the last test has ended
                    report.sections.append((f"log of {name}", value.log[-LOG_SHOWN:]))
    return report
