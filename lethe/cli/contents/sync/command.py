"""`lethe sync`."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from lethe_client import APIConnectionError, Lethe, ServiceUnavailableError

from lethe.cli import terminal
from lethe.cli.contents import places
from lethe.cli.contents.add import SOME_FAILED, Jobs
from lethe.cli.contents.connection import Target as Server
from lethe.cli.contents.connection import connected
from lethe.cli.contents.progress import Bar
from lethe.cli.contents.sync import plan
from lethe.cli.contents.sync.apply import Outcome, Target, run
from lethe.cli.contents.sync.local import Folder
from lethe.cli.contents.sync.memory import DIRECTORY, opened
from lethe.cli.contents.sync.plan import Action
from lethe.cli.terminal import Flag

_PATIENCE_SECONDS = 10
_TOLD = ("deleted there", "missing here")
"""What is only reported."""


def sync(
    folder: Path,
    *,
    collection: Annotated[str, Parameter(name=["--collection", "-c"])],
    delete: Flag = False,
    again: Flag = False,
    watch: Flag = False,
    dry_run: Flag = False,
    jobs: Jobs = 4,
    json: Flag = False,
    server: Server | None = None,
) -> None:
    """Make a collection mirror a folder: new and changed files are stored, renamed ones moved.

    What was deleted on the server does not come back. Exits with 3 if some files could not be stored.

    Parameters
    ----------
    folder
        The folder. Hidden files and those that '.letheignore' matches (written like a .gitignore) are left out.
    collection
        The path of the folder on the server. It is created if it does not exist.
    delete
        Move documents whose files are gone to the trash.
    again
        Store again what somebody deleted on the server.
    watch
        Keep running, and sync again whenever something changes.
    dry_run
        Only print what would be done.
    jobs
        How many files at once.
    json
        Print JSON.
    """
    with connected(server) as client:

        def once() -> bool:
            return _once(
                client, folder, collection, delete=delete, again=again, dry_run=dry_run, jobs=jobs, json=json
            )

        failed = once()
        while watch and not dry_run:
            _wait_for_changes(folder)
            failed = _patiently(once)
    if failed:
        sys.exit(SOME_FAILED)


def _patiently(once: Callable[[], bool]) -> bool:
    """Sync, trying again until the server answers."""
    while True:
        try:
            return once()
        except (APIConnectionError, ServiceUnavailableError) as exc:
            terminal.error_line(f"{exc} Trying again in {_PATIENCE_SECONDS} s.")
            time.sleep(_PATIENCE_SECONDS)


def _once(
    client: Lethe,
    root: Path,
    collection: str,
    *,
    delete: bool,
    again: bool,
    dry_run: bool,
    jobs: int,
    json: bool,
) -> bool:
    """Sync once. Returns whether anything failed."""
    folder = Folder(root)
    there = places.existing(client, collection) if dry_run else places.folder(client, collection)
    target = Target(client, there, collection.strip("/").split("/")[0]) if there else None
    with opened(root, f"{client.base_url} {there}") as memory:
        files = list(folder.files())
        remote = target.look() if target else plan.Remote({}, lambda _: None)
        planned = plan.actions(files, folder.hash, remote, memory.read(), delete=delete, again=again)
        if dry_run or target is None:
            _print(planned, [], json=json)
            return False
        sizes = {file.path: file.stamp.size for file in files}
        todo = [action for action in planned if action.kind not in _TOLD]
        with Bar(len(todo), sum(sizes.get(a.path, 0) for a in todo)) as bar:
            outcomes = run(
                target,
                folder,
                todo,
                files,
                memory,
                jobs=jobs,
                on_done=lambda o: bar.advance(sizes.get(o.action.path, 0)),
            )
        if delete:
            target.remove_empty_folders([file.path for file in files])
    _print(planned, outcomes, json=json)
    return any(outcome.error for outcome in outcomes)


def _print(planned: Sequence[Action], outcomes: Sequence[Outcome], *, json: bool) -> None:
    errors = {outcome.action.path: outcome.error for outcome in outcomes if outcome.error}
    if json:
        terminal.as_json([{**asdict(action), "error": errors.get(action.path)} for action in planned])
        return
    for action in planned:
        if action.kind == "adopt" and action.path not in errors:
            continue
        what = f"{action.old_path} -> {action.path}" if action.kind == "move" else action.path
        if action.path in errors:
            terminal.error_line(f"failed: {what}: {errors[action.path]}")
        else:
            terminal.line(f"{action.kind}: {what}")
    for outcome in outcomes:
        for warning in outcome.warnings:
            terminal.error_line(f"{outcome.action.path}: not in the text: {warning}")
    counts = Counter(action.kind for action in planned)
    if counts["missing here"]:
        terminal.line("Files that are gone here stay on the server: --delete moves them to the trash there.")
    if counts["deleted there"]:
        terminal.line("What was deleted on the server stays deleted: --again stores it again.")
    if not planned:
        terminal.line("Nothing to do.")


def _wait_for_changes(folder: Path) -> None:
    from watchfiles import watch  # noqa: PLC0415 needed only here

    mine = f"/{DIRECTORY}/"
    next(watch(folder, watch_filter=lambda _, path: mine not in path))
