"""Notifies listening clients of changes: of the list of documents, and of single documents, including deleted ones."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler
from mcp.shared.exceptions import MCPError
from mcp.shared.subscriptions import ResourcesListChanged, ResourceUpdated, ServerEvent

from lethe.api.mcp.caller import caller_of
from lethe.api.mcp.resources import SCOPE, id_of, uri
from lethe.core.access import callers
from lethe.core.changes import TREE, following
from lethe.core.content import passages
from lethe.core.context import Context
from lethe.domain.errors import InsufficientScope, LetheError
from lethe.domain.records.access import Caller

MOST_STREAMS = 32
"""Per company and process."""
MOST_SUBSCRIBED = 1_000
"""Documents per stream."""
_TOGETHER_SECONDS = 1.0
"""Changes within this time are reported together."""


class _Bus(InMemorySubscriptionBus):
    """A bus that signals when it has a subscriber."""

    def __init__(self) -> None:
        super().__init__()
        self.subscribed = asyncio.Event()

    def subscribe(self, listener: Callable[[ServerEvent], None]) -> Callable[[], None]:
        """Add the listener."""
        unsubscribe = super().subscribe(listener)
        self.subscribed.set()
        return unsubscribe


class Subscriptions:
    """Serves `subscriptions/listen`: one call is one stream that lasts until the client leaves.

    A disconnected client misses the changes made meanwhile. The protocol requires it to read again after reconnecting.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._open: Counter[str] = Counter()

    async def __call__(
        self, call: ServerRequestContext[Any], params: types.SubscriptionsListenRequestParams
    ) -> types.SubscriptionsListenResult:
        """Report each change until the client leaves or its token is no longer valid."""
        caller = caller_of(call)
        subscribed = params.notifications.resource_subscriptions or []
        if SCOPE not in caller.scopes:
            raise MCPError(types.INVALID_REQUEST, str(InsufficientScope(SCOPE)))
        if len(subscribed) > MOST_SUBSCRIBED:
            raise MCPError(types.INVALID_PARAMS, f"Subscribe to at most {MOST_SUBSCRIBED:,} resources.")
        if self._open[caller.company_id] >= MOST_STREAMS:
            raise MCPError(types.INVALID_REQUEST, "Too many open streams: close one first.")
        self._open[caller.company_id] += 1
        bus = _Bus()
        handler = ListenHandler(bus)
        ids = [node_id for address in subscribed if (node_id := id_of(address))]
        heard = asyncio.Event()
        watching = asyncio.create_task(self._watch(caller, ids, bus, handler, heard))
        hearing = asyncio.create_task(heard.wait(), name="until changes are heard")
        try:
            await asyncio.wait({watching, hearing}, return_when=asyncio.FIRST_COMPLETED)
            if not heard.is_set():  # then the watch has failed
                raise MCPError(
                    types.INTERNAL_ERROR,
                    "Change notifications are not available: subscribe again.",
                )
            return await handler(call, params)
        finally:
            self._open[caller.company_id] -= 1
            hearing.cancel()
            watching.cancel()
            with suppress(asyncio.CancelledError, LetheError):
                await watching

    async def _watch(
        self, caller: Caller, ids: list[str], bus: "_Bus", handler: ListenHandler, heard: asyncio.Event
    ) -> None:
        """Publish what changes. When this ends, so does the stream: its client reconnects instead of waiting in vain.

        Sets `heard` once no change can be missed; only then is the client told that the stream has begun.
        """
        try:
            async with following(self._context, company_id=caller.company_id, topics=[TREE]) as changes:
                known = await self._generations(caller, ids)
                heard.set()
                await bus.subscribed.wait()
                while await changes.take() and await callers.is_valid(self._context.db, caller):
                    await bus.publish(ResourcesListChanged())
                    current = await self._generations(caller, ids)
                    for node_id in ids:
                        if current.get(node_id) != known.get(node_id):
                            await bus.publish(ResourceUpdated(uri(node_id)))
                    known = current
                    await asyncio.sleep(_TOGETHER_SECONDS)
        finally:
            handler.close()

    async def _generations(self, caller: Caller, ids: list[str]) -> dict[str, int]:
        if not ids:
            return {}
        return await passages.generations(self._context, company_id=caller.company_id, node_ids=ids)
