"""Callers of the Knowledge API."""

from collections.abc import Iterator

import pytest

from tests.client import Client
from tests.http.hooked import Receiver, receiving
from tests.http.knowledge.knowledge import Knowledge
from tests.server import Server


@pytest.fixture
def kb(client: Client) -> Knowledge:
    """A company's caller of the Knowledge API."""
    return Knowledge(client)


@pytest.fixture
def other(server: Server) -> Iterator[Knowledge]:
    """Another company's."""
    yield Knowledge(server.client())
    server.close_clients()


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks."""
    with receiving() as started:
        yield started
