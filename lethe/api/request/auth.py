"""What every route needs: the caller and the context."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from lethe.api.request import idempotency, queries
from lethe.api.request.credentials import token_of
from lethe.core.access import callers
from lethe.core.context import Context
from lethe.domain.records.access import Caller


def context(request: Request) -> Context:
    """The context that the API was built with."""
    ctx: Context = request.app.state.context
    return ctx


Ctx = Annotated[Context, Depends(context)]

# For OpenAPI only; `callers.authenticate` checks the token, and gives every failure the same answer.
_bearer = HTTPBearer(
    auto_error=False,
    description="A token made by `lethe token create`. It may also be sent as `x-api-key` or as the password of HTTP "
    "Basic.",
)


def caller_with(
    scope: str | None, *, ingesting: bool = False, reading: bool = False, whole: bool = False
) -> Callable[..., Awaitable[Caller]]:
    """A dependency that returns the caller if its token has the scope; None: any token.

    With `ingesting`, the queue must have room too; this is checked before the body is read. With `reading`, the call
    changes nothing, whatever its scope, and so ignores an Idempotency-Key. With `whole`, the call concerns the whole
    company, and is refused to a token that is bound to some folders.

    Also stores the caller in `request.state.caller` for headers and logs, refuses unknown query parameters, and then
    admits a request with an Idempotency-Key.
    """

    async def caller(request: Request, ctx: Ctx, _: Annotated[object, Depends(_bearer)]) -> Caller:
        token = token_of(request.headers)
        found = await callers.authenticate(ctx.db, token, ingesting=ctx.limits if ingesting else None)
        request.state.caller = found
        callers.permit(found, scope=scope, whole=whole)
        queries.check(request)
        if not reading:
            await idempotency.admit(request, found, scope=scope)
        return found

    return caller


RECEIPT = "Lethe-Receipt"
"""The header that names a deletion's receipt."""

NODE = "Lethe-Node"
"""The header that names the node of an ingested document."""

Anyone = Annotated[Caller, Depends(caller_with(None))]
Reader = Annotated[Caller, Depends(caller_with("knowledge:read"))]
Querier = Annotated[Caller, Depends(caller_with("knowledge:query"))]
Writer = Annotated[Caller, Depends(caller_with("knowledge:write"))]
Ingester = Annotated[Caller, Depends(caller_with("knowledge:write", ingesting=True))]
Converter = Annotated[Caller, Depends(caller_with("knowledge:write", reading=True))]
Deleter = Annotated[Caller, Depends(caller_with("knowledge:delete"))]
Assigner = Annotated[Caller, Depends(caller_with("knowledge:assign"))]
WholeDeleter = Annotated[Caller, Depends(caller_with("knowledge:delete", whole=True))]
WebhookReader = Annotated[Caller, Depends(caller_with("webhooks:read", whole=True))]
WebhookManager = Annotated[Caller, Depends(caller_with("webhooks:manage", whole=True))]
AssistantReader = Annotated[Caller, Depends(caller_with("assistants:read"))]
