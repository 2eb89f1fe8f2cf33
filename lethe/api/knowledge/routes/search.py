"""The route that searches documents."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from lethe.api.hits import EXPLAIN, ExplanationAnswer, Located, explanation
from lethe.api.knowledge import answers
from lethe.api.knowledge.bodies import json_of
from lethe.api.knowledge.shapes import Conditions, NodeId
from lethe.api.openapi import body_schema
from lethe.api.request.auth import Ctx, Querier
from lethe.api.request.values import QueryText, metadata_conditions, no_nul
from lethe.core.search import query as searching
from lethe.core.search.query import Hit
from lethe.domain.records.search import Mode

router = APIRouter(prefix="/knowledge", tags=["search"])

MOST_RESULTS = 25


class SearchBody(BaseModel):
    """What to search for, and where."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    query: QueryText = Field(
        description="A question or words. A search by words uses only the first 64.",
        examples=["¿Cómo cancelo mi pedido?"],
    )
    mode: Mode = Field(
        description="`full`: words, stemmed, ignoring accents and case; `vector`: nearest embeddings; "
        "`hybrid`: both, by default 0.6 vector + 0.4 full."
    )
    top_k: Annotated[int, Field(ge=1, le=MOST_RESULTS, strict=True)] = Field(
        default=5, description="Maximum number of results."
    )
    node_ids: Annotated[list[NodeId], Field(max_length=100)] | None = Field(
        default=None,
        description="Search only these documents and below these folders. Unknown ids are ignored; an empty list finds "
        "nothing.",
    )
    assistant_id: NodeId | None = Field(
        default=None,
        description="Search only what this assistant's workers were assigned, and below it; with `node_ids`, only what "
        "both allow. 404 if the assistant does not exist.",
    )
    metadata: Conditions | None = Field(
        default=None,
        description="Search only documents whose metadata meets all these conditions.",
        examples=[[{"key": "idioma", "operator": "==", "value": "es"}]],
    )
    language: Annotated[str, Field(min_length=1, max_length=20), AfterValidator(no_nul)] | None = Field(
        default=None,
        description="Search only documents in this language, as `GET /v1/knowledge/nodes/{id}` tells it. No document "
        "is in a language that Lethe does not know.",
        examples=["es"],
    )
    include: Annotated[list[Literal["text", "metadata"]], Field(max_length=2)] | None = Field(
        default=None,
        description="`text`: add the whole text of the best chunk. `metadata` is always there.",
        examples=[["text"]],
    )
    explain: bool = Field(default=False, strict=True, description=EXPLAIN)


class SearchResult(Located):
    """A document, by its best chunk."""

    node_id: str
    score: float = Field(
        description="`full`: BM25; `vector`: cosine; `hybrid`: 0 to 1, by default 0.6 x cosine (0 if negative) + 0.4 x "
        "BM25 as a fraction of its maximum. Scores are absolute: if nothing fits, all are low."
    )
    title: str
    collection: str | None = Field(description="The root folder it is in; null: none.")
    artifact: str = Field(description="Its name in the Artifacts API.")
    metadata: dict[str, Any] = Field(description="The metadata sent with the document.")
    snippet: str = Field(description="An excerpt of the best chunk, about 320 characters at most.")
    highlights: list[tuple[int, int]] = Field(
        description="Where the query's words occur in the snippet: [start, end) in characters."
    )
    source_uri: str | None = Field(
        default=None, description="Where the document was fetched from, if it was."
    )
    headings: list[str] = Field(description="The headings above the best chunk, outermost first.")
    text: str | None = Field(default=None, description="Only with `include`.")
    explanation: ExplanationAnswer | None = Field(default=None, description="Only with `explain`.")


class SearchAnswer(BaseModel):
    """Documents, best first."""

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
    """Returns one result per document, for its best chunk."""
    hits = await searching.search_documents(
        ctx,
        company_id=caller.company_id,
        query=body.query,
        mode=body.mode,
        top_k=body.top_k,
        node_ids=body.node_ids,
        assistant_id=body.assistant_id,
        metadata=metadata_conditions(body.metadata or [], ("body", "metadata")),
        language=body.language,
        explained=body.explain,
    )
    with_text = "text" in (body.include or ())
    return answers.answer({"mode": body.mode, "results": [_result(hit, with_text=with_text) for hit in hits]})


def _result(hit: Hit, *, with_text: bool) -> dict[str, object]:
    found = hit.chunk
    result = {
        "node_id": hit.node_id,
        "score": hit.score,
        "title": hit.title,
        "collection": found.collection,
        "artifact": found.artifact,
        "metadata": hit.metadata,
        "snippet": hit.snippet.text,
        "highlights": hit.snippet.highlights,
        "headings": hit.spot.headings,
        **hit.spot.place,
    }
    if found.source_uri is not None:
        result["source_uri"] = found.source_uri
    if with_text:
        result["text"] = found.text
    if hit.explanation is not None:
        result["explanation"] = explanation(hit.explanation)
    return result
