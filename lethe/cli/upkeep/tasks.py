"""`lethe tasks`: lists what was done and what failed."""

from dataclasses import asdict
from datetime import UTC, datetime

from lethe.cli import terminal
from lethe.cli.context import with_context
from lethe.cli.terminal import Flags
from lethe.core import access
from lethe.core.context import Context
from lethe.core.queue import tasks as listing
from lethe.domain.records.queries import TaskQuery
from lethe.domain.records.tasks import ListedTask, TaskStatus


def tasks(
    *,
    company: str,
    status: TaskStatus | None = None,
    since: datetime | None = None,
    limit: int = 100,
    json: bool = False,
    settings: Flags | None = None,
) -> None:
    """List a company's tasks, newest first: ingestions, deletions, what failed and why.

    Parameters
    ----------
    company
        The company whose tasks to list.
    status
        Only tasks with this status, such as failure.
    since
        Only tasks that had not ended before this time, such as 2026-11-27T08:00:00. UTC unless it has an offset.
    limit
        Maximum number of tasks.
    json
        Print JSON.
    """
    moment = since.replace(tzinfo=UTC) if since is not None and since.tzinfo is None else since

    async def use(ctx: Context) -> list[ListedTask]:
        company_id = await access.company_named(ctx.db, company)
        found, _ = await listing.page(
            ctx.db, company_id=company_id, wanted=TaskQuery(status, moment), cursor=None, limit=limit
        )
        return found

    found = with_context(settings, use)
    if json:
        terminal.as_json([asdict(task) for task in found])
        return
    for task in found:
        about = "/".join(name for name in (task.collection, task.artifact) if name)
        progress = f" {task.percentage} %" if task.percentage is not None and task.finished_at is None else ""
        line = f"{task.created_at:%Y-%m-%d %H:%M:%S}  {task.id}  {task.kind:7}  {task.status}{progress}"
        terminal.line("  ".join(part for part in (line, about, task.error or "") if part))
