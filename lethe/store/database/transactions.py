"""A transaction that carries its company: the context that store functions take."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Self, TypeVar, overload

import psycopg
from psycopg.abc import QueryNoTemplate as Query
from psycopg.rows import AsyncRowFactory, TupleRow, tuple_row

from lethe.store.database.beginnings import NO_BOUNDS
from lethe.store.database.connections import Connection
from lethe.store.database.fetching import Fetching, Params

R = TypeVar("R")


class CompanyCursor(psycopg.AsyncCursor[R]):
    """A cursor that binds `%(company_id)s` in its statements."""

    company_id: str

    async def execute(  # type: ignore[override]  # without template strings
        self, query: Query, params: Params = None, *, prepare: bool | None = None, binary: bool | None = None
    ) -> Self:
        """Execute a statement; the company is added to named parameters."""
        return await super().execute(
            query, of_company(self.company_id, params), prepare=prepare, binary=binary
        )


@dataclass(frozen=True, slots=True)
class Tx(Fetching):
    """A transaction of one company, from `Database.transaction`, `pipelined` or `snapshot`.

    The company comes only from here, so no statement can act for another one by accident.
    """

    conn: Connection
    company_id: str

    async def execute(
        self, query: Query, params: Params = None, *, binary: bool | None = None
    ) -> CompanyCursor[TupleRow]:
        """Execute a statement. Named parameters need not include the company."""
        return await self.cursor().execute(query, params, binary=binary)

    @overload
    def cursor(self) -> CompanyCursor[TupleRow]: ...

    @overload
    def cursor(self, *, row_factory: AsyncRowFactory[R]) -> CompanyCursor[R]: ...

    def cursor(self, *, row_factory: AsyncRowFactory[Any] = tuple_row) -> CompanyCursor[Any]:
        """A cursor for this company's statements."""
        cursor = CompanyCursor(self.conn, row_factory=row_factory)
        cursor.company_id = self.company_id
        return cursor

    async def lift_bounds(self) -> None:
        """Lift the caller's bounds for the rest of the transaction, after checking that the request is within them.

        Written rows still record the caller's token.
        """
        await self.execute(NO_BOUNDS)

    def pipeline(self) -> AbstractAsyncContextManager[psycopg.AsyncPipeline]:
        """Send the block's statements without waiting for each."""
        return self.conn.pipeline()

    def transaction(self) -> AbstractAsyncContextManager[psycopg.AsyncTransaction]:
        """A savepoint."""
        return self.conn.transaction()


def of_company(company_id: str, params: Params) -> Params:
    """Named parameters with the company added; positional ones unchanged."""
    return {**params, "company_id": company_id} if isinstance(params, Mapping) else params
