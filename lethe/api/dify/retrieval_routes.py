"""The route from which Dify retrieves passages."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from lethe.api.dify.conditions import MetadataConditions
from lethe.api.openapi import body_schema
from lethe.api.request.auth import Ctx, Querier
from lethe.api.request.bodies import read_json
from lethe.api.request.values import Name, QueryText
from lethe.core.search.query import ChunkHit
from lethe.core.search.retrieval import retrieve
from lethe.domain.json import Json

router = APIRouter(tags=["retrieval"])

_EXAMPLE = {
    "knowledge_id": "policies",
    "query": "How do I return goods?",
    "retrieval_setting": {"top_k": 3, "score_threshold": 0.2},
}


class RetrievalSetting(BaseModel):
    """How much to find."""

    model_config = ConfigDict(frozen=True)

    top_k: int = Field(ge=1, le=100, description="Maximum number of passages.")
    score_threshold: float | None = Field(
        default=None, ge=0, le=1, allow_inf_nan=False, description="Lowest score of a passage; null: any."
    )


class RetrievalBody(BaseModel):
    """What to search for, and where."""

    model_config = ConfigDict(frozen=True)

    knowledge_id: Name = Field(description="The name of a collection, or the id of a folder.")
    query: QueryText
    retrieval_setting: RetrievalSetting
    metadata_condition: MetadataConditions | None = None


class Record(BaseModel):
    """A passage."""

    content: str
    score: Annotated[float, Field(ge=0, le=1)]
    title: str = Field(description="The document's title.")
    metadata: dict[str, Any] = Field(
        description="The document's metadata, and the passage's `node_id`, `chunk_id`, `headings` and page or the like."
    )


class RetrievalAnswer(BaseModel):
    """Passages, best first."""

    records: list[Record]


@router.post(
    "/retrieval",
    response_model=RetrievalAnswer,
    summary="Retrieve passages",
    openapi_extra=body_schema(RetrievalBody, _EXAMPLE),
)
async def retrieve_passages(request: Request, ctx: Ctx, caller: Querier) -> Response:
    """Returns the best passages by meaning and words. Scores are those of a hybrid search: low when nothing fits."""
    body = await read_json(request, RetrievalBody)
    found = await retrieve(
        ctx,
        company_id=caller.company_id,
        knowledge_id=body.knowledge_id,
        query=body.query,
        top_k=body.retrieval_setting.top_k,
        least=body.retrieval_setting.score_threshold or 0,
        metadata=body.metadata_condition.to_record() if body.metadata_condition else [],
    )
    return Response(orjson.dumps({"records": [_record(hit) for hit in found]}), media_type="application/json")


def _record(hit: ChunkHit) -> Json:
    found = hit.chunk
    own = {
        "node_id": found.node_id,
        "chunk_id": f"{found.node_id}-{found.position:x}",
        "headings": hit.spot.headings,
        **hit.spot.place,
    }
    return {
        "content": found.text,
        "score": found.score,
        "title": found.title,
        "metadata": {**found.metadata, **own},
    }
