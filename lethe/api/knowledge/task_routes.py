"""What was done and what failed: the company's tasks."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, Field

from lethe.api.auth import Ctx, Reader
from lethe.api.knowledge import answers
from lethe.core import tasks
from lethe.domain.queries import TaskQuery
from lethe.domain.records import Json
from lethe.domain.tasks import ListedTask, TaskKind, TaskStatus

router = APIRouter(tags=["tasks"])


class TaskEntry(BaseModel):
    """A task, without anything of what was deleted."""

    id: str
    kind: TaskKind
    status: TaskStatus
    step: str | None
    percentage: int | None
    created_at: str
    finished_at: str | None
    error: str | None = Field(description="Why it failed or was revoked, in a sentence.")
    node_id: str | None = Field(
        description="The node that it is about, while that is there; so are the names."
    )
    collection: str | None
    artifact: str | None


class TasksAnswer(BaseModel):
    """Tasks, the newest first."""

    items: list[TaskEntry]
    next_cursor: str | None


@router.get("/tasks", response_model=TasksAnswer, summary="Tasks, the newest first")
async def list_tasks(  # noqa: PLR0917 the query's parameters
    ctx: Ctx,
    caller: Reader,
    status: Annotated[TaskStatus | None, Query(description="Only those that stand so.")] = None,
    since: Annotated[
        AwareDatetime | None, Query(description="Only those that had not ended before this moment.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Most tasks.")] = 100,
    cursor: Annotated[
        str | None, Query(max_length=500, description="`next_cursor` of the page before.")
    ] = None,
) -> Response:
    """Kept for 30 days after their end. What failed, and why: `status=failure`."""
    found, next_cursor = await tasks.page(
        ctx.db, company_id=caller.company_id, wanted=TaskQuery(status, since), cursor=cursor, limit=limit
    )
    return answers.answer({"items": [task_entry(task) for task in found], "next_cursor": next_cursor})


def task_entry(task: ListedTask) -> Json:
    """A task as it is listed."""
    return {
        "id": str(task.id),
        "kind": task.kind,
        "status": task.status,
        "step": task.step,
        "percentage": task.percentage,
        "created_at": answers.time(task.created_at),
        "finished_at": _time(task.finished_at),
        "error": task.error,
        "node_id": task.node_id,
        "collection": task.collection,
        "artifact": task.artifact,
    }


def _time(moment: datetime | None) -> str | None:
    return answers.time(moment) if moment else None
