"""Webhooks, and the feed of what was erased."""

from collections.abc import Sequence
from typing import Literal

import httpx

from lethe_client._calling import calls
from lethe_client._calling.calls import Call, optional
from lethe_client._calling.groups import Group, M, operation, paged
from lethe_client._calling.paging import Page, Paged
from lethe_client.models import Delivery, ErasedNode, NewWebhook, Webhook
from lethe_client.resources.pages import cursor_page, nothing, segment

_PATH = "/v1/webhooks"
_ERASURES = "/v1/erasures"
_LONGEST_WAIT = 30


class Webhooks(Group[M]):
    """Addresses that receive events. Scopes: webhooks:read and webhooks:manage."""

    @operation
    def create(self, url: str, events: Sequence[str] | None = None) -> Call[NewWebhook]:
        """Create a webhook, and return it with its secret. It receives `events`: by default all but progress."""
        return calls.change("POST", _PATH, NewWebhook.of, {"url": url, "events": optional(events)})

    @operation
    def list(self) -> Call[Sequence[Webhook]]:
        """All webhooks, oldest first."""
        return calls.get(_PATH, _webhooks)

    @operation
    def rotate(self, webhook_id: str) -> Call[NewWebhook]:
        """Give a webhook a new secret. For 24 hours, the old one signs too."""
        return calls.change("POST", f"{_PATH}/{segment(webhook_id)}/rotate", NewWebhook.of)

    @operation
    def test(self, webhook_id: str) -> Call[Delivery]:
        """Send a `ping`."""
        return calls.change("POST", f"{_PATH}/{segment(webhook_id)}/test", Delivery.of)

    @operation
    def delete(self, webhook_id: str) -> Call[None]:
        """Delete a webhook and its waiting deliveries."""
        return calls.change("DELETE", f"{_PATH}/{segment(webhook_id)}", nothing)

    @paged
    def deliveries(
        self,
        *,
        webhook_id: str | None = None,
        status: Literal["waiting", "delivered", "dead"] | None = None,
        limit: int = 100,
    ) -> Paged[Delivery]:
        """Deliveries to webhooks and to the callbacks of tasks, newest first."""
        call = calls.get(
            f"{_PATH}/deliveries",
            cursor_page(Delivery),
            webhook_id=webhook_id,
            status=status,
            limit=limit,
        )
        return Paged(call)

    @operation
    def redeliver(self, delivery_id: str) -> Call[Delivery]:
        """Send a delivery again, under the same id."""
        return calls.change("POST", f"{_PATH}/deliveries/{segment(delivery_id)}/redeliver", Delivery.of)


class Erasures(Group[M]):
    """What was erased, for caches that have to forget it too. Scope: knowledge:delete."""

    @paged
    def list(self, after: str | None = None, *, limit: int = 100) -> Paged[ErasedNode]:
        """What was erased since the cursor `after`, up to now."""
        return Paged(calls.get(_ERASURES, _erased_until_now, after=after, limit=limit))

    @paged
    def follow(
        self, after: str | None = None, *, limit: int = 100, wait: int = _LONGEST_WAIT
    ) -> Paged[ErasedNode]:
        """What was erased since the cursor `after`, then what is erased from now on, without end.

        Iterate over `pages()`, and save the `next_cursor` of each page once you have forgotten what it lists. After
        `wait` seconds without an erasure, an empty page comes.
        """
        return Paged(calls.get(_ERASURES, _erased_for_ever, after=after, limit=limit, wait=wait))


def _webhooks(response: httpx.Response) -> list[Webhook]:
    return [Webhook.from_dict(item) for item in response.json()["items"]]


def _erased_until_now(response: httpx.Response) -> Page[ErasedNode]:
    page = _erased_for_ever(response)
    more = response.json()["has_more"]
    return Page(page.data, page.next_params if more else None, page.next_cursor)


def _erased_for_ever(response: httpx.Response) -> Page[ErasedNode]:
    body = response.json()
    cursor = body["next_cursor"]
    return Page([ErasedNode.from_dict(item) for item in body["items"]], {"after": cursor}, cursor)
