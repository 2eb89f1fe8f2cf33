"""The route that searches chunks."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Discriminator, Field, RootModel, Tag

from lethe.api.artifacts.answers import IngestedDocument, json_answer
from lethe.api.hits import EXPLAIN, ExplanationAnswer, explanation
from lethe.api.openapi import body_schema
from lethe.api.request.auth import Ctx, Querier
from lethe.api.request.bodies import read_json
from lethe.api.request.values import MetadataFilter, Name, QueryText, metadata_conditions
from lethe.core.queue.callbacks import MODEL, shown_document
from lethe.core.search import query as searching
from lethe.core.search.query import ChunkHit, Documents, Query
from lethe.domain.json import Json

router = APIRouter(tags=["search"])

Words = Annotated[list[QueryText], Field(min_length=1, max_length=64)]
# Distinguished before validation, so that errors are reported for only one of the two.
Keywords = Annotated[
    Annotated[QueryText, Tag("text")] | Annotated[Words, Tag("list")],
    Discriminator(lambda value: "text" if isinstance(value, str) else "list"),
]


class SearchedDocuments(BaseModel):
    """Which documents to search."""

    model_config = ConfigDict(frozen=True)

    collection: Name | None = Field(default=None, description="Null: all of the company's.", examples=[None])
    artifacts: Annotated[list[Name], Field(max_length=10_000, fail_fast=True)] | None = Field(
        default=None, description="Null: all in the collection.", examples=[None]
    )
    metadata_filter: Annotated[list[MetadataFilter], Field(max_length=50)] | None = Field(
        default=None, description="Conditions that must all hold.", examples=[None]
    )

    def to_record(self) -> Documents:
        """The filter as the core takes it. Raises InvalidRequest for values that cannot be compared."""
        where = ("body", "context_filter", "metadata_filter")
        conditions = metadata_conditions(self.metadata_filter or [], where)
        return Documents(self.collection, self.artifacts, conditions)


class _In(BaseModel):
    model_config = ConfigDict(frozen=True)

    context_filter: SearchedDocuments | None = Field(
        default=None, description="Which documents to search; null: all of the company's."
    )
    limit: int = Field(default=10, ge=1, le=100, strict=True, description="Maximum number of chunks.")
    score_threshold: float | None = Field(
        default=None,
        allow_inf_nan=False,
        description="Lowest score. A score does not depend on the other results, so an empty answer means that nothing "
        "fits.",
    )
    expand: int = Field(
        default=0,
        ge=0,
        le=10,
        description="How many chunks to return before and after each result; true means 1.",
    )
    explain: bool = Field(default=False, description=EXPLAIN)


class SemanticSearch(_In):
    """Chunks with a similar meaning."""

    type: Literal["semantic_search"]
    text: QueryText = Field(examples=["How do I return goods?"])

    @property
    def query(self) -> Query:
        """The query as the core takes it."""
        return Query(words=None, meaning=self.text)


class KeywordsSearch(_In):
    """Chunks with some of the words; rare words count more."""

    type: Literal["keywords_search"]
    keywords: Keywords = Field(examples=[["return", "ZX-4417"]])

    @property
    def query(self) -> Query:
        """The query as the core takes it."""
        return Query(words=_joined(self.keywords), meaning=None)


class HybridSearch(_In):
    """Both searches, by default weighted 0.6 x cosine (0 if negative) + 0.4 x BM25 as a fraction of its maximum."""

    type: Literal["hybrid_search"]
    text: QueryText = Field(examples=["How do I return goods?"])
    keywords: Keywords | None = Field(default=None, description="Null: the words of the text.")

    @property
    def query(self) -> Query:
        """The query as the core takes it."""
        return Query(words=self.text if self.keywords is None else _joined(self.keywords), meaning=self.text)


class SearchBody(
    RootModel[Annotated[SemanticSearch | KeywordsSearch | HybridSearch, Field(discriminator="type")]]
):
    """One of the three searches, named by its type."""


class Chunk(BaseModel):
    """A chunk of a document."""

    object: Literal["context.chunk"] = "context.chunk"
    id: str
    node_id: str = Field(description="The document's id in the Knowledge API.")
    score: float = Field(
        description="0 to 1. `semantic_search`: the cosine, 0 if negative; `keywords_search`: BM25 as a share of the "
        "highest value that the words can reach; `hybrid_search`: both, weighted."
    )
    bm25: float | None = Field(default=None, description="Only of `keywords_search`: BM25 itself.")
    document: IngestedDocument
    text: str
    content_type: Literal["text/markdown"] = "text/markdown"
    previous_texts: list[str] | None
    next_texts: list[str] | None
    metadata: dict[str, Json] = Field(
        description="The document's `doc_metadata`; the `headings` above the chunk; and where in the file it begins: "
        "`page` or `slide` by number, `sheet` or `part` by name, or by number if it has no name."
    )
    explanation: ExplanationAnswer | None = Field(default=None, description="Only with `explain`.")


class SearchAnswer(BaseModel):
    """Chunks, best first."""

    object: Literal["list"] = "list"
    model: str = MODEL
    data: list[Chunk]


@router.post(
    "/search",
    response_model=SearchAnswer,
    summary="Search chunks",
    openapi_extra=body_schema(SearchBody, {"type": "semantic_search", "text": "How do I return goods?"}),
)
async def search_chunks(request: Request, ctx: Ctx, caller: Querier) -> Response:
    """Returns the best chunks, possibly several of one document."""
    body = (await read_json(request, SearchBody)).root
    found = await searching.search_chunks(
        ctx,
        company_id=caller.company_id,
        query=body.query,
        within=body.context_filter.to_record() if body.context_filter else None,
        limit=body.limit,
        least=body.score_threshold,
        neighbours=body.expand,
        explained=body.explain,
    )
    data = [chunk_answer(hit, expanded=body.expand > 0) for hit in found]
    if isinstance(body, KeywordsSearch):
        for chunk, hit in zip(data, found, strict=True):
            chunk["bm25"] = hit.chunk.score * (hit.chunk.most or 0)
    return json_answer({"object": "list", "model": MODEL, "data": data})


def chunk_answer(hit: ChunkHit, *, expanded: bool) -> Json:
    """A chunk as the API shows it."""
    found, why = hit.chunk, hit.explanation
    document = shown_document(found.artifact, found.metadata, found.source_uri)
    chunk = {
        "object": "context.chunk",
        "id": f"{found.node_id}-{found.position:x}",
        "node_id": found.node_id,
        "score": found.score,
        "document": document,
        "text": found.text,
        "content_type": "text/markdown",
        "previous_texts": found.previous_texts if expanded else None,
        "next_texts": found.next_texts if expanded else None,
        "metadata": {**document["doc_metadata"], "headings": hit.spot.headings, **hit.spot.place},
    }
    return chunk if why is None else {**chunk, "explanation": explanation(why)}


def _joined(keywords: str | list[str]) -> str:
    return keywords if isinstance(keywords, str) else " ".join(keywords)
