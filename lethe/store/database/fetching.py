"""Running a statement and fetching its rows in one call."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

import psycopg
from psycopg.abc import QueryNoTemplate as Query
from psycopg.rows import AsyncRowFactory, class_row, scalar_row

R = TypeVar("R")

Params = Mapping[str, Any] | Sequence[Any] | None


class _HasCursor(Protocol):
    def cursor(self, *, row_factory: AsyncRowFactory[R]) -> psycopg.AsyncCursor[R]: ...


class Fetching:
    """The fetching methods of transactions and connections. In a pipeline each call waits for its rows."""

    __slots__ = ()

    async def rows(self: _HasCursor, row_class: type[R], query: Query, params: Params = None) -> list[R]:
        """All rows, as records of this class."""
        async with self.cursor(row_factory=class_row(row_class)) as cur:
            await cur.execute(query, params)
            return await cur.fetchall()

    async def row(self: _HasCursor, row_class: type[R], query: Query, params: Params = None) -> R | None:
        """The first row, as a record of this class."""
        async with self.cursor(row_factory=class_row(row_class)) as cur:
            await cur.execute(query, params)
            return await cur.fetchone()

    async def values(self: _HasCursor, query: Query, params: Params = None) -> list[Any]:
        """The first column of all rows."""
        async with self.cursor(row_factory=scalar_row) as cur:
            await cur.execute(query, params)
            return await cur.fetchall()

    async def value(self: _HasCursor, query: Query, params: Params = None) -> Any | None:
        """The first column of the first row; None without rows."""
        async with self.cursor(row_factory=scalar_row) as cur:
            await cur.execute(query, params)
            return await cur.fetchone()
