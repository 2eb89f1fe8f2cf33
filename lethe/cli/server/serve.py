"""`lethe serve`: PostgreSQL, API, worker and relay in one supervised run."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from importlib import import_module
from subprocess import SubprocessError

import structlog

from lethe.cli import data_dir, running
from lethe.cli.flags import Flags
from lethe.cli.server import logs
from lethe.core.access import create_first_token
from lethe.core.context import Context
from lethe.core.upkeep.readiness import missing
from lethe.domain.errors import LetheError, OperatorError
from lethe.settings import Settings, unknown_variables
from lethe.store.postgres.embedded import EmbeddedPostgres
from lethe.store.postgres.migrate import migrate
from lethe.wiring.checks import require_startable
from lethe.wiring.database import embedded, given

log = structlog.get_logger()

WORKER_STOP_SECONDS = 10
"""How long the worker may take to give back what runs; a server is to be gone after 20 s."""

_WATCH_SECONDS = 1.0


def serve(*, settings: Flags | None = None) -> None:
    """Run a whole server on this machine: database, API, worker and callbacks."""
    settings = settings or Settings()
    logs.configure(format=settings.log_format, level=settings.log_level)
    for sentence in unknown_variables(os.environ):
        log.warning(sentence)
    conninfo = given(settings)
    require_startable(settings)
    with data_dir.alone(settings.data_dir):
        data_dir.require_whole(settings.data_dir)
        if conninfo is not None:
            running.run(partial(_serve, settings, conninfo, None))
        else:
            with embedded(settings) as postgres:
                running.run(partial(_serve, settings, postgres.conninfo, postgres))


async def _serve(
    settings: Settings, conninfo: str, postgres: EmbeddedPostgres | None, stop: asyncio.Event
) -> None:
    await migrate(conninfo)
    ready = asyncio.Event()

    async def announce(ctx: Context, address: str) -> None:
        if not await _becomes_ready(ctx, stop):
            return
        ready.set()
        token = await create_first_token(ctx.db)
        print(f"Lethe listens on {address}", flush=True)  # noqa: T201
        if token is not None:
            print(f"First token (shown only once): {token.secret}", flush=True)  # noqa: T201

    async with _supervised(settings, conninfo, postgres, ready, stop):
        # Only now, in a thread: what the API imports is loaded while the worker starts.
        api = await asyncio.to_thread(import_module, "lethe.cli.server.api_process")
        await api.run(settings, conninfo, stop, announce)


async def _becomes_ready(ctx: Context, stop: asyncio.Event) -> bool:
    """True as soon as nothing is missing any more; False when the order to stop comes before."""
    while not stop.is_set():
        if not await missing(ctx.db):
            return True
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 0.2)
    return False


@asynccontextmanager
async def _supervised(
    settings: Settings,
    conninfo: str,
    postgres: EmbeddedPostgres | None,
    ready: asyncio.Event,
    stop: asyncio.Event,
) -> AsyncIterator[None]:
    """A worker beside this process and, where it is ours, the database, each started again when it dies.

    Raises OperatorError, and sets `stop` before, when the worker cannot start and the server was never `ready`.
    """
    worker = asyncio.create_task(_keep_worker(settings, conninfo, ready), name="supervise worker")
    worker.add_done_callback(lambda _: stop.set())
    watching = [worker]
    if postgres is not None:
        watching.append(asyncio.create_task(_keep_database(postgres), name="supervise database"))
    try:
        yield
    finally:
        for task in watching:
            task.cancel()
        ended = await asyncio.gather(*watching, return_exceptions=True)
    if isinstance(ended[0], OperatorError):
        raise ended[0]


async def _keep_worker(settings: Settings, conninfo: str, ready: asyncio.Event) -> None:
    env = {**settings.as_environment(), "LETHE_DATABASE_URL": conninfo}
    while True:
        try:
            # The pipe is a lifeline: it closes when this process dies, and the worker ends with it.
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "lethe", "worker", "--until-stdin-closes", stdin=PIPE, env=env
            )
        except OSError as exc:  # no memory or no process left, perhaps for a moment
            log.error("the worker cannot be started", reason=str(exc))
        else:
            try:
                code = await process.wait()
                if code == running.HOPELESS and not ready.is_set():
                    raise OperatorError("The worker cannot start, for the reason above, and so no server.")
                log.warning("the worker has ended and is started again", exit_code=code)
            finally:
                await _stop(process)
        await asyncio.sleep(1)


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


async def _keep_database(postgres: EmbeddedPostgres) -> None:
    while True:
        await asyncio.sleep(_WATCH_SECONDS)
        if not postgres.is_alive():
            log.warning("the database has ended and is started again")
            try:
                await asyncio.to_thread(postgres.ensure_running)
            except (LetheError, OSError, SubprocessError) as exc:  # it must not be the end of the watch
                log.error("the database cannot be started", reason=str(exc))
