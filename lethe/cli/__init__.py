"""The command `lethe`. Each command is a function in this package; errors end here as one sentence."""

import sys

from cyclopts import App

from lethe.cli import parts, serve, tokens
from lethe.domain.errors import LetheError

app = App(name="lethe", help="A knowledge-base server that forgets for real.", version_flags=["--version"])
app.command(serve.serve)
app.command(parts.api)
app.command(parts.worker)
app.command(parts.migrate)
app.command(tokens.app)


def main() -> None:
    """Run the command line; exit with 1 and a sentence when it fails."""
    try:
        app()
    except LetheError as exc:
        print(f"lethe: {exc}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
