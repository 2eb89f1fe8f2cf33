"""The connection pool and transactions: the only way to the database.

A transaction acts for one company, or for SYSTEM, Lethe's own bookkeeping. The company is set with
`SET LOCAL`, so row-level security applies it to this transaction and to nothing after it. If the token is bound to
some of the company's nodes, its bounds are set likewise (domain/records/bounds.py).
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any, LiteralString, TypeVar
from weakref import WeakSet

import orjson
import psycopg
from psycopg.rows import AsyncRowFactory, class_row, scalar_row
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from lethe.domain.errors import Unavailable
from lethe.domain.records.access import SYSTEM
from lethe.domain.records.bounds import BoundCompany
from lethe.store.database.beginnings import SET_BY_KEYS, SET_FOR_READING, acting_for, beginning
from lethe.store.database.connections import (
    UNBOUNDED,
    Bounds,
    Connection,
    Pool,
    bound,
    configure,
    has_unread,
    one_round_trip,
    register_types,
)
from lethe.store.database.failures import AWAY, translated
from lethe.store.database.lending import lent
from lethe.store.database.shares import Shares
from lethe.store.database.transactions import Tx, of_company

R = TypeVar("R")

ADMISSION_CONNECTIONS = 2
"""Extra connections for what must never wait behind other work: authentication and the readiness check."""

WAIT_SECONDS = 10.0
"""How long a call waits for a connection; twice the lock timeout if longer, as its holder may wait for a lock."""


class Database:
    """A pool of connections to one PostgreSQL.

    Args:
        conninfo: libpq connection string; never logged, as it may contain a password.
        max_size: the most connections of this process, besides ADMISSION_CONNECTIONS. One company uses at most
            half of them at a time.
        bounds: timeouts of every statement, unless a transaction is `unhurried`.
    """

    def __init__(self, conninfo: str, *, max_size: int, bounds: Bounds = UNBOUNDED) -> None:
        self.conninfo = conninfo
        self._bounds = bounds
        self._typed: WeakSet[Connection] = WeakSet()
        set_json_dumps(orjson.dumps)
        set_json_loads(orjson.loads)
        seconds = max(WAIT_SECONDS, 2 * bounds.lock_seconds)
        self._shares = Shares((max_size + 1) // 2, seconds=seconds)
        self.pool = _pool(conninfo, bounds, seconds, min_size=1, max_size=max_size)
        self.admission = _pool(conninfo, bounds, WAIT_SECONDS, min_size=0, max_size=ADMISSION_CONNECTIONS)

    async def open(self) -> None:
        """Open the pool and wait for the first connection. Raises Unavailable if it cannot be made."""
        try:
            await self.pool.open(wait=True, timeout=30)
            await self.admission.open()
        except (PoolTimeout, psycopg.OperationalError) as exc:
            raise Unavailable("The database does not answer: is LETHE_DATABASE_URL right?") from exc

    async def close(self) -> None:
        """Close all connections."""
        await self.pool.close()
        await self.admission.close()

    def place(self, company_id: str) -> AbstractAsyncContextManager[None]:
        """Hold one of the company's places for the block. Take it before any lock that others wait for."""
        return self._shares.turn(company_id)

    @asynccontextmanager
    async def transaction(
        self, company_id: str, *, durable: bool = True, by_keys: bool = False, unhurried: bool = False
    ) -> AsyncIterator[Tx]:
        """A transaction that acts for one company, committed at the end of the block.

        Args:
            durable: wait until the commit is on disk. Otherwise a crash may lose the most recent commits.
            by_keys: all statements find their rows by key, and planning would take longer than running them. Each
                is planned once per connection, to use indexes however small the tables are at that moment.
            unhurried: the statements' cost grows with the stored data, so they have no time limit.

        Raises:
            Unavailable: the database is gone or failed, or a wait took too long. Nothing in the block is stored,
                except when the connection was lost during the commit itself.
            BeyondBounds: a change is outside the caller's bounds. Nothing in the block is stored.
        """
        begin = beginning(company_id, durable=durable, unhurried=unhurried, by_keys=by_keys)
        async with translated(company_id), self._shares.turn(company_id), self._connected(begin) as conn:
            yield Tx(conn, company_id)

    @asynccontextmanager
    async def system(self, *, durable: bool = True, unhurried: bool = False) -> AsyncIterator[Connection]:
        """A transaction for Lethe's own bookkeeping, which sees every company; the arguments are `transaction`'s."""
        begin = beginning(SYSTEM, durable=durable, unhurried=unhurried)
        async with translated(), self._shares.turn(SYSTEM), self._connected(begin) as conn:
            yield conn

    @asynccontextmanager
    async def pipelined(self, company_id: str) -> AsyncIterator[Tx]:
        """A transaction in a pipeline, which waits only for fetched rows and for the commit. An error in a statement
        may therefore be raised by a later one, or at the end of the block.
        """
        acting = acting_for(company_id)
        async with (
            translated(company_id),
            self._shares.turn(company_id),
            self.session() as conn,
            conn.pipeline(),
        ):
            await conn.execute("BEGIN")
            await conn.execute(acting.encode())
            yield Tx(conn, company_id)
            await conn.execute("COMMIT")

    @asynccontextmanager
    async def snapshot(self, company_id: str) -> AsyncIterator[Tx]:
        """A read-only transaction in which all statements see the same moment."""
        begin = f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {acting_for(company_id)}"
        async with translated(company_id), self._shares.turn(company_id), self._connected(begin) as conn:
            yield Tx(conn, company_id)

    async def read(
        self,
        company_id: str,
        query: LiteralString,
        params: Mapping[str, Any],
        row: type[R],
        *,
        by_keys: bool = False,
        admission: bool = False,
    ) -> list[R]:
        """The rows of one statement as records of the class `row`, in one round trip.

        In a pipeline the statements up to the next sync are one transaction, so the company is set for this
        statement only. The commit does not wait for the disk.

        Args:
            by_keys: as in `transaction`.
            admission: use the connections reserved for authentication and readiness.

        Raises:
            Unavailable: as in `transaction`.
        """
        return await self._read(
            company_id, query, params, class_row(row), by_keys=by_keys, admission=admission
        )

    async def read_one(
        self, company_id: str, query: LiteralString, params: Mapping[str, Any], row: type[R], **how: bool
    ) -> R | None:
        """Like `read`, but only the first row; None if there is none."""
        rows = await self.read(company_id, query, params, row, **how)
        return rows[0] if rows else None

    async def read_values(
        self, company_id: str, query: LiteralString, params: Mapping[str, Any]
    ) -> list[Any]:
        """Like `read`, but only the first column."""
        return await self._read(company_id, query, params, scalar_row)

    async def _read(
        self,
        company_id: str,
        query: LiteralString,
        params: Mapping[str, Any],
        row_factory: AsyncRowFactory[R],
        *,
        by_keys: bool = False,
        admission: bool = False,
    ) -> list[R]:
        acting = acting_for(company_id).encode()
        bound = isinstance(company_id, BoundCompany)
        pool = self.admission if admission else self.pool
        async with translated(company_id), self._shares.turn(company_id):
            for _ in range(pool.max_size + 1):  # all of them may have died
                async with lent(self, pool) as conn:
                    try:
                        await self._know_types(conn)
                        async with conn.cursor(row_factory=row_factory) as cur:
                            async with one_round_trip(conn):
                                await conn.execute(SET_FOR_READING, (company_id,))
                                if bound:
                                    await conn.execute(acting)
                                if by_keys:
                                    await conn.execute(SET_BY_KEYS)
                                await cur.execute(query, of_company(company_id, params))
                            return await cur.fetchall()  # in the pipeline: another round trip
                    except psycopg.OperationalError:
                        if not conn.closed:  # skip a connection that died while idle
                            raise
        raise Unavailable(AWAY)

    @asynccontextmanager
    async def session(self, *, admission: bool = False, unhurried: bool = False) -> AsyncIterator[Connection]:
        """A connection outside a transaction, for statements that PostgreSQL refuses inside one.

        It acts for no company, and is alive as far as can be told without a round trip.

        Args:
            admission: as in `read`.
            unhurried: no timeouts for statements and locks.
        """
        async with translated(), self._connected(pool=self.admission if admission else self.pool) as conn:
            if not unhurried:
                yield conn
                return
            await bound(conn, UNBOUNDED)
            try:
                yield conn
            finally:
                if not conn.closed:
                    await bound(conn, self._bounds)

    @asynccontextmanager
    async def _connected(
        self, begin: str | None = None, pool: AsyncConnectionPool[Connection] | None = None
    ) -> AsyncIterator[Connection]:
        """A live connection on which `begin`, if given, has succeeded. Connections that died while idle are skipped."""
        pool = pool or self.pool
        for _ in range(pool.max_size + 1):  # all of them may have died
            async with lent(self, pool) as conn:
                try:
                    await self._know_types(conn)
                    if begin is not None or has_unread(conn):
                        await conn.execute((begin or "").encode())
                except psycopg.OperationalError:
                    if conn.closed:
                        continue
                    raise
                yield conn
                return
        raise Unavailable(AWAY)

    async def _know_types(self, conn: Connection) -> None:
        """Register the types once per connection, retrying while the schema is missing: migrations may come later."""
        if conn not in self._typed and await register_types(conn):
            self._typed.add(conn)


def _pool(
    conninfo: str, bounds: Bounds, seconds: float, *, min_size: int, max_size: int
) -> AsyncConnectionPool[Connection]:
    return Pool(
        conninfo,
        connection_class=Connection,
        min_size=min_size,
        max_size=max_size,
        max_idle=30,
        timeout=seconds,
        configure=partial(configure, bounds=bounds),
        open=False,
        kwargs={"application_name": "lethe"},
    )
