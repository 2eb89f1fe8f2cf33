"""What the workers are doing and have done, updated live."""

from collections import Counter

from starlette.datastructures import QueryParams
from starlette.responses import Response

from lethe.console.frame.forms import number
from lethe.console.frame.visit import Visit, page
from lethe.core.ingestion import batch as batches
from lethe.core.queue import tasks
from lethe.domain.records.queries import TaskQuery
from lethe.domain.records.tasks import TaskStatus

PAGE = 50
_STATUSES = [status.value for status in TaskStatus]
_LARGEST = 10**6


async def show(visit: Visit) -> Response:
    """A page of tasks, newest first; `status` selects some."""
    asked = visit.request.query_params
    cursor, status = asked.get("after"), _status(asked)
    wanted = TaskQuery(TaskStatus(status) if status else None, None)
    found, following = await tasks.page(
        visit.ctx.db, company_id=visit.company_id, wanted=wanted, cursor=cursor, limit=PAGE
    )
    return visit.render(
        "tasks.html", tasks=found, following=following, cursor=cursor, chosen=status, statuses=_STATUSES
    )


async def batch(visit: Visit) -> Response:
    """The documents of a batch in the order in which they were sent; `status` selects some."""
    asked, id = visit.request.query_params, visit.request.path_params["task_id"]
    status, first = _status(asked), number(asked.get("first", ""), most=_LARGEST)
    task, members = await batches.show(visit.ctx, company_id=visit.company_id, task_id=id)
    chosen = [member for member in members if not status or member.status == status]
    return visit.render(
        "batch.html",
        task=task,
        counts=Counter(member.status.value for member in members),
        documents=len(members),
        members=chosen[first : first + PAGE],
        first=first,
        following=first + PAGE if first + PAGE < len(chosen) else None,
        chosen=status,
        statuses=_STATUSES,
    )


def _status(asked: QueryParams) -> str:
    """The status that was asked for; "" for any other text."""
    status = asked.get("status", "")
    return status if status in _STATUSES else ""


ROUTES = [page("/tasks", show, "knowledge:read"), page("/tasks/{task_id}", batch, "knowledge:read")]
