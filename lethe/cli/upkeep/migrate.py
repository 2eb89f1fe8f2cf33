"""`lethe migrate`: upgrades the database to this version."""

import asyncio

from lethe.cli import terminal
from lethe.cli.database import database
from lethe.cli.terminal import Flags
from lethe.settings import Settings
from lethe.store.postgres import migrate as migrations


def migrate(*, settings: Flags | None = None) -> None:
    """Upgrade the database to this version."""
    settings = settings or Settings()
    with database(settings, made_if_missing=True) as conninfo:
        applied = asyncio.run(migrations.migrate(conninfo))
    terminal.line("\n".join(f"applied {name}" for name in applied) or "nothing to do")
