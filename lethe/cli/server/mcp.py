"""`lethe mcp`: a server's /mcp on standard input and output, for hosts that start a program."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from lethe.cli.contents.connection import Target, access_to
from lethe.core.access import tokens
from lethe.domain.errors import OperatorError

if TYPE_CHECKING:
    from mcp import Client

_LOOKING = "knowledge:read,knowledge:query"


def mcp(*, scopes: str = _LOOKING, server: Target | None = None) -> None:
    """Serve the Model Context Protocol on standard input and output.

    Parameters
    ----------
    scopes
        On this machine without a token: comma-separated scopes of the assistant, or 'all'.
    """
    allowed = tokens.parse_scopes(scopes)
    with access_to(server or Target(), name="lethe mcp", scopes=allowed) as (url, token):
        asyncio.run(_serve(url.rstrip("/"), token))


async def _serve(url: str, token: str) -> None:
    from mcp.server.stdio import stdio_server  # noqa: PLC0415

    async with _connected(url, token) as upstream, stdio_server() as (read, write):
        server = _bridge(upstream)
        await server.run(read, write, server.create_initialization_options())


@asynccontextmanager
async def _connected(url: str, token: str) -> AsyncIterator["Client"]:
    """A session with the server. Raises OperatorError, saying what to do, if there is none."""
    import httpx2  # noqa: PLC0415
    from mcp import Client  # noqa: PLC0415
    from mcp.client.streamable_http import streamable_http_client  # noqa: PLC0415

    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(headers=headers, timeout=httpx2.Timeout(60, read=None)) as http:
        await _check(http, url)
        async with Client(streamable_http_client(f"{url}/mcp", http_client=http), cache=None) as client:
            yield client


async def _check(http: Any, url: str) -> None:
    import httpx2  # noqa: PLC0415

    try:
        status = (await http.get(f"{url}/v1/me")).status_code
    except httpx2.HTTPError as exc:
        raise OperatorError(f"No server answers at {url}: start one, or set LETHE_URL.") from exc
    if status == 401:
        raise OperatorError(
            f"{url} refuses the token: it is unknown, revoked or expired. Set LETHE_TOKEN, or run 'lethe login'."
        )
    if status != 200:
        raise OperatorError(f"{url} answered {status}: is it a Lethe server?")


def _bridge(upstream: "Client") -> Any:
    """A server that forwards each call to `upstream`, which checks token, scope and rate."""
    import mcp_types as types  # noqa: PLC0415
    from mcp.server.lowlevel.server import Server  # noqa: PLC0415
    from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler  # noqa: PLC0415

    async def list_tools(_call: Any, params: Any) -> types.ListToolsResult:
        return await upstream.list_tools(cursor=params.cursor if params else None)

    async def call_tool(_call: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        return await upstream.call_tool(params.name, params.arguments)

    async def list_resources(_call: Any, params: Any) -> types.ListResourcesResult:
        return await upstream.list_resources(cursor=params.cursor if params else None)

    async def list_templates(_call: Any, params: Any) -> types.ListResourceTemplatesResult:
        return await upstream.list_resource_templates(cursor=params.cursor if params else None)

    async def read_resource(_call: Any, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        return await upstream.read_resource(params.uri)

    async def listen(
        call: Any, params: types.SubscriptionsListenRequestParams
    ) -> types.SubscriptionsListenResult:
        wanted = params.notifications
        bus = InMemorySubscriptionBus()
        handler = ListenHandler(bus)

        async def relay() -> None:
            async with upstream.listen(
                resources_list_changed=bool(wanted.resources_list_changed),
                resource_subscriptions=wanted.resource_subscriptions or [],
            ) as news:
                async for event in news:
                    await bus.publish(event)
            handler.close()

        relaying = asyncio.create_task(relay())
        try:
            return await handler(call, params)
        finally:
            relaying.cancel()

    return Server(
        "lethe",
        version=version("lethe-kb"),
        title="Lethe",
        instructions=upstream.instructions,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
        on_subscriptions_listen=listen,
    )
