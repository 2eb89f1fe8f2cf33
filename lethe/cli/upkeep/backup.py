"""`lethe backup` and `lethe restore-backup`: back up everything, and restore it without what was erased since."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from lethe.adapters.archive import Archive
from lethe.cli import data_dir, terminal
from lethe.cli.context import with_context
from lethe.cli.database import require_data
from lethe.cli.deletion.given_files import trusted_keys
from lethe.cli.server import logs
from lethe.cli.terminal import Flags
from lethe.core.backup.create import create_backup
from lethe.core.backup.replay import Replayed
from lethe.core.backup.restore import Restore
from lethe.core.context import Context
from lethe.settings import Settings
from lethe.store.postgres import dump, migrate
from lethe.wiring.context import open_context
from lethe.wiring.database import all_seeing, embedded, given


def backup(directory: Path, *, settings: Flags | None = None) -> None:
    """Back up the database and the originals, whether the server runs or not.

    Parameters
    ----------
    directory
        A new or empty directory for the backup.
    """
    chosen = settings or Settings()
    require_data(chosen)
    archive = Archive.create(directory)

    async def use(ctx: Context) -> None:
        made = await create_backup(
            ctx, all_seeing(chosen), archive, version=version("lethe-kb"), tell=terminal.line
        )
        documents = sum(company.documents for company in made.companies)
        terminal.line(
            f"{documents} documents of {len(made.companies)} companies and {made.originals} originals are in "
            f"{directory}, as of {made.taken_at:%Y-%m-%d %H:%M:%S} UTC"
        )

    with_context(chosen, use)


def restore_backup(
    directory: Path,
    *,
    receipts: list[Path] | None = None,
    key: list[str] | None = None,
    settings: Flags | None = None,
) -> None:
    """Restore a backup into an empty LETHE_DATA_DIR, and erase in it what was erased since.

    Parameters
    ----------
    directory
        A directory that 'lethe backup' wrote.
    receipts
        The latest output of 'lethe receipts export'. May be given several times, once per company.
    key
        The public key of receipts signed with a key that is not in the backup: base64, PEM, or a file with either.
    """
    chosen = settings or Settings()
    logs.configure(format=chosen.log_format, level=chosen.log_level)
    conninfo = given(chosen)
    terminal.line("checking the backup")
    restore = Restore(Archive.open(directory), receipts or [], trusted_keys(key))
    where = chosen.data_dir
    with data_dir.alone(where), data_dir.being_restored(where), _empty_database(chosen, conninfo) as empty:
        done = asyncio.run(_restore(chosen, empty, restore))
    _tell(restore, done)


@contextmanager
def _empty_database(settings: Settings, conninfo: str | None) -> Iterator[str]:
    """The conninfo of an empty database."""
    if conninfo is not None:
        asyncio.run(dump.require_empty(conninfo))
        asyncio.run(migrate.prepare(conninfo))
        yield conninfo
        return
    with embedded(settings) as postgres:
        asyncio.run(dump.recreate(postgres.superuser_conninfo))
        postgres.ensure_running()
        yield postgres.conninfo


async def _restore(settings: Settings, conninfo: str, restore: Restore) -> Replayed:
    terminal.line("filling the database")
    await restore.fill(all_seeing(settings))
    await migrate.migrate(conninfo)
    async with open_context(settings, conninfo) as ctx:
        terminal.line("erasing what was erased since, and copying the originals")
        return await restore.conclude(ctx, terminal.line)


def _tell(restore: Restore, done: Replayed) -> None:
    made = restore.manifest
    terminal.line(f"restored as of {made.taken_at:%Y-%m-%d %H:%M:%S} UTC")
    terminal.line(f"added {done.receipts} later receipts, erased {done.documents} documents again")
    if done.documents:
        terminal.line("their bytes came with the backup and stay on the disk until the next 'lethe scrub'")
    for folder in done.folders_left:
        terminal.line(f"kept folder {folder}: it was erased, but contains documents that were not")
    known = restore.known_until()
    for name, until, later in known:
        if later:
            terminal.line(f"company {name}: what was erased after {until:%Y-%m-%d %H:%M:%S} UTC is back")
    if behind := [name for name, _, later in known if not later]:
        terminal.line(
            f"warning: what was deleted after {made.ended_at:%Y-%m-%d %H:%M:%S} UTC is back, of {', '.join(behind)}: "
            "no receipts later than the backup were given. If there are any ('lethe receipts export'), restore again "
            "into another directory with --receipts FILE, once per company."
        )
