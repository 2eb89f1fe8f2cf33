"""`lethe tasks`: lists what was done and what failed, and follows work under way."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

import orjson
from cyclopts import Parameter, validators
from lethe_client import APIConnectionError, Lethe, ServiceUnavailableError
from lethe_client.models import Task, TaskStatus

from lethe.cli import terminal
from lethe.cli.contents.connection import NoServerHere, Target, connected
from lethe.cli.database import require_data, with_database
from lethe.cli.terminal import Flag
from lethe.core.access import companies
from lethe.core.queue import tasks as listing
from lethe.domain.errors import OperatorError
from lethe.domain.records import tasks as records
from lethe.domain.records.queries import TaskQuery
from lethe.settings import Settings
from lethe.store.database.pool import Database

_LOOK_SECONDS = 2.0
_PATIENCE_SECONDS = 10.0
_OVERLAP = timedelta(minutes=1)
"""How far back ended tasks are fetched again: tasks may become visible in another order than they ended."""


def tasks(
    *,
    status: TaskStatus | None = None,
    since: datetime | None = None,
    limit: Annotated[int, Parameter(validator=validators.Number(gte=1, lte=1000))] = 100,
    follow: Annotated[bool, Parameter(name=["--follow", "-f"], negative="")] = False,
    json: Flag = False,
    server: Target | None = None,
) -> None:
    """List tasks, newest first: ingestions, deletions, what failed and why.

    If no server runs on this machine's data directory, reads the tasks from its database.

    Parameters
    ----------
    status
        Only tasks with this status, such as failure.
    since
        Only tasks that had not ended before this time, such as 2026-11-27T08:00:00. UTC unless it has an offset.
    limit
        Maximum number of tasks.
    follow
        Keep running until Ctrl-C: print tasks oldest first, and each again when it begins, takes a step or ends.
    json
        Print JSON; with --follow, one object per line.
    """
    moment = since.replace(tzinfo=UTC) if since is not None and since.tzinfo is None else since
    try:
        with connected(server) as client:
            first = list(client.tasks.list(status=status, since=moment, limit=limit).first_page().data)
            if follow:
                _follow(client, status, first, show=_as_line_of_json if json else _as_line)
    except NoServerHere as exc:
        if follow:
            raise
        first = _stored(
            exc,
            (server or Target()).company,
            TaskQuery(records.TaskStatus(status) if status else None, moment),
            limit,
        )
    if json:
        terminal.as_json([task.to_dict() for task in first])
        return
    for task in first:
        _as_line(task)


def _follow(
    client: Lethe, status: TaskStatus | None, first: Sequence[Task], *, show: Callable[[Task], None]
) -> None:
    """Print the tasks, then each change. Waits for a server that does not answer."""
    shown: dict[str, tuple[object, ...]] = {}
    newest = max((_last_change(task) for task in first), default=None)
    found: Iterable[Task] = [*first, *_window(client, status, newest)]
    while True:
        changed = {task.id: task for task in found if shown.get(task.id) != _state(task)}
        for task in sorted(changed.values(), key=lambda task: task.created_at):
            show(task)
            shown[task.id] = _state(task)
            newest = max(newest or task.created_at, _last_change(task))
        time.sleep(_LOOK_SECONDS)
        try:
            found = list(_window(client, status, newest))
        except (APIConnectionError, ServiceUnavailableError) as exc:
            terminal.error_line(f"{exc} Trying again in {_PATIENCE_SECONDS:g} s.")
            time.sleep(_PATIENCE_SECONDS)
            found = ()
        else:
            shown = {task.id: shown[task.id] for task in found if task.id in shown}


def _window(client: Lethe, status: TaskStatus | None, newest: datetime | None) -> Iterator[Task]:
    """The open tasks and those that ended recently, by the server's clock."""
    since = newest - _OVERLAP if newest else None
    yield from client.tasks.list(status=status, since=since, limit=1000)


def _stored(exc: NoServerHere, company: str, wanted: TaskQuery, limit: int) -> list[Task]:
    """The tasks in the database of this machine's data directory. Raises `exc` if there is no database."""
    settings = Settings()
    try:
        require_data(settings)
    except OperatorError:
        raise exc from None

    async def use(db: Database) -> list[records.ListedTask]:
        company_id = await companies.id_of(db, company)
        found, _ = await listing.page(db, company_id=company_id, wanted=wanted, cursor=None, limit=limit)
        return found

    from lethe.api.knowledge.answers import encoded  # noqa: PLC0415 it loads the whole API

    return [Task.from_dict(task) for task in orjson.loads(encoded(with_database(settings, use)))]


def _state(task: Task) -> tuple[object, ...]:
    return task.status, task.step


def _last_change(task: Task) -> datetime:
    return task.finished_at or task.created_at


def _as_line(task: Task) -> None:
    names = [name for name in (task.collection, task.title) if name]
    if task.artifact is None:  # a folder: the name of a collection is its title
        names = [*dict.fromkeys(names)]
    about = "/".join(names)
    progress = f" {task.percentage} %" if task.percentage is not None and not task.has_ended else ""
    line = f"{task.created_at:%Y-%m-%d %H:%M:%S}  {task.id}  {task.kind:7}  {task.status}{progress}"
    terminal.line("  ".join(part for part in (line, about, task.error or "") if part))


def _as_line_of_json(task: Task) -> None:
    terminal.line(orjson.dumps(task.to_dict()).decode())
