"""Groups of calls, whose methods are written once and work in four ways.

A method describes its call. The type of its group decides what calling it returns: the result (`Sync`), a coroutine
of it (`Async`), or a raw response in the same two ways.
"""

import functools
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

import httpx

from lethe_client._calling.attempts import Caller
from lethe_client._calling.calls import Call
from lethe_client._calling.paging import AsyncPages, Page, Paged, SyncPages
from lethe_client._calling.steps import Plan, run, run_async

P = ParamSpec("P")
T = TypeVar("T")


class RawResponse(Generic[T]):
    """An answer with its status and headers; `parse` gives what the call would have returned."""

    def __init__(self, response: httpx.Response, read: Callable[[httpx.Response], T]) -> None:
        self.http_response = response
        self._read = read

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        return self.http_response.status_code

    @property
    def headers(self) -> httpx.Headers:
        """The headers; names are case-insensitive."""
        return self.http_response.headers

    @property
    def content(self) -> bytes:
        """The body."""
        return self.http_response.content

    @property
    def request_id(self) -> str | None:
        """The request's id in the server's log."""
        request_id: str | None = self.headers.get("X-Request-Id")
        return request_id

    def parse(self) -> T:
        """The result."""
        return self._read(self.http_response)

    def __repr__(self) -> str:
        return f"<RawResponse {self.status_code}>"


class Mode:
    """How plans are carried out."""

    raw = False


class Sync(Mode):
    """Calls return their results."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def do(self, plan: Plan[T]) -> T:
        """Carry out a plan."""
        return run(plan, self._http)


class SyncRaw(Sync):
    """Calls return raw responses."""

    raw = True


class Async(Mode):
    """Calls return coroutines."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def do(self, plan: Plan[T]) -> T:
        """Carry out a plan."""
        return await run_async(plan, self._http)


class AsyncRaw(Async):
    """Calls return coroutines of raw responses."""

    raw = True


M = TypeVar("M", bound=Sync | Async)


class Group(Generic[M]):
    """Calls that belong together."""

    def __init__(self, caller: Caller, mode: M) -> None:
        self._caller = caller
        self._mode = mode

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._caller.settings.base_url}>"


class operation(Generic[P, T]):  # noqa: N801 a decorator
    """A method that describes one call."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Call[T]]) -> None:
        self._describe = describe
        self.__doc__ = describe.__doc__

    def call(self, *args: P.args, **kwargs: P.kwargs) -> Call[T]:
        """The call's description, without making the call: for plans of several calls."""
        return self._describe(None, *args, **kwargs)

    @overload
    def __get__(self, group: None, owner: type) -> Self: ...
    @overload
    def __get__(self, group: Group[SyncRaw], owner: type) -> Callable[P, RawResponse[T]]: ...
    @overload
    def __get__(
        self, group: Group[AsyncRaw], owner: type
    ) -> Callable[P, Coroutine[Any, Any, RawResponse[T]]]: ...
    @overload
    def __get__(self, group: Group[Sync], owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, group: Group[Async], owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, group: Any, owner: type) -> Any:
        if group is None:
            return self

        @functools.wraps(self._describe)
        def method(*args: P.args, **kwargs: P.kwargs) -> Any:
            call = self._describe(group, *args, **kwargs)
            return group._mode.do(
                _raw(group._caller, call) if group._mode.raw else group._caller.answer(call)
            )

        return method


class procedure(Generic[P, T]):  # noqa: N801 a decorator
    """A method that is a plan of several calls. It has no raw response."""

    def __init__(self, plan: Callable[Concatenate[Any, P], Plan[T]]) -> None:
        self._plan = plan
        self.__doc__ = plan.__doc__

    @overload
    def __get__(self, group: None, owner: type) -> Self: ...
    @overload
    def __get__(self, group: Group[Sync], owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, group: Group[Async], owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, group: Any, owner: type) -> Any:
        if group is None:
            return self

        @functools.wraps(self._plan)
        def method(*args: P.args, **kwargs: P.kwargs) -> Any:
            return group._mode.do(self._plan(group, *args, **kwargs))

        return method


class paged(Generic[P, T]):  # noqa: N801 a decorator
    """A method that lists page by page."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Paged[T]]) -> None:
        self._describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, group: None, owner: type) -> Self: ...
    @overload
    def __get__(self, group: Group[SyncRaw], owner: type) -> Callable[P, RawResponse[Page[T]]]: ...
    @overload
    def __get__(
        self, group: Group[AsyncRaw], owner: type
    ) -> Callable[P, Coroutine[Any, Any, RawResponse[Page[T]]]]: ...
    @overload
    def __get__(self, group: Group[Sync], owner: type) -> Callable[P, SyncPages[T]]: ...
    @overload
    def __get__(self, group: Group[Async], owner: type) -> Callable[P, AsyncPages[T]]: ...
    def __get__(self, group: Any, owner: type) -> Any:
        if group is None:
            return self

        @functools.wraps(self._describe)
        def method(*args: P.args, **kwargs: P.kwargs) -> Any:
            listing = self._describe(group, *args, **kwargs)
            caller, mode = group._caller, group._mode
            if mode.raw:
                return mode.do(_raw(caller, listing.call))
            kind = SyncPages if isinstance(mode, Sync) else AsyncPages
            return kind(listing, lambda call: mode.do(caller.answer(call)))

        return method


def _raw(caller: Caller, call: Call[T]) -> Plan[RawResponse[T]]:
    response = yield from caller.response(call)
    return RawResponse(response, lambda answer: caller.read(call, answer))
