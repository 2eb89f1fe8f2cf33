"""Routes for deletion by filter."""

from typing import Annotated, Self

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field, model_validator

from lethe.api.knowledge import answers
from lethe.api.knowledge.shapes import Conditions, NodeId
from lethe.api.openapi import body_schema
from lethe.api.request.auth import RECEIPT, Ctx, Deleter, WholeDeleter
from lethe.api.request.bodies import read_json
from lethe.api.request.idempotency import claim_of, keep_nothing
from lethe.api.request.values import Known, Name, metadata_conditions
from lethe.core.access import callers
from lethe.core.deletion import by_filter
from lethe.core.deletion.by_filter import DeletionMode
from lethe.domain.records.queries import DocumentFilter
from lethe.domain.records.tasks import TaskStatus

router = APIRouter(prefix="/knowledge/deletions", tags=["deletions"])

_SAMPLE = 10


class DeletionFilter(Known):
    """Selects the documents that meet all given conditions."""

    metadata: Conditions | None = Field(
        default=None, examples=[[{"key": "customer", "operator": "==", "value": "4711"}]]
    )
    node_ids: Annotated[list[NodeId], Field(max_length=1000, fail_fast=True)] | None = Field(
        default=None,
        description="These documents, and all documents below these folders; the folders themselves stay.",
    )
    collection: Name | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.metadata and not self.node_ids and self.collection is None:
            raise ValueError("must not be empty: an empty filter would mean every document")
        return self


class DeletionBody(Known):
    """What to delete, and how."""

    filter: DeletionFilter
    mode: DeletionMode = Field(description="`trash`: restorable; `erase`: gone for good.", examples=["trash"])
    dry_run: bool = Field(
        default=False,
        strict=True,
        description="Only count the documents and show some of them. Also needs `knowledge:read`.",
    )


class SampledDocument(BaseModel):
    """One of the selected documents."""

    id: str
    title: str
    collection: str | None
    artifact: str


_IN_TRASH = (
    "How many more match in the trash. A deletion leaves them there, where they can be restored: "
    "`DELETE /knowledge/trash/{id}` erases them."
)


class PreviewAnswer(BaseModel):
    """What the deletion would delete."""

    documents: int
    in_trash: int = Field(description=_IN_TRASH)
    sample: list[SampledDocument] = Field(description="Up to ten of them, ordered by title.")


class DeletionAnswer(BaseModel):
    """A deletion that has begun; its documents are already invisible."""

    task_id: str
    mode: DeletionMode
    documents: int
    in_trash: int | None = Field(
        description=f"{_IN_TRASH} As it was at the beginning; null if an earlier version began the deletion."
    )
    status: TaskStatus
    percentage: int | None
    receipt_id: str | None = Field(description="With `erase`: the receipt issued at the end.")
    error: str | None = Field(default=None, description="Why the deletion failed, if `status` is `failure`.")


@router.post(
    "",
    response_model=DeletionAnswer,
    status_code=202,
    responses={200: {"model": PreviewAnswer, "description": "With `dry_run`: what would be deleted"}},
    summary="Delete all documents that match a filter",
    openapi_extra=body_schema(
        DeletionBody,
        {
            "filter": {"metadata": [{"key": "customer", "operator": "==", "value": "4711"}]},
            "mode": "trash",
            "dry_run": True,
        },
    ),
)
async def delete_by_filter(request: Request, ctx: Ctx, caller: WholeDeleter) -> Response:
    """The documents are invisible once this returns; a task does the rest. Try `dry_run` first."""
    body = await read_json(request, DeletionBody)
    wanted = DocumentFilter(
        body.filter.collection,
        body.filter.node_ids,
        metadata_conditions(body.filter.metadata or [], ("body", "filter", "metadata")),
    )
    if body.dry_run:
        callers.permit(caller, scope="knowledge:read")  # the sample shows titles
        keep_nothing(request)
        found = await by_filter.preview(ctx, wanted, company_id=caller.company_id, limit=_SAMPLE)
        return answers.answer(found)
    begun = await by_filter.request(
        ctx,
        wanted,
        company_id=caller.company_id,
        mode=body.mode,
        by=caller.prefix,
        claim=claim_of(request),
    )
    answer = {
        "task_id": begun.task_id,
        "mode": body.mode,
        "documents": begun.documents,
        "in_trash": begun.in_trash,
        "status": TaskStatus.PENDING,
        "percentage": None,
        "receipt_id": begun.receipt_id,
        "error": None,
    }
    return answers.answer(answer, 202)


@router.get("/{task_id}", response_model=DeletionAnswer, summary="Show the state of a deletion")
async def deletion_status(
    ctx: Ctx, caller: Deleter, task_id: Annotated[str, Path(max_length=100)]
) -> Response:
    """Available until 30 days after the deletion has ended."""
    task = await by_filter.find(ctx, company_id=caller.company_id, task_id=task_id)
    ended = task.status is TaskStatus.SUCCESS
    answer = answers.answer(
        {
            "task_id": task.id,
            "in_trash": None,
            **by_filter.result_of(task),
            "status": task.status,
            "percentage": 100 if ended else task.percentage,
            "receipt_id": task.receipt_id,
            "error": task.error,
        }
    )
    if ended and task.receipt_id is not None:
        answer.headers[RECEIPT] = str(task.receipt_id)
    return answer
