"""The caller of a request."""

from typing import Any

from mcp.server.context import ServerRequestContext
from starlette.requests import Request

from lethe.domain.records.access import Caller


def caller_of(call: ServerRequestContext[Any]) -> Caller:
    """The authenticated caller of the HTTP request. Raises TypeError if there is none."""
    request = call.request
    caller = request.state.caller if isinstance(request, Request) else None
    if not isinstance(caller, Caller):
        raise TypeError("a call without an authenticated request")
    return caller
