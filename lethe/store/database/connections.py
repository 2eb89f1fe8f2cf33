"""A database connection as Lethe uses it: settings, timeouts, role, the schema's own types, and a pool of them."""

import asyncio
import select
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import psycopg
import structlog
from psycopg import sql
from psycopg.adapt import Dumper
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Format
from psycopg.rows import TupleRow
from psycopg.types import TypeInfo
from psycopg.types.enum import EnumInfo, register_enum
from psycopg_pool import AsyncConnectionPool

from lethe.domain.errors import OperatorError, Unavailable
from lethe.domain.records.tasks import TaskFailure, TaskKind, TaskStatus
from lethe.domain.records.tree import NodeState
from lethe.store.database.failures import FAILED
from lethe.store.database.fetching import Fetching

if TYPE_CHECKING:  # importing numpy would double the start time of commands that use no vectors
    from lethe.store.database.vectors import HalfVectors

log = structlog.get_logger()


class Connection(psycopg.AsyncConnection[TupleRow], Fetching):
    """A connection to PostgreSQL."""


class Pool(AsyncConnectionPool[Connection]):
    """A pool that does not lose a cancellation.

    The pool waits with `asyncio.wait_for`, which in Python 3.11 returns normally if the cancellation arrives together
    with the result. Lethe's loops end only when they are cancelled, so they would then run forever.
    """

    async def getconn(self, timeout: float | None = None) -> Connection:
        """A connection, to be returned with `putconn`."""
        task = asyncio.current_task()
        before = task.cancelling() if task is not None else 0
        conn = await super().getconn(timeout)
        if task is not None and task.cancelling() > before:
            await self.putconn(conn)
            raise asyncio.CancelledError
        return conn


ENUMS: dict[str, type[StrEnum]] = {
    "node_state": NodeState,
    "task_kind": TaskKind,
    "task_status": TaskStatus,
    "task_failure": TaskFailure,
}
"""The schema's enumerations and their Python counterparts."""

# A login that could bypass row-level security switches to a role that cannot: the owner of the tables.
_ACTING = """
SELECT coalesce((
    SELECT o.rolname FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner
    WHERE c.oid = to_regclass('public.migration') AND NOT (o.rolsuper OR o.rolbypassrls)
), 'lethe_app') FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls)
"""

_CONFIGURE = """
SET search_path = public, jobs;
SET jit = off;
SET plan_cache_mode = force_custom_plan;
SET hnsw.ef_search = 200;
SET hnsw.iterative_scan = relaxed_order;
SET idle_in_transaction_session_timeout = '60s'
"""


def checked(conninfo: str) -> str:
    """Return the connection string. Raises OperatorError, without quoting it, if libpq cannot parse it."""
    try:
        conninfo_to_dict(conninfo)
    except (psycopg.ProgrammingError, UnicodeError):
        raise OperatorError(
            "LETHE_DATABASE_URL is not of the form postgresql://user:password@host:5432/database."
        ) from None
    return conninfo


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long a statement may run, and wait for a lock, in seconds; 0 means no limit. `vector_scan`: how many
    vectors, of all companies, one scan of the vector index may visit."""

    statement_seconds: float = 0
    lock_seconds: float = 0
    vector_scan: int = 40_000


UNBOUNDED = Bounds()


async def configure(conn: Connection, bounds: Bounds = UNBOUNDED) -> None:
    """Prepare a new connection: schema, planner settings, timeouts, and a role subject to row-level security.

    Raises OperatorError if the login may not act as that role.
    """
    await conn.set_autocommit(True)
    await conn.execute(_CONFIGURE)
    await conn.execute("SELECT set_config('hnsw.max_scan_tuples', %s, false)", (str(bounds.vector_scan),))
    await bound(conn, bounds)
    row = await (await conn.execute(_ACTING)).fetchone()
    if row is None:
        return
    try:
        await conn.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(row[0])))
    except psycopg.errors.InsufficientPrivilege as exc:
        grant = f"GRANT {row[0]} TO {conn.info.user};"
        raise OperatorError(f"Lethe's tables belong to another role. As a superuser, run: {grant}") from exc


async def register_types(conn: Connection) -> bool:
    """Map the schema's own types to Python's. False if the schema does not exist yet."""
    halfvec = await TypeInfo.fetch(conn, "halfvec")
    if halfvec is None:
        return False
    _register_vectors(conn, halfvec)
    for name, members in ENUMS.items():
        info = await EnumInfo.fetch(conn, name)
        if info is None:
            return False
        register_enum(info, conn, members, mapping={member: member.value for member in members})
    return True


def _register_vectors(conn: Connection, halfvec: TypeInfo) -> None:
    """Let this connection accept HalfVectors as parameters."""

    class HalfVectorsDumper(Dumper):
        format = Format.BINARY
        oid = halfvec.array_oid

        def dump(self, obj: "HalfVectors") -> bytes:
            return obj.binary(halfvec.oid)

    conn.adapters.register_dumper("lethe.store.database.vectors.HalfVectors", HalfVectorsDumper)


async def bound(conn: Connection, bounds: Bounds) -> None:
    """Set the connection's timeouts for statements and for locks."""
    await conn.execute(
        "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false)",
        (f"{1000 * bounds.statement_seconds:.0f}", f"{1000 * bounds.lock_seconds:.0f}"),
    )


@asynccontextmanager
async def one_round_trip(conn: Connection) -> AsyncIterator[None]:
    """A pipeline that is one transaction, committed at its end.

    When that commit fails, the server sends one result more than psycopg 3.3.9 expects. psycopg then raises
    IndexError, or fails to leave the pipeline, with the server's error as the context. Errors of the statements
    themselves pass through unchanged.
    """
    async with AsyncExitStack() as pipeline:
        await pipeline.enter_async_context(conn.pipeline())
        yield
        try:
            await pipeline.aclose()
        except (IndexError, psycopg.OperationalError) as exc:
            if conn.closed or getattr(exc, "sqlstate", None):
                raise
            if isinstance(exc.__context__, psycopg.OperationalError):
                raise exc.__context__ from None
            log.error("a commit failed: see the database's log")
            raise Unavailable(FAILED) from exc


def has_unread(conn: Connection) -> bool:
    """Whether unexpected input has arrived, such as the end of the connection."""
    unread = select.poll()
    unread.register(conn.fileno(), select.POLLIN)
    return bool(unread.poll(0))
