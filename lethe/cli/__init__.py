"""The command `lethe`. Each subcommand is a function in this package; errors are printed here, as one sentence."""

import sys
from importlib.metadata import version

from cyclopts import App

from lethe.domain.errors import LetheError

app = App(name="lethe", help="A knowledge-base server that forgets for real.", version=version("lethe-kb"))
# By name, so that a command loads only what it needs.
app.command("lethe.cli.server.serve:serve", help="Run a whole server on this machine.")
app.command("lethe.cli.server.api:api", help="Run the HTTP API alone.")
app.command("lethe.cli.server.worker:worker", help="Run a worker alone.")
app.command("lethe.cli.server.mcp:mcp", help="Connect an AI assistant on this machine to a server (MCP).")
app.command("lethe.cli.upkeep.migrate:migrate", help="Upgrade the database to this version.")
app.command("lethe.cli.upkeep.doctor:doctor", help="Find leftovers without an owner, and repair them.")
app.command("lethe.cli.access.tokens:app", name="token", help="Create, list and revoke tokens.")
app.command("lethe.cli.access.companies:app", name="company", help="Change the settings of one company.")
app.command("lethe.cli.access.assistants:app", name="assistant", help="Create, list and delete assistants.")
app.command("lethe.cli.upkeep.tasks:tasks", help="List tasks: what was done and what failed.")
app.command("lethe.cli.deletion.trash:app", name="trash", help="Show what is in the trash.")
app.command("lethe.cli.deletion.trash:restore", help="Restore a node from the trash.")
app.command("lethe.cli.deletion.trash:erase", help="Erase a node in the trash now.")
app.command(
    "lethe.cli.deletion.receipts:app",
    name="receipts",
    help="Export and verify the receipts that prove erasures.",
)
app.command(
    "lethe.cli.upkeep.backup:backup", name="backup", help="Back up everything, even while the server runs."
)
app.command(
    "lethe.cli.upkeep.backup:restore_backup",
    name="restore-backup",
    help="Restore a backup into a new server, and erase again what was erased since.",
)
app.command("lethe.cli.deletion.scrub:scrub", help="Remove the bytes of erased documents from the disk.")


def main() -> None:
    """Run the command line; exit with 1 and a sentence when it fails."""
    try:
        app()
    except PermissionError as exc:
        print(f"lethe: {_not_allowed(exc)}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except (LetheError, OSError) as exc:  # such as a full disk
        print(f"lethe: {exc}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _not_allowed(exc: PermissionError) -> str:
    """What to do if the data directory, or something in it, belongs to another user."""
    what = exc.filename or "What this command needs"
    return (
        f"{what} belongs to another user: run the command as the user that the server runs as, "
        "or set LETHE_DATA_DIR to a directory of your own."
    )
