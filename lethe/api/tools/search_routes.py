"""The search as a tool of an assistant: passages as blocks of content."""

from collections.abc import Sequence
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from lethe.api.artifacts.answers import json_answer
from lethe.api.artifacts.shapes import ContextFilterBody
from lethe.api.openapi import body_schema
from lethe.api.primitives.search_routes import chunk_answer
from lethe.api.request.auth import Ctx, Querier
from lethe.api.request.bodies import read_json
from lethe.api.request.values import QueryText
from lethe.core.search import query as searching
from lethe.core.search.query import Documents, Query
from lethe.domain.json import Json

router = APIRouter(tags=["tools"])

PASSAGES = 10

_NOTHING = "No results found for the query."


class SemanticSearchBody(BaseModel):
    """What to search for, and where."""

    model_config = ConfigDict(frozen=True)

    query: QueryText = Field(examples=["How do I return goods?"])
    context_filter: ContextFilterBody
    format: Literal["default", "citations"] = Field(
        default="default",
        description="`citations`: each passage has an identifier, `metadata.shorter_id`, for the assistant to cite.",
    )


class ToolAnswer(BaseModel):
    """The result of a tool."""

    content: list[dict[str, Any]] = Field(
        description="If something was found, a block of type `source` with the passages, best first; then one of type "
        "`text` with the same for a prompt."
    )
    is_error: bool


@router.post(
    "/tools/semantic-search",
    response_model=ToolAnswer,
    summary="Search by meaning, for an assistant",
    openapi_extra=body_schema(
        SemanticSearchBody,
        {"query": "How do I return goods?", "context_filter": {"collection": "pgpt_collection"}},
    ),
)
async def semantic_search(request: Request, ctx: Ctx, caller: Querier) -> Response:
    """Returns the ten passages nearest in meaning."""
    body = await read_json(request, SemanticSearchBody)
    within = body.context_filter.to_record()
    found = await searching.search_chunks(
        ctx,
        company_id=caller.company_id,
        query=Query(words=None, meaning=body.query),
        within=Documents(within.collection, within.artifacts, within.metadata),
        limit=PASSAGES,
        least=None,
        neighbours=0,
    )
    sources = [chunk_answer(hit, expanded=False) for hit in found]
    if body.format == "citations":
        for number, source in enumerate(sources, start=1):
            source["metadata"]["shorter_id"] = f"S{number}"
    return json_answer({"content": _blocks(sources), "is_error": False})


def _blocks(sources: Sequence[Json]) -> list[Json]:
    if not sources:
        return [_text(_NOTHING)]
    return [{"type": "source", "sources": sources}, _text("\n\n".join(map(_passage, sources)))]


def _passage(source: Json) -> str:
    metadata = source["metadata"]
    cited = f"[{metadata['shorter_id']}] " if "shorter_id" in metadata else ""
    title = metadata.get("title") or metadata.get("file_name") or source["document"]["artifact"]
    return f"{cited}{' > '.join(map(str, [title, *metadata['headings']]))}\n{source['text'].strip()}"


def _text(text: str) -> Json:
    return {"type": "text", "text": text, "citations": []}
