"""Routes that show the company's tasks."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import AwareDatetime, BaseModel, Field

from lethe.api.knowledge import answers
from lethe.api.request.auth import Ctx, Reader
from lethe.core.queue import tasks
from lethe.domain.records.queries import TaskQuery
from lethe.domain.records.tasks import TaskKind, TaskStatus

router = APIRouter(tags=["tasks"])


class TaskEntry(BaseModel):
    """A task, without data of deleted nodes."""

    id: str
    kind: TaskKind
    status: TaskStatus
    step: str | None
    percentage: int | None
    created_at: str
    finished_at: str | None
    error: str | None = Field(description="A sentence on why it failed or was revoked.")
    warnings: list[str] = Field(
        description="Sentences about parts of the file that are not in the document, while it exists."
    )
    receipt_id: str | None = Field(description="Of an erasure that has ended.")
    node_id: str | None = Field(description="The task's node while it exists; likewise the names.")
    collection: str | None
    artifact: str | None
    title: str | None


class TasksAnswer(BaseModel):
    """Tasks, newest first."""

    items: list[TaskEntry]
    next_cursor: str | None


@router.get("/tasks", response_model=TasksAnswer, summary="List tasks, newest first")
async def list_tasks(  # noqa: PLR0917 the query's parameters
    ctx: Ctx,
    caller: Reader,
    status: Annotated[TaskStatus | None, Query(description="Only tasks with this status.")] = None,
    since: Annotated[
        AwareDatetime | None, Query(description="Only tasks that had not ended before this time.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Maximum number of tasks.")] = 100,
    cursor: Annotated[
        str | None, Query(max_length=500, description="`next_cursor` of the previous page.")
    ] = None,
) -> Response:
    """Tasks are kept for 30 days after their end. `status=failure` shows what failed and why."""
    found, next_cursor = await tasks.page(
        ctx.db, company_id=caller.company_id, wanted=TaskQuery(status, since), cursor=cursor, limit=limit
    )
    return answers.answer({"items": found, "next_cursor": next_cursor})


@router.get("/tasks/{task_id}", response_model=TaskEntry, summary="Show a task")
async def show_task(ctx: Ctx, caller: Reader, task_id: Annotated[str, Path(max_length=100)]) -> Response:
    """A task of any kind. Available until 30 days after its end."""
    return answers.answer(await tasks.find_listed(ctx.db, company_id=caller.company_id, task_id=task_id))
