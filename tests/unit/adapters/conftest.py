"""What several tests of the adapters start."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.unit.adapters.fetching import Server


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    one = Server()
    listener = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.port = listener.sockets[0].getsockname()[1]
    async with listener:
        yield one
