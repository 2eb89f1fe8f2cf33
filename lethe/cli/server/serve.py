"""`lethe serve`: runs and supervises a whole server: PostgreSQL, API and worker."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import partial
from importlib import import_module
from socket import socket
from subprocess import SubprocessError
from typing import TYPE_CHECKING, Any

import structlog

from lethe.adapters.scratch import FOLDER, remove_abandoned
from lethe.cli import data_dir, terminal
from lethe.cli.loading import loading
from lethe.cli.server import logs, port, running
from lethe.cli.terminal import Flags
from lethe.domain.errors import LetheError, OperatorError
from lethe.settings import Settings, unknown_variables
from lethe.store.postgres.embedded import EmbeddedPostgres
from lethe.wiring.checks import require_startable
from lethe.wiring.database import embedded, given

if TYPE_CHECKING:  # importing it now would delay the start of the worker and the database
    from lethe.core.context import Context

log = structlog.get_logger()

WORKER_STOP_SECONDS = 10
"""How long the worker may take to give back its jobs; the whole server must stop within 20 s."""

_WATCH_SECONDS = 1.0


def serve(*, settings: Flags | None = None) -> None:
    """Run a whole server on this machine: database, API, worker and callbacks."""
    settings = settings or Settings()
    logs.configure(format=settings.log_format, level=settings.log_level)
    for sentence in unknown_variables(os.environ):
        log.warning(sentence)
    conninfo = given(settings)
    require_startable(settings)
    with data_dir.alone(settings.data_dir) as tell_address:
        data_dir.require_whole(settings.data_dir)
        postgres = None
        if conninfo is None:
            postgres = embedded(settings)
            conninfo = postgres.conninfo
        with port.taken(settings) as bound:
            running.run(partial(_serve, settings, conninfo, postgres, bound=bound, tell_address=tell_address))


async def _serve(
    settings: Settings,
    conninfo: str,
    postgres: EmbeddedPostgres | None,
    stop: asyncio.Event,
    *,
    bound: socket,
    tell_address: Callable[[str], None],
) -> None:
    """Start worker and database in parallel while this process loads its modules: each takes seconds."""
    ready, migrated = asyncio.Event(), asyncio.Event()

    async def announce(ctx: "Context", address: str) -> None:
        if not await _becomes_ready(ctx, stop):
            return
        ready.set()
        tell_address(address)
        tokens = await _load("lethe.core.access.tokens")
        token = await tokens.create_first_token(ctx.db)
        if settings.console:
            terminal.line(await _console(ctx, address, token.secret if token else None))
        terminal.line(f"Lethe listens on {address}")
        if token is not None:
            terminal.line(f"First token (shown only once): {token.secret}")

    async with (
        _database(postgres, stop) as started,
        _supervised(_keep_worker(settings, conninfo, migrated, ready), stop),
    ):
        migrations = await _load("lethe.store.postgres.migrate")
        await started
        await migrations.migrate(conninfo)
        migrated.set()
        api = await _load("lethe.cli.server.api_process")
        await api.run(settings, conninfo, bound, stop, announce)


async def _console(ctx: "Context", address: str, first_token: str | None) -> str:
    """A line that says where the console is. At the first start, its address signs in once."""
    if first_token is None:
        return f"Open {address}/console in a browser."
    sessions = await _load("lethe.core.access.sessions")
    once = await sessions.offer(ctx.db, first_token)
    return f"Open {address}/console/enter/{once} in a browser: it signs in once, within an hour."


async def _load(module: str) -> Any:
    with loading():
        return await asyncio.to_thread(import_module, module)


async def _becomes_ready(ctx: "Context", stop: asyncio.Event) -> bool:
    """Wait until the server is ready. Returns False if `stop` is set first."""
    readiness = await _load("lethe.core.upkeep.readiness")
    while not stop.is_set():
        if not await readiness.missing(ctx.db):
            return True
        with suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                await stop.wait()
    return False


@asynccontextmanager
async def _database(postgres: EmbeddedPostgres | None, stop: asyncio.Event) -> AsyncIterator[Awaitable[None]]:
    """Start, supervise and stop the embedded database, if any, around the block. Yields an awaitable for its start."""
    if postgres is None:
        yield asyncio.sleep(0)
        return
    starting = asyncio.create_task(asyncio.to_thread(postgres.start), name="start database")
    keeping = asyncio.create_task(_keep_database(postgres, starting), name="supervise database")
    writing = asyncio.create_task(_write_out(postgres, stop), name="write out")
    try:
        yield starting
    finally:
        await asyncio.wait({starting})
        keeping.cancel()
        if not stop.is_set():
            writing.cancel()
        await asyncio.gather(keeping, writing, return_exceptions=True)
        await asyncio.to_thread(postgres.stop)


async def _write_out(postgres: EmbeddedPostgres, stop: asyncio.Event) -> None:
    """When `stop` is set, let the database flush its memory while the other processes are still ending."""
    await stop.wait()
    await asyncio.to_thread(postgres.write_out)


@asynccontextmanager
async def _supervised(keeping: Coroutine[Any, Any, None], stop: asyncio.Event) -> AsyncIterator[None]:
    """Run `keeping`, which restarts the worker whenever it dies, until `stop` is set or the block ends.

    Either way the worker has ended before this returns, because the database ends next. If `keeping` raises
    OperatorError because the worker cannot start, `stop` is set and the error raised here too.
    """
    worker = asyncio.create_task(keeping, name="supervise worker")
    worker.add_done_callback(lambda _: stop.set())
    stopping = asyncio.create_task(_cancel_when(stop, worker), name="stop worker")
    try:
        yield
    finally:
        stop.set()
        await stopping
        (ended,) = await asyncio.gather(worker, return_exceptions=True)
    if isinstance(ended, OperatorError):
        raise ended


async def _cancel_when(stop: asyncio.Event, worker: asyncio.Task[None]) -> None:
    """Cancel the task that keeps the worker, only once: a second time, it would not wait for the worker to end."""
    await stop.wait()
    worker.cancel()


async def _keep_worker(
    settings: Settings, conninfo: str, migrated: asyncio.Event, ready: asyncio.Event
) -> None:
    """Run the worker and restart it whenever it ends.

    Raises OperatorError if the worker cannot start and the server was never `ready`.
    """
    env = {**settings.as_environment(), "LETHE_DATABASE_URL": conninfo}
    while True:
        try:
            # The pipe is a lifeline: it closes when this process dies, and the worker then ends.
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "lethe", "worker", "--until-stdin-closes", stdin=PIPE, env=env
            )
        except OSError as exc:  # out of memory or processes, perhaps only briefly
            log.error("cannot start the worker", reason=str(exc))
        else:
            beginning = asyncio.create_task(_let_begin(process, migrated))
            try:
                code = await process.wait()
                if code == running.HOPELESS and not ready.is_set():
                    raise OperatorError(
                        "The worker cannot start, so the server cannot: see the reason above."
                    )
                log.warning("the worker has ended: restarting it", exit_code=code)
            finally:
                beginning.cancel()
                await _stop(process)
                # It may have been killed.
                await asyncio.to_thread(remove_abandoned, settings.data_dir / FOLDER)
        await asyncio.sleep(1)


async def _let_begin(worker: Process, migrated: asyncio.Event) -> None:
    """Tell the worker, by a line on its standard input, that the database is migrated."""
    await migrated.wait()
    assert worker.stdin is not None  # noqa: S101 requested above
    worker.stdin.write(b"\n")


async def _stop(process: Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), WORKER_STOP_SECONDS)
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _keep_database(postgres: EmbeddedPostgres, starting: Awaitable[None]) -> None:
    await starting
    while True:
        await asyncio.sleep(_WATCH_SECONDS)
        if not postgres.is_alive():
            log.warning("the database has ended: restarting it")
            try:
                await asyncio.to_thread(postgres.ensure_running)
            except (LetheError, OSError, SubprocessError) as exc:  # keep watching
                log.error("cannot start the database", reason=str(exc))
