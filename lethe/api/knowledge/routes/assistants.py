"""Routes for assistants, their assignments, and the caller's own token."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from lethe.api.knowledge import answers
from lethe.api.knowledge.bodies import json_of
from lethe.api.knowledge.shapes import AssignmentAnswer, AssignmentBody, AssistantsAnswer, Me
from lethe.api.openapi import body_schema
from lethe.api.request.auth import Anyone, Assigner, AssistantReader, Ctx
from lethe.core import assistants
from lethe.core.access import callers

router = APIRouter(tags=["assistants"])


@router.get("/me", response_model=Me, summary="Show the token of this request")
async def show_me(ctx: Ctx, caller: Anyone) -> Response:
    """Returns the token's name, prefix, scopes, expiry and company."""
    return answers.answer(await callers.describe_token(ctx.db, caller))


@router.delete(
    "/me/token", status_code=204, response_class=Response, summary="Revoke the token of this request"
)
async def revoke_me(ctx: Ctx, caller: Anyone) -> Response:
    """The token is refused from the next request on, on all machines. Requests in progress end as usual."""
    await callers.revoke_own_token(ctx.db, caller)
    return Response(status_code=204)


@router.get("/assistants", response_model=AssistantsAnswer, summary="List assistants")
async def list_assistants(
    ctx: Ctx,
    caller: AssistantReader,
    q: Annotated[str, Query(max_length=200, description="Part of the name; case is ignored.")] = "",
    page: Annotated[int, Query(ge=1, le=1_000_000, description="Page number, from 1.")] = 1,
    limit: Annotated[int, Query(ge=1, le=100, description="Assistants per page.")] = 25,
) -> Response:
    """Ordered by name."""
    found, total = await assistants.show(ctx.db, company_id=caller.company_id, part=q, page=page, limit=limit)
    items = [answers.assistant(a) for a in found]
    return answers.answer({"items": items, "page": page, "limit": limit, "total": total})


@router.post(
    "/knowledge/assignments",
    response_model=AssignmentAnswer,
    summary="Assign nodes to an assistant",
    openapi_extra=body_schema(
        AssignmentBody, {"assistant_id": "0123456789abcdef01234567", "node_ids": ["0123456789abcdef01234567"]}
    ),
)
async def assign_nodes(
    ctx: Ctx, caller: Assigner, body: Annotated[AssignmentBody, Depends(json_of(AssignmentBody))]
) -> Response:
    """Assigns the nodes to all workers of the assistant except supervisors. Repeating the call changes nothing."""
    workers = await assistants.assign(
        ctx.db, company_id=caller.company_id, assistant_id=body.assistant_id, node_ids=body.node_ids
    )
    return answers.answer({"workers_updated": workers})
