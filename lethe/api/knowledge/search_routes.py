"""Searching the documents of the company."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from lethe.api.auth import Ctx, Querier
from lethe.api.knowledge.bodies import json_of
from lethe.api.knowledge.shapes import Conditions, NodeId
from lethe.api.openapi import body_schema
from lethe.api.values import QueryText, metadata_conditions
from lethe.core.search import query as searching
from lethe.core.search.query import Hit, Mode

router = APIRouter(prefix="/knowledge", tags=["search"])

MOST_RESULTS = 25


class SearchBody(BaseModel):
    """What to look for, and where."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    query: QueryText = Field(
        description="A question or words; only the first 64 words count in a search by words.",
        examples=["¿Cómo cancelo mi pedido?"],
    )
    mode: Mode = Field(
        description="`full`: words, with stemming, accents and case ignored; `vector`: nearest embeddings; "
        "`hybrid`: both, 0.6 vector + 0.4 full, unless the server is set otherwise."
    )
    top_k: Annotated[int, Field(ge=1, le=MOST_RESULTS, strict=True)] = Field(
        default=5, description="Most results."
    )
    node_ids: Annotated[list[NodeId], Field(max_length=100)] | None = Field(
        default=None,
        description="Look only in these documents and below these folders. Ids of nothing that is there are passed "
        "over; an empty list finds nothing.",
    )
    assistant_id: NodeId | None = Field(
        default=None,
        description="Look only in what this assistant's workers were assigned, and below it; with `node_ids` in what "
        "both allow. 404 for an assistant that is not there.",
    )
    metadata: Conditions | None = Field(
        default=None,
        description="Look only in documents whose metadata meet all these conditions.",
        examples=[[{"key": "idioma", "operator": "==", "value": "es"}]],
    )


class SearchResult(BaseModel):
    """A document, by its best chunk."""

    node_id: str
    score: float = Field(
        description="`full`: BM25; `vector`: the cosine; `hybrid`: from 0 to 1, 0.6 of the cosine (0 when negative) "
        "and 0.4 of BM25 divided by the most that it could be. Absolute: when nothing fits, all scores are low."
    )
    title: str
    metadata: dict[str, Any] = Field(description="What the document was given.")
    snippet: str = Field(description="At most about 320 characters of the best chunk.")
    highlights: list[tuple[int, int]] = Field(
        description="Where in the snippet the words are that were asked for: [start, end) in characters."
    )


class SearchAnswer(BaseModel):
    """Documents by falling score."""

    mode: Mode
    results: list[SearchResult]


@router.post(
    "/search",
    response_model=SearchAnswer,
    summary="Search documents",
    openapi_extra=body_schema(SearchBody, {"query": "¿Cómo cancelo mi pedido?", "mode": "hybrid"}),
)
async def search_documents(
    ctx: Ctx, caller: Querier, body: Annotated[SearchBody, Depends(json_of(SearchBody))]
) -> Response:
    """One result a document, by its best chunk."""
    hits = await searching.search_documents(
        ctx,
        company_id=caller.company_id,
        query=body.query,
        mode=body.mode,
        top_k=body.top_k,
        node_ids=body.node_ids,
        assistant_id=body.assistant_id,
        metadata=metadata_conditions(body.metadata or [], ("body", "metadata")),
    )
    answer = {"mode": body.mode, "results": [_result(hit) for hit in hits]}
    return Response(orjson.dumps(answer), media_type="application/json")


def _result(hit: Hit) -> dict[str, object]:
    return {
        "node_id": hit.node_id,
        "score": hit.score,
        "title": hit.title,
        "metadata": hit.metadata,
        "snippet": hit.snippet.text,
        "highlights": hit.snippet.highlights,
    }
