"""`lethe retry`: adds again what could not be stored."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated

from cyclopts import Parameter
from lethe_client import Lethe, NotFoundError, UploadedFile

from lethe.cli import terminal
from lethe.cli.contents import failures
from lethe.cli.contents.add import Jobs, report, store
from lethe.cli.contents.connection import Target, connected
from lethe.cli.contents.failures import Failure
from lethe.cli.contents.progress import Bar
from lethe.cli.terminal import Flag
from lethe.domain.errors import OperatorError


def retry(
    *tasks: str,
    collection: Annotated[str | None, Parameter(name=["--collection", "-c"])] = None,
    all_: Annotated[Flag, Parameter(name="--all")] = False,
    jobs: Jobs = 4,
    json: Flag = False,
    server: Target | None = None,
) -> None:
    """Add again the files and addresses that 'lethe add' could not store. Exits with 3 if some fail again.

    The server keeps no files that failed, so each is read again from its place on this machine. Left out are documents
    that somebody has deleted or replaced on the server since, and unchanged files that the server cannot read.

    Parameters
    ----------
    tasks
        Only the files of these failed tasks: see 'lethe tasks --status failure'. Default: all.
    collection
        Only what was to be stored in this folder or below it.
    all_
        Also files that the server cannot read as they are: damaged, empty, or of an unknown type.
    jobs
        How many files at once.
    json
        Print JSON: one entry per file.
    """
    with connected(server) as client:
        known = [f for f in failures.of(client.base_url) if collection is None or _is_in(f, collection)]
        wanted = [_of_task(client, known, task_id) for task_id in tasks] if tasks else known
        open_ = [failure for failure in wanted if _is_open(client, failure)]
        failures.note([failure.about for failure in wanted if failure not in open_], [])
        left = [] if tasks or all_ else [failure for failure in open_ if failure.is_hopeless]
        results = _added(client, [failure for failure in open_ if failure not in left], jobs=jobs)
    if left:
        told = f"{len(left):,} left out: the server cannot read them as they are. 'lethe retry --all' tries them too."
        terminal.error_line(told)
    if not results and not json:
        terminal.line("There is nothing to add again.")
        return
    report(results, json=json)


def _is_in(failure: Failure, collection: str) -> bool:
    return PurePosixPath(failure.collection).is_relative_to(collection.strip("/"))


def _of_task(client: Lethe, known: Sequence[Failure], task_id: str) -> Failure:
    """What a task failed to store. Raises OperatorError, saying what to do, if it is not known on this machine."""
    task = client.tasks.get(task_id)
    if task.status not in {"failure", "revoked"}:
        raise OperatorError(f"The task {task_id} has not failed: its status is {task.status}.")
    for failure in known:
        if task_id == failure.task_id or (task.node_id and task.node_id == failure.node_id):
            return failure
    raise OperatorError(
        f"This machine does not know the file of task {task_id}, and the server keeps no file that failed: "
        f"add it again with 'lethe add FILE --collection {task.collection or 'COLLECTION'}'."
    )


def _is_open(client: Lethe, failure: Failure) -> bool:
    """Whether the failure still stands: nobody has deleted or replaced the document on the server."""
    if failure.node_id is None:
        return True
    try:
        state = client.nodes.get(failure.node_id).last_ingestion
    except NotFoundError:
        return False
    return state is not None and state.status in {"failure", "revoked"}


def _added(client: Lethe, wanted: Sequence[Failure], *, jobs: int) -> list[UploadedFile]:
    results: list[UploadedFile] = []
    there = [failure for failure in wanted if failure.root is None or Path(failure.source).is_file()]
    for failure in wanted:
        if failure not in there:
            error = "The file is no longer there: add it again from where it is now."
            results.append(UploadedFile(failure.source, "failed", failure.node_id, error=error))
    size = sum(Path(failure.source).stat().st_size for failure in there if failure.root is not None)
    with Bar(len(there), size) as bar:
        for collection in sorted({failure.collection for failure in there}):
            files: defaultdict[Path, list[PurePosixPath]] = defaultdict(list)
            addresses = []
            for failure in (f for f in there if f.collection == collection):
                if failure.root is None:
                    addresses.append(failure.path)
                else:
                    files[Path(failure.root)].append(PurePosixPath(failure.path))
            results += store(client, files, addresses, collection, jobs=jobs, bar=bar)
    return results
