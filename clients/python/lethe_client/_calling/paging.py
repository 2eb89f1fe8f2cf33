"""Lists that come page by page."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from lethe_client._calling.calls import Call

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list.

    Attributes:
        next_params: the parameters for the next page; None on the last.
        next_cursor: the cursor of the next page, in lists that have cursors.
    """

    data: Sequence[T]
    next_params: dict[str, Any] | None
    next_cursor: str | None = None


@dataclass(frozen=True)
class Paged(Generic[T]):
    """A list, described by the call for its first page."""

    call: Call[Page[T]]

    def after(self, page: Page[T]) -> "Call[Page[T]] | None":
        """The call for the page after this one."""
        if page.next_params is None:
            return None
        return replace(self.call, params={**self.call.params, **page.next_params})


class SyncPages(Generic[T]):
    """All items of a list. Iterating fetches them page by page; nothing is requested earlier."""

    def __init__(self, listing: Paged[T], fetch: Callable[[Call[Page[T]]], Page[T]]) -> None:
        self._listing = listing
        self._fetch = fetch

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.data

    def pages(self) -> Iterator[Page[T]]:
        """The pages, each fetched when it is reached."""
        call: Call[Page[T]] | None = self._listing.call
        while call is not None:
            page = self._fetch(call)
            yield page
            call = self._listing.after(page)

    def first_page(self) -> Page[T]:
        """The first page alone."""
        return self._fetch(self._listing.call)


class AsyncPages(Generic[T]):
    """All items of a list. `async for` fetches them page by page; nothing is requested earlier."""

    def __init__(self, listing: Paged[T], fetch: Callable[[Call[Page[T]]], Awaitable[Page[T]]]) -> None:
        self._listing = listing
        self._fetch = fetch

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.data:
                yield item

    async def pages(self) -> AsyncIterator[Page[T]]:
        """The pages, each fetched when it is reached."""
        call: Call[Page[T]] | None = self._listing.call
        while call is not None:
            page = await self._fetch(call)
            yield page
            call = self._listing.after(page)

    async def first_page(self) -> Page[T]:
        """The first page alone."""
        return await self._fetch(self._listing.call)
