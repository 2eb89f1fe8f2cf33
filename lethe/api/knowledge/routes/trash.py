"""Routes that show, restore and erase what is in the trash."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from lethe.api.knowledge import answers
from lethe.api.knowledge.bodies import json_of
from lethe.api.knowledge.ids import PathId
from lethe.api.knowledge.shapes import NodeAnswer, RestoreBody, TrashAnswer
from lethe.api.openapi import body_schema
from lethe.api.request.auth import RECEIPT, Ctx, Deleter, Writer
from lethe.core.tree import trash

router = APIRouter(prefix="/knowledge", tags=["trash"])


@router.get("/trash", response_model=TrashAnswer, summary="List the trash")
async def show_trash(
    ctx: Ctx,
    caller: Writer,
    limit: Annotated[int, Query(ge=1, le=1000, description="Maximum number of entries.")] = 100,
    cursor: Annotated[
        str | None, Query(max_length=500, description="`next_cursor` of the previous page.")
    ] = None,
) -> Response:
    """Returns one entry per deletion, latest first."""
    entries, next_cursor = await trash.show(ctx, company_id=caller.company_id, cursor=cursor, limit=limit)
    return answers.answer({"items": [answers.trash_entry(e) for e in entries], "next_cursor": next_cursor})


@router.post(
    "/nodes/{node_id}/restore",
    response_model=NodeAnswer,
    summary="Restore a node from the trash",
    openapi_extra=body_schema(RestoreBody, {}, required=False),
)
async def restore_node(
    ctx: Ctx, caller: Writer, node_id: PathId, body: Annotated[RestoreBody, Depends(json_of(RestoreBody))]
) -> Response:
    """Restores everything deleted with it, in the old order; a background task makes it searchable again."""
    node = await trash.restore(
        ctx,
        company_id=caller.company_id,
        node_id=node_id,
        title=body.title,
        move="parent_id" in body.model_fields_set,
        parent_id=body.parent_id,
    )
    return answers.answer(answers.node(node))


@router.delete("/trash/{node_id}", status_code=204, response_model=None, summary="Erase a node now")
async def erase_node(ctx: Ctx, caller: Deleter, node_id: PathId) -> Response:
    """Erases everything below it too. When this returns, text, chunks, vectors and files are gone for good."""
    receipt = await trash.erase(ctx, company_id=caller.company_id, node_id=node_id, by=caller.prefix)
    return Response(status_code=204, headers={RECEIPT: str(receipt)})
