"""The connection pool and the transaction: the only way to the database.

A transaction acts for one company (or for SYSTEM, Lethe's own bookkeeping). The company is set with
`SET LOCAL`, so that row-level security holds for all that happens in it and for nothing after it.
"""

import asyncio
import re
import select
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, LiteralString, TypeVar
from weakref import WeakSet

import orjson
import psycopg
import structlog
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import PipelineStatus
from psycopg.rows import TupleRow, class_row
from psycopg.types import TypeInfo
from psycopg.types.enum import EnumInfo, register_enum
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from lethe.domain.errors import OperatorError, Unavailable
from lethe.domain.records import NodeState, TaskFailure, TaskKind, TaskStatus
from lethe.store import vectors

log = structlog.get_logger()

R = TypeVar("R")

Connection = psycopg.AsyncConnection[TupleRow]

ENUMS: dict[str, type[StrEnum]] = {
    "node_state": NodeState,
    "task_kind": TaskKind,
    "task_status": TaskStatus,
    "task_failure": TaskFailure,
}
"""The schema's enumerations and their Python twins."""

AWAY = "The database does not answer at the moment: try again."
FAILED = "The database failed at this, and its log tells why: try again."
_COMPANY = re.compile(r"[0-9a-f]{24}|\*")

_SET_FOR_READING = (
    "SELECT set_config('lethe.company', %s, true), set_config('synchronous_commit', 'off', true)"
)

# A plan that is kept must not have been made for tables as small as they were: only ways that grow well are left.
_SET_BY_KEYS = """SELECT set_config('plan_cache_mode', 'force_generic_plan', true),
    set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
    set_config('enable_mergejoin', 'off', true)"""

# One role that cannot bypass row-level security: a login that could is exchanged for it.
_CONFIGURE = """
SET search_path = public, jobs;
SET jit = off;
SET plan_cache_mode = force_custom_plan;
SET hnsw.ef_search = 200;
SET hnsw.iterative_scan = relaxed_order;
SET idle_in_transaction_session_timeout = '60s'
"""


def checked(conninfo: str) -> str:
    """The same connection string. Raises OperatorError, which does not show it, when libpq cannot read it."""
    try:
        conninfo_to_dict(conninfo)
    except (psycopg.ProgrammingError, UnicodeError):
        raise OperatorError(
            "LETHE_DATABASE_URL is not of the form postgresql://user:password@host:5432/database."
        ) from None
    return conninfo


async def configure(conn: Connection) -> None:
    """Prepare a new connection: schema, planner settings, and a role under which row-level security holds."""
    await conn.set_autocommit(True)
    await conn.execute(_CONFIGURE)
    row = await (
        await conn.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    ).fetchone()
    if row is not None and row[0]:
        await conn.execute("SET ROLE lethe_app")


async def register_types(conn: Connection) -> bool:
    """Let the schema's own types come out as Python's. False when the schema is not there yet."""
    halfvec = await TypeInfo.fetch(conn, "halfvec")
    if halfvec is None:
        return False
    vectors.register(halfvec, conn)
    for name, members in ENUMS.items():
        info = await EnumInfo.fetch(conn, name)
        if info is None:
            return False
        register_enum(info, conn, members, mapping={member: member.value for member in members})
    return True


@dataclass(slots=True)
class _Held:
    """A connection of a pool that is in use; `done` once it was given back."""

    of: "Database"
    done: bool = False


_held: ContextVar[_Held | None] = ContextVar("held", default=None)
"""What this task, or the one that started it, holds."""


class Database:
    """A pool of connections to one PostgreSQL.

    Args:
        conninfo: libpq connection string; never logged, as it may hold a password.
        max_size: most connections held by this process.
    """

    def __init__(self, conninfo: str, *, max_size: int) -> None:
        self.conninfo = conninfo
        self._typed: WeakSet[Connection] = WeakSet()
        set_json_dumps(orjson.dumps)
        set_json_loads(orjson.loads)
        self.pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            conninfo,
            min_size=1,
            max_size=max_size,
            max_idle=30,
            timeout=30,
            configure=configure,
            open=False,
            kwargs={"application_name": "lethe"},
        )

    async def open(self) -> None:
        """Open the pool and wait for the first connection. Raises Unavailable when there is none."""
        try:
            await self.pool.open(wait=True, timeout=30)
        except (PoolTimeout, psycopg.OperationalError) as exc:
            raise Unavailable("The database does not answer: is LETHE_DATABASE_URL right?") from exc

    async def close(self) -> None:
        """Give all connections back."""
        await self.pool.close()

    @asynccontextmanager
    async def transaction(
        self, company_id: str, *, durable: bool = True, by_keys: bool = False
    ) -> AsyncIterator[Connection]:
        """One transaction that acts for one company, committed at the end of the block.

        Args:
            company_id: the company's id, or SYSTEM for Lethe's own bookkeeping.
            durable: wait until the commit is on disk. Without it the last moment before a crash may be lost,
                together with all that was committed after it.
            by_keys: all statements find their rows by keys, and planning them takes longer than the work: each is
                planned once a connection, and with indexes, however small the tables are at that moment.

        Raises:
            Unavailable: the database went away or failed; nothing of the block is stored unless it was lost in
                the very moment of its commit.
        """
        begin = f"BEGIN; {_acting_for(company_id)}"
        if not durable:
            begin += "; SET LOCAL synchronous_commit = off"
        if by_keys:
            begin += f"; {_SET_BY_KEYS}"
        async with _translated(), self._connected(begin) as conn:
            yield conn

    @asynccontextmanager
    async def pipelined(self, company_id: str) -> AsyncIterator[Connection]:
        """A transaction as `transaction` makes it, in a pipeline: only rows that are fetched are waited for, and
        the commit. So what is wrong with a statement may be raised by a later one, or at the end of the block.
        """
        acting = _acting_for(company_id)
        async with self.session() as conn, conn.pipeline():
            await conn.execute("BEGIN")
            await conn.execute(acting.encode())
            yield conn
            await conn.execute("COMMIT")

    @asynccontextmanager
    async def snapshot(self, company_id: str) -> AsyncIterator[Connection]:
        """A reading transaction in which all statements see the same moment."""
        begin = f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {_acting_for(company_id)}"
        async with _translated(), self._connected(begin) as conn:
            yield conn

    async def read(
        self,
        company_id: str,
        query: LiteralString,
        params: Mapping[str, Any],
        row: type[R],
        *,
        by_keys: bool = False,
    ) -> list[R]:
        """The rows of one statement as records of the class `row`, in one round trip.

        In a pipeline the statements up to the next sync are one transaction, so that the company is set for
        this statement only. What it counts or notes on the way is not waited for on disk.

        Args:
            by_keys: as `transaction` has it.

        Raises:
            Unavailable: the database went away.
        """
        _acting_for(company_id)
        async with _translated():
            for _ in range(self.pool.max_size):
                async with self._lent() as conn:
                    try:
                        await self._know_types(conn)
                        async with conn.cursor(row_factory=class_row(row)) as cur:
                            async with conn.pipeline():
                                await conn.execute(_SET_FOR_READING, (company_id,))
                                if by_keys:
                                    await conn.execute(_SET_BY_KEYS)
                                await cur.execute(query, params)
                            return await cur.fetchall()  # in the pipeline it would be a round trip more
                    except psycopg.OperationalError:
                        if not conn.closed:  # a connection that died while idle is passed over
                            raise
                    except (
                        IndexError
                    ) as exc:  # how psycopg 3.3.9 tells that the end of a pipeline failed: the commit
                        raise Unavailable(AWAY) from exc
        raise Unavailable(AWAY)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Connection]:
        """A connection outside of a transaction, for what PostgreSQL does not do in one. It acts for nobody.

        It lives, as far as can be told without a round trip.
        """
        async with _translated(), self._connected() as conn:
            yield conn

    @asynccontextmanager
    async def _connected(self, begin: str | None = None) -> AsyncIterator[Connection]:
        """A living connection, on which `begin` has succeeded if given. Those that died while idle are passed over."""
        for _ in range(self.pool.max_size):
            async with self._lent() as conn:
                try:
                    await self._know_types(conn)
                    if begin is not None or _has_unread(conn):
                        await conn.execute((begin or "").encode())
                except psycopg.OperationalError:
                    if conn.closed:
                        continue
                    raise
                yield conn
                return
        raise Unavailable(AWAY)

    @asynccontextmanager
    async def _lent(self) -> AsyncIterator[Connection]:
        """A connection of the pool, which it gets back as it gave it, or not at all.

        psycopg 3.3.9 leaves it in pipeline mode when its task is cancelled at the moment of entering, which happens
        when the event loop is busy; it was seen on a full disk too. Every transaction on it would fail. A cancelled
        pipeline leaves statements in psycopg's cache that the server never got (InvalidSqlStatementName later).

        Raises RuntimeError for a second connection while the first is held: as many such callers as the pool has
        connections would wait for each other until all of them time out.
        """
        outer = _held.get()
        if outer is not None and outer.of is self and not outer.done:
            raise RuntimeError("A second connection was asked for while one is held: ask for it before.")
        async with self.pool.connection() as conn:
            held = _Held(self)
            _held.set(held)
            try:
                yield conn
            except asyncio.CancelledError:
                await conn.close()
                raise
            finally:
                held.done = True
                if conn.pgconn.pipeline_status != PipelineStatus.OFF:
                    await conn.close()

    async def _know_types(self, conn: Connection) -> None:
        """Once a connection; again while the schema is missing, as a server may be older than its migrations."""
        if conn not in self._typed and await register_types(conn):
            self._typed.add(conn)


def _acting_for(company_id: str) -> str:
    if not _COMPANY.fullmatch(company_id):
        raise ValueError("not a company id")
    return f"SET LOCAL lethe.company = '{company_id}'"


def _has_unread(conn: Connection) -> bool:
    """True when something came that nobody asked for, such as the end of the connection."""
    unread = select.poll()
    unread.register(conn.fileno(), select.POLLIN)
    return bool(unread.poll(0))


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    try:
        yield
    except (psycopg.OperationalError, PoolTimeout, PoolClosed) as exc:
        raise Unavailable(AWAY) from exc
    except psycopg.errors.InternalError_ as exc:  # its own fault, or a file system that is over its quota
        log.error("the database failed", reason=exc.diag.message_primary)
        raise Unavailable(FAILED) from exc
