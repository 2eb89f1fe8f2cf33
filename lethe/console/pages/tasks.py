"""What the workers do and have done, live."""

from starlette.responses import Response

from lethe.console.frame.visit import Visit, page
from lethe.core.queue import tasks
from lethe.core.tree import browsing
from lethe.domain.records.queries import TaskQuery
from lethe.domain.records.tasks import TaskStatus

PAGE = 50


async def show(visit: Visit) -> Response:
    """A page of the tasks, newest first; `status` chooses some."""
    asked = visit.request.query_params
    cursor, status = asked.get("after"), asked.get("status", "")
    wanted = TaskQuery(TaskStatus(status) if status in list(TaskStatus) else None, None)
    found, following = await tasks.page(
        visit.ctx.db, company_id=visit.company_id, wanted=wanted, cursor=cursor, limit=PAGE
    )
    ids = [task.node_id for task in found if task.node_id]
    return visit.render(
        "tasks.html",
        tasks=found,
        following=following,
        cursor=cursor,
        chosen=status,
        statuses=[status.value for status in TaskStatus],
        nodes=await browsing.there(visit.ctx, company_id=visit.company_id, node_ids=ids),
    )


ROUTES = [page("/tasks", show, "knowledge:read")]
