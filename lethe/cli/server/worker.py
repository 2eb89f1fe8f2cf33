"""`lethe worker`: runs a worker. Several machines can run workers on one database."""

import sys

from lethe.adapters.children import Children
from lethe.cli import terminal
from lethe.cli.loading import loading
from lethe.cli.server.running import HOPELESS
from lethe.cli.terminal import Flags
from lethe.domain.errors import OperatorError
from lethe.settings import Settings


def worker(*, settings: Flags | None = None, until_stdin_closes: bool = False) -> None:
    """Run a worker alone: ingestion, deletion, callbacks, sweeping.

    Parameters
    ----------
    until_stdin_closes
        Wait for a line on standard input before working, and end when it closes, as it does when the parent process
        dies.
    """
    settings = settings or Settings()
    children = Children(["lethe.preload"], environment={"LETHE_EMBEDDER": settings.embedder})
    children.start()  # takes seconds to load parsers and the model, while the imports below run
    with loading():
        from lethe.cli.server.worker_process import run  # noqa: PLC0415

    try:
        run(settings, children, until_stdin_closes=until_stdin_closes)
    except OperatorError as exc:
        if not until_stdin_closes:
            raise
        terminal.error_line(f"lethe: {exc}")
        sys.exit(HOPELESS)
