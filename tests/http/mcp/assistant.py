"""An AI assistant's side of MCP: the official client, with a token."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from mcp import Client as McpClient
from mcp.client.streamable_http import streamable_http_client

from tests.waiting import PATIENCE_SECONDS

MODERN, OLDER = "2026-07-28", "legacy"


@asynccontextmanager
async def connected(url: str, token: str | None, *, mode: str = MODERN) -> AsyncIterator[McpClient]:
    """A session of this era of the protocol."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx2.AsyncClient(headers=headers, timeout=PATIENCE_SECONDS, trust_env=False) as http:
        transport = streamable_http_client(f"{url}/mcp", http_client=http)
        async with McpClient(transport, mode=mode, cache=None) as client:
            yield client


async def call(client: McpClient, tool: str, **arguments: Any) -> Any:
    """What a tool answers; its message if it failed."""
    result = await client.call_tool(tool, arguments)
    return result.content[0].text if result.is_error else result.structured_content  # type: ignore[union-attr]
