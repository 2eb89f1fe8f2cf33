"""The index over settled embeddings: how much of its content is deleted, and rebuilding it.

PostgreSQL counts the rows deleted from a table, not from an index. So deletions are assumed to hit the index in
proportion to its share of the table. A crash of PostgreSQL loses the counts of earlier deletions.
"""

from dataclasses import dataclass

import psycopg
from psycopg import sql

from lethe.domain.errors import OperatorError
from lethe.store.database.connections import Connection
from lethe.store.postgres import indexes

NAME = "chunk_vec_nearest"


@dataclass(frozen=True, slots=True)
class IndexState:
    """Rows in the index and how many of them are deleted, both estimated; and the table's deletions so far."""

    rows: int
    gone: int
    deletions: int


async def require(conn: Connection, *, dimension: int) -> None:
    """Create the index in this transaction if no embedding is stored yet. If it is missing while embeddings are stored,
    note it for later: building it here would block every deletion for minutes.
    """
    if await conn.value("SELECT to_regclass(%s) IS NOT NULL", (NAME,)) or await indexes.is_noted(
        conn, name=NAME
    ):
        return
    create = sql.SQL(
        """
        CREATE INDEX {} ON chunk_vec
        USING hnsw ((embedding::halfvec({})) halfvec_cosine_ops) WITH (m = 16, ef_construction = 64)
        WHERE settled
        """
    ).format(sql.Identifier(NAME), sql.Literal(dimension))
    if await conn.value("SELECT pg_relation_size('chunk_vec') > 0"):  # SYSTEM sees no rows
        await indexes.note(conn, name=NAME, definition=create.as_string().strip())
    else:
        await conn.execute(create)


async def state(conn: Connection) -> IndexState | None:
    """The state of the index; None if it does not exist."""
    return await conn.row(
        IndexState,
        """
        SELECT i.rows::bigint, deletions,
               ((deletions - CASE WHEN known <= deletions THEN known ELSE 0 END)
                * least(i.rows / greatest(t.reltuples, 1), 1))::bigint AS gone
        FROM (SELECT greatest(reltuples, 0)::float8 AS rows FROM pg_class
              WHERE oid = to_regclass('chunk_vec_nearest')) i,
             (SELECT reltuples FROM pg_class WHERE oid = 'chunk_vec'::regclass) t,
             (SELECT pg_stat_get_tuples_deleted('chunk_vec'::regclass) AS deletions) s,
             (SELECT coalesce((SELECT value::bigint FROM installation WHERE key = 'vector index deletions'), 0)
              AS known) k
        """,
    )


async def drop_leftovers(conn: Connection) -> int:
    """Drop the indexes left by a killed rebuild, which slow down every write; returns their number."""
    names = await conn.values("""
        SELECT c.relname FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
        WHERE x.indrelid = 'chunk_vec'::regclass AND NOT x.indisvalid
          AND c.relname ~ '^chunk_vec_nearest_cc(new|old)[0-9]*$'
        """)
    for name in names:
        await conn.execute(sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(sql.Identifier(name)))
    return len(names)


async def rebuild(conn: Connection, *, deletions: int) -> None:
    """Rebuild the index while the old one stays in use; about 0.6 ms per row.

    Args:
        deletions: the table's deletions so far, which the new index will not contain.

    Raises:
        OperatorError: the database role does not own the index.
    """
    try:
        await conn.execute("REINDEX INDEX CONCURRENTLY chunk_vec_nearest")
    except psycopg.errors.InsufficientPrivilege as exc:
        raise OperatorError(
            "The vector index contains many deleted rows, but the database role does not own it: make it the owner "
            "of the tables, or run REINDEX INDEX CONCURRENTLY chunk_vec_nearest now and then."
        ) from exc
    await conn.execute(
        """
        INSERT INTO installation (key, value) VALUES ('vector index deletions', %s)
        ON CONFLICT (key) DO UPDATE SET value = excluded.value
        """,
        (str(deletions),),
    )


async def clean(conn: Connection) -> None:
    """Remove deleted rows from the table's indexes, including those deleted during a rebuild."""
    await conn.execute("VACUUM (INDEX_CLEANUP ON, ANALYZE) chunk_vec")
