"""The command `lethe`. Each subcommand is a function in this package; errors are printed here, as one sentence."""

import os
import select
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cyclopts import App, CycloptsError, CycloptsPanel, Group, MissingArgumentError

from lethe.cli.loading import loading
from lethe.domain.errors import LetheError

# Use the bundled client (see setup.py), whatever else is installed; in a source tree, its source.
_BUNDLED, _SOURCE = Path(__file__).parent / "bundled", Path(__file__).parents[2] / "clients" / "python"
sys.path.insert(0, str(_BUNDLED if _BUNDLED.exists() else _SOURCE))


def _told(error: CycloptsError) -> Any:
    """How a usage error is printed. An option that was not given at all is called missing."""
    if isinstance(error, MissingArgumentError) and error.argument is not None and error.keyword is None:
        command = " ".join(("lethe", *(error.command_chain or ())))
        return CycloptsPanel(f"{error.argument.name} is missing: see '{command} --help'.")
    return CycloptsPanel(error)


app = App(
    name="lethe",
    help="A knowledge-base server that forgets for real.",
    version=version("lethe-kb"),
    error_formatter=_told,
)
app.register_install_completion_command(add_to_startup=False)

# By name, so that a command loads only what it needs.
_COMMANDS = {
    "Documents on a server": {
        "demo": ("contents.demo:demo", "See in half a minute what Lethe does."),
        "add": ("contents.add:add", "Store files, folders, addresses or standard input."),
        "sync": ("contents.sync.command:sync", "Make a collection like a folder."),
        "search": ("contents.search:search", "Search documents."),
        "ls": ("contents.look:ls", "List a folder."),
        "tree": ("contents.look:tree", "Show folders and documents as a tree."),
        "show": ("contents.look:show", "Show a document's text."),
        "get": ("contents.look:get", "Download a document's original file."),
        "rm": ("contents.remove:rm", "Delete documents and folders."),
        "undelete": ("contents.remove:undelete", "Bring back what 'lethe rm' deleted."),
        "tasks": ("contents.tasks:tasks", "List tasks: what was done and what failed."),
        "retry": ("contents.retry:retry", "Add again what 'lethe add' could not store."),
        "stats": ("contents.account:stats", "Show how much there is in each collection."),
        "login": ("contents.account:login", "Remember a server and a token."),
        "mcp": ("server.mcp:mcp", "Connect an AI assistant on this machine to a server (MCP)."),
    },
    "Running a server": {
        "serve": ("server.serve:serve", "Run a whole server on this machine."),
        "api": ("server.api:api", "Run the HTTP API alone."),
        "worker": ("server.worker:worker", "Run a worker alone."),
        "migrate": ("upkeep.migrate:migrate", "Upgrade the database to this version."),
        "doctor": ("upkeep.doctor:doctor", "Find leftovers without an owner, and repair them."),
        "backup": ("upkeep.backup:backup", "Back up everything, even while the server runs."),
        "restore-backup": (
            "upkeep.backup:restore_backup",
            "Restore a backup into a new server, and erase again what was erased since.",
        ),
    },
    "Companies and their tokens": {
        "token": ("access.tokens:app", "Create, list and revoke tokens."),
        "company": ("access.companies:app", "Change the settings of one company."),
        "assistant": ("access.assistants:app", "Create, list and delete assistants."),
    },
    "Deletion and its proof": {
        "trash": ("deletion.trash:app", "Show what is in the trash."),
        "restore": ("deletion.trash:restore", "Restore a node from the trash."),
        "erase": ("deletion.trash:erase", "Erase a node in the trash now."),
        "receipts": ("deletion.receipts:app", "Export and verify the receipts that prove erasures."),
        "scrub": ("deletion.scrub:scrub", "Remove the bytes of erased documents from the disk."),
    },
}
for _title, _members in _COMMANDS.items():
    _group = Group.create_ordered(_title)
    for _name, (_where, _help) in _members.items():
        app.command(f"lethe.cli.{_where}", name=_name, help=_help, group=_group)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command, by default the one in sys.argv; exit with 1 and a sentence when it fails.

    When the reader of the output, such as `head`, closes the pipe, exit with 141, as other commands do.
    """
    try:
        with loading():
            command, bound, _ = app.parse_args(sys.argv[1:] if arguments is None else arguments)
        command(*bound.args, **bound.kwargs)
    except PermissionError as exc:
        print(f"lethe: {_not_allowed(exc)}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except (LetheError, OSError) as exc:  # such as a full disk
        if isinstance(exc, BrokenPipeError) and _nobody_reads():
            os.dup2(
                os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
            )  # so that Python does not try to flush it when it exits
            sys.exit(141)
        print(f"lethe: {exc}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _nobody_reads() -> bool:
    """Whether standard output is a pipe whose reader has gone away."""
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)  # poll always reports errors
    return any(told & select.POLLERR for _, told in poll.poll(0))


def _not_allowed(exc: PermissionError) -> str:
    """What to do if the data directory, or something in it, belongs to another user."""
    what = exc.filename or "What this command needs"
    return (
        f"{what} belongs to another user: run the command as the user that the server runs as, "
        "or set LETHE_DATA_DIR to a directory of your own."
    )
