"""Work in the background."""

from collections.abc import Callable
from datetime import datetime

from lethe_client._calling import calls
from lethe_client._calling.calls import Call
from lethe_client._calling.groups import Group, M, operation, paged, procedure
from lethe_client._calling.paging import Paged
from lethe_client._calling.steps import Plan, pauses
from lethe_client.errors import TaskFailedError, WaitTimeoutError
from lethe_client.models import Task, TaskStatus
from lethe_client.resources.pages import cursor_page, segment

_PATH = "/v1/tasks"


class Tasks(Group[M]):
    """Tasks: ingestions, deletions, restores. They are kept for 30 days after their end."""

    @paged
    def list(
        self,
        *,
        status: TaskStatus | None = None,
        since: datetime | None = None,
        limit: int = 100,
    ) -> Paged[Task]:
        """Tasks, newest first. `since` leaves out those that ended before that time, which needs a time zone."""
        moment = since.isoformat() if since else None
        return Paged(calls.get(_PATH, cursor_page(Task), status=status, since=moment, limit=limit))

    @operation
    def get(self, task_id: str) -> Call[Task]:
        """A task."""
        return calls.get(f"{_PATH}/{segment(task_id)}", Task.of)

    @procedure
    def wait(
        self,
        task_id: str,
        *,
        timeout: float | None = None,
        on_progress: Callable[[Task], object] | None = None,
    ) -> Plan[Task]:
        """Wait until a task has succeeded, and return it.

        Args:
            timeout: in seconds; None waits for ever.
            on_progress: called with the task when its status, step or percentage has changed.

        Raises TaskFailedError if it fails or is revoked, and WaitTimeoutError if it takes longer.
        """
        shown = None
        for pause in pauses(timeout):
            task = yield from self._caller.answer(Tasks.get.call(task_id))
            state = (task.status, task.step, task.percentage)
            if on_progress and state != shown:
                on_progress(task)
            shown = state
            if task.status == "success":
                return task
            if task.has_ended:
                raise TaskFailedError(task)
            yield pause
        raise WaitTimeoutError(f"The task {task_id} has not ended within {timeout:g} s.")
