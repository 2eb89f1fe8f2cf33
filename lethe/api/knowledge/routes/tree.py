"""Routes that show and change the tree of folders and documents."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from lethe.api.knowledge import answers
from lethe.api.knowledge.bodies import json_of
from lethe.api.knowledge.ids import PathId
from lethe.api.knowledge.shapes import (
    ChangeBody,
    ContentBody,
    DocumentBody,
    DocumentFields,
    FolderBody,
    NodeAnswer,
    NodeDetails,
    NodeId,
    TreeAnswer,
)
from lethe.api.openapi import body_schema
from lethe.api.request.auth import Ctx, Deleter, Ingester, Reader, Writer
from lethe.api.request.bodies import decoded, invalid, validated
from lethe.api.request.forms import read_upload
from lethe.api.request.idempotency import claim_of
from lethe.core.tree import documents, nodes, trash
from lethe.core.tree.documents import Content, markdown_name
from lethe.core.tree.nodes import TITLE_CHARACTERS, Change

router = APIRouter(prefix="/knowledge", tags=["tree"])

_FORM_FIELDS = frozenset({"title", "parent_id", "metadata"})
_FIELD_BYTES = 64 * 1024
_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "title": {"type": "string", "description": "Default: the file's name."},
        "parent_id": {"type": "string", "description": "Default: the root."},
        "metadata": {"type": "string", "description": "A JSON object as text."},
    },
}


@router.get("/tree", response_model=TreeAnswer, summary="Show the tree")
async def show_tree(
    ctx: Ctx,
    caller: Reader,
    parent_id: Annotated[NodeId | None, Query(description="Only what is below this folder.")] = None,
    depth: Annotated[
        int | None, Query(ge=1, le=nodes.MAX_DEPTH, description="Maximum number of levels.")
    ] = None,
) -> Response:
    """Returns all live nodes, nested, siblings ordered by position, without contents."""
    branches = await nodes.show_tree(ctx, company_id=caller.company_id, parent_id=parent_id, depth=depth)
    body = await asyncio.to_thread(answers.tree, branches, parent_id, ctx.limits.answer_bytes)
    return Response(body, media_type="application/json")


@router.post(
    "/folders",
    response_model=NodeAnswer,
    status_code=201,
    summary="Create a folder",
    openapi_extra=body_schema(FolderBody, {"title": "Soporte"}),
)
async def create_folder(
    request: Request, ctx: Ctx, caller: Writer, body: Annotated[FolderBody, Depends(json_of(FolderBody))]
) -> Response:
    """Adds it after its siblings. A folder at the root is a collection of the Artifacts API and needs a new name."""
    node = await nodes.create_folder(
        ctx,
        company_id=caller.company_id,
        title=body.title,
        parent_id=body.parent_id,
        claim=claim_of(request),
    )
    return answers.answer(answers.node(node), 201)


@router.post(
    "/documents",
    response_model=NodeAnswer,
    status_code=201,
    summary="Create a document",
    openapi_extra=body_schema(
        DocumentBody,
        {
            "title": "Política",
            "markdown": "# Cancelación\n\n- Hasta 48 horas antes: gratis.\n",
            "metadata": {"idioma": "es"},
        },
    ),
)
async def create_document(
    request: Request,
    ctx: Ctx,
    caller: Ingester,
    body: Annotated[DocumentBody, Depends(json_of(DocumentBody))],
) -> Response:
    """The markdown can be read and listed once this returns; a background task makes it searchable.

    Until that task has ended, `/v1/artifacts/content` shows the tree of a long document (over 256 Ki characters or
    2,000 lines) as runs of plain text.
    """
    node = await documents.create_document(
        ctx,
        Content(body.markdown, markdown_name(body.title)),
        company_id=caller.company_id,
        title=body.title,
        parent_id=body.parent_id,
        metadata=body.metadata,
        claim=claim_of(request),
    )
    return answers.answer(answers.node(node), 201)


@router.post(
    "/documents/upload",
    response_model=NodeAnswer,
    status_code=201,
    summary="Create a document from a file",
    openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}},
)
async def upload_document(request: Request, ctx: Ctx, caller: Ingester) -> Response:
    """Accepts any supported file type. The text can be read, listed and found once its ingestion has ended: see
    `last_ingestion` in `GET /knowledge/nodes/{id}`.
    """
    async with read_upload(request, ctx.scratch, fields=_FORM_FIELDS, field_bytes=_FIELD_BYTES) as upload:
        if not upload.file_name:
            raise invalid("value_error", ("body", "file"), "must have a file name")
        metadata = upload.fields.get("metadata")
        given = {"metadata": decoded(metadata.encode(), ("body", "metadata"))} if metadata else {}
        fields = validated(DocumentFields, {**upload.fields, **given})
        title = fields.title or upload.file_name
        named = validated(DocumentFields, {"title": title[:TITLE_CHARACTERS]})
        node = await documents.create_document(
            ctx,
            Content(upload.path, upload.file_name),
            company_id=caller.company_id,
            title=named.title or title,
            parent_id=fields.parent_id,
            metadata=fields.metadata,
            claim=claim_of(request),
        )
    return answers.answer(answers.node(node), 201)


@router.put(
    "/documents/{node_id}",
    response_model=NodeAnswer,
    summary="Replace a document's content",
    openapi_extra=body_schema(ContentBody, {"markdown": "# Cancelación\n\nYa no es gratis.\n"}),
)
async def replace_document(
    ctx: Ctx, caller: Ingester, node_id: PathId, body: Annotated[ContentBody, Depends(json_of(ContentBody))]
) -> Response:
    """The old content is listed, read, counted and found until the new one is searchable, and stays if that fails."""
    node = await documents.replace_content(
        ctx,
        body.markdown,
        company_id=caller.company_id,
        node_id=node_id,
        metadata=body.metadata,
    )
    return answers.answer(answers.node(node))


@router.get("/nodes/{node_id}", response_model=NodeDetails, summary="Show a node")
async def show_node(
    ctx: Ctx,
    caller: Reader,
    node_id: PathId,
    include: Annotated[
        Literal["markdown"] | None, Query(description="`markdown`: include the document's text.")
    ] = None,
) -> Response:
    """Includes the state of a document's last ingestion."""
    with_text = include == "markdown"
    found, details = await nodes.show(ctx, company_id=caller.company_id, node_id=node_id, with_text=with_text)
    shown = answers.details(found, details, with_text=with_text)
    return await asyncio.to_thread(answers.answer, shown) if with_text else answers.answer(shown)


@router.patch(
    "/nodes/{node_id}",
    response_model=NodeAnswer,
    summary="Rename, move or reorder a node, or replace its metadata",
    openapi_extra=body_schema(ChangeBody, {"title": "Ayuda"}),
)
async def change_node(
    ctx: Ctx, caller: Writer, node_id: PathId, body: Annotated[ChangeBody, Depends(json_of(ChangeBody))]
) -> Response:
    """Makes all changes or none. A moved node comes last unless a position is given."""
    move = "parent_id" in body.model_fields_set
    wanted = Change(body.title, move, body.parent_id, body.position, body.metadata)
    node = await nodes.change(ctx, wanted, company_id=caller.company_id, node_id=node_id)
    return answers.answer(answers.node(node))


@router.delete("/nodes/{node_id}", status_code=204, response_model=None, summary="Delete a node")
async def delete_node(ctx: Ctx, caller: Deleter, node_id: PathId) -> Response:
    """Moves the node to the trash with everything below it. Once this returns, no other call returns any of it."""
    await trash.delete(ctx, company_id=caller.company_id, node_id=node_id, by=caller.prefix)
    return Response(status_code=204)
