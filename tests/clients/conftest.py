"""Clients of lethe_client for the tests' server."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from lethe_client import AsyncLethe, AsyncPages, Lethe, SyncPages

from tests.client import TLS, Client
from tests.clients.between import Between
from tests.server import Server


class Either:
    """Makes a call with the synchronous or the asynchronous client; a list comes whole."""

    def __init__(self, kind: str, url: str, token: str) -> None:
        self._is_async = kind == "async"
        self._url = url
        self._token = token

    def __call__(self, use: Callable[[Any], Any], **options: Any) -> Any:
        """What the call that `use` makes gives in the end."""
        options = {"base_url": self._url, "token": self._token, **options}
        if self._is_async:
            return asyncio.run(self._awaited(use, options))
        with httpx.Client(verify=TLS, trust_env=False) as http:
            result = use(Lethe(http_client=http, **options))
            return list(result) if isinstance(result, SyncPages) else result

    async def _awaited(self, use: Callable[[Any], Any], options: dict[str, Any]) -> Any:
        async with httpx.AsyncClient(verify=TLS, trust_env=False) as http:
            result = use(AsyncLethe(http_client=http, **options))
            if isinstance(result, AsyncPages):
                return [item async for item in result]
            return await result


@pytest.fixture(params=["sync", "async"])
def either(request: pytest.FixtureRequest, server: Server, client: Client) -> Either:
    """A client of a new company, in both kinds."""
    return Either(request.param, server.url, client.token)


@pytest.fixture
def sync(server: Server, client: Client) -> Either:
    """A client of a new company, for what both kinds do by the same code."""
    return Either("sync", server.url, client.token)


@pytest.fixture
def lethe(server: Server, client: Client) -> Iterator[Lethe]:
    """A synchronous client of a new company."""
    with httpx.Client(verify=TLS, trust_env=False) as http:
        yield Lethe(base_url=server.url, token=client.token, http_client=http)


@pytest.fixture
def between(server: Server) -> Iterator[Between]:
    """What stands between a client and the server, and loses answers."""
    with Between(server.url) as proxy:
        yield proxy
