"""Routes that list and read documents."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from lethe.api.artifacts.answers import (
    ContentAnswer,
    ListAnswer,
    content_answer,
    list_answer,
    pieces_answer,
)
from lethe.api.artifacts.shapes import ContentBody
from lethe.api.request.auth import Ctx, Reader
from lethe.api.request.bodies import read_json
from lethe.api.request.values import Name
from lethe.api.streams import Spooled, streamed
from lethe.core.content import reading
from lethe.core.content.listing import list_documents as list_runs

router = APIRouter(tags=["content"])


@router.get("/list", response_model=ListAnswer, summary="List the documents of a collection")
async def list_documents(
    ctx: Ctx,
    caller: Reader,
    collection: Annotated[Name, Query(description="The collection's name.")],
    limit: Annotated[
        int | None, Query(ge=1, le=10_000, description="Maximum number of documents; left out: all.")
    ] = None,
    cursor: Annotated[
        str | None, Query(max_length=500, description="`next_cursor` of the previous page.")
    ] = None,
) -> Response:
    """One entry per document, in order of creation. An unknown collection gives an empty list."""
    runs = list_runs(ctx, company_id=caller.company_id, collection=collection, limit=limit, cursor=cursor)
    return await streamed(list_answer(runs))


@router.post("/content", response_model=ContentAnswer, summary="Read documents")
async def read_content(request: Request, ctx: Ctx, caller: Reader) -> Response:
    """Returns each document as markdown or as a tree, whole or filtered by node."""
    body = await read_json(request, ContentBody)
    answer = await reading.read_content(
        ctx,
        company_id=caller.company_id,
        context=body.context_filter.to_record(),
        nodes=body.filter.to_record() if body.filter else None,
        as_tree=body.format == "object",
        encode=content_answer,
    )
    return Spooled(answer)


@router.post("/chunked-content", response_model=ContentAnswer, summary="Read documents in pieces")
async def read_chunked_content(request: Request, ctx: Ctx, caller: Reader) -> Response:
    """Returns each document's text in order, split along its structure into pieces of at most `max_tokens` tokens."""
    body = await read_json(request, ContentBody)
    answer = await reading.read_pieces(
        ctx,
        company_id=caller.company_id,
        context=body.context_filter.to_record(),
        nodes=body.filter.to_record() if body.filter else None,
        max_tokens=body.max_tokens,
        encode=pieces_answer,
    )
    return Spooled(answer)
