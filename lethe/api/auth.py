"""What an API's routes need of every request: the caller, and the context that wiring built."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from lethe.api import idempotency, queries
from lethe.core import access
from lethe.core.context import Context
from lethe.domain.records import Caller


def context(request: Request) -> Context:
    """The context that the API was built with."""
    ctx: Context = request.app.state.context
    return ctx


Ctx = Annotated[Context, Depends(context)]

# Tells OpenAPI that a token is needed; `access.authenticate` does the work, with one answer for all causes.
_bearer = HTTPBearer(auto_error=False, description="A token made by `lethe token create`.")


def caller_with(scope: str | None, *, ingesting: bool = False) -> Callable[..., Awaitable[Caller]]:
    """A dependency that gives the caller, provided that its token has the scope; None: any token.

    With `ingesting` the queue must have room too: this is known before a body is read.

    The caller is left in `request.state.caller` too, for what goes out with every answer; and a request with an
    Idempotency-Key learns here that it may be done. Before that its query is looked at for what the call does not know.
    """

    async def caller(request: Request, ctx: Ctx, _: Annotated[object, Depends(_bearer)]) -> Caller:
        # Of two headers a proxy in front may have looked at the other one.
        sent = request.headers.getlist("authorization")
        found = await access.authenticate(
            ctx.db, sent[0] if len(sent) == 1 else None, ingesting=ctx.limits if ingesting else None
        )
        request.state.caller = found
        access.permit(found, scope=scope)
        queries.check(request)
        await idempotency.admit(request, found, scope=scope)
        return found

    return caller


RECEIPT = "Lethe-Receipt"
"""The header by which a deletion names its receipt."""

NODE = "Lethe-Node"
"""The header by which an ingestion names its document's node."""

Anyone = Annotated[Caller, Depends(caller_with(None))]
Reader = Annotated[Caller, Depends(caller_with("knowledge:read"))]
Querier = Annotated[Caller, Depends(caller_with("knowledge:query"))]
Writer = Annotated[Caller, Depends(caller_with("knowledge:write"))]
Ingester = Annotated[Caller, Depends(caller_with("knowledge:write", ingesting=True))]
Deleter = Annotated[Caller, Depends(caller_with("knowledge:delete"))]
Assigner = Annotated[Caller, Depends(caller_with("knowledge:assign"))]
AssistantReader = Annotated[Caller, Depends(caller_with("assistants:read"))]
