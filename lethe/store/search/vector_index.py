"""The index over settled embeddings: how much of what it holds is gone, and building it anew.

PostgreSQL counts the rows deleted from a table, not those gone from an index. So the share of the table that is in
the index is taken for theirs; deletions before a crash of PostgreSQL, which loses its counts, are not known of.
"""

from dataclasses import dataclass

import psycopg
from psycopg import sql

from lethe.domain.errors import OperatorError
from lethe.store.connections import Connection
from lethe.store.postgres import indexes

NAME = "chunk_vec_nearest"


@dataclass(frozen=True, slots=True)
class IndexState:
    """Rows that the index is for, rows in it that are gone, both estimated; and the table's deletions so far."""

    rows: int
    gone: int
    deletions: int


async def require(conn: Connection, *, dimension: int) -> None:
    """Make the index in this transaction when no embedding is stored yet. Where it is missing beside embeddings, have
    it made later: to make it here would keep every deletion waiting for minutes.
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
    if await conn.value("SELECT pg_relation_size('chunk_vec') > 0"):  # no rows are to be seen for SYSTEM
        await indexes.note(conn, name=NAME, definition=create.as_string().strip())
    else:
        await conn.execute(create)


async def state(conn: Connection) -> IndexState | None:
    """How the index is; None as long as there is none."""
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
    """Drop what a rebuild that was killed has left, which every change would go on to write; how many."""
    names = await conn.values("""
        SELECT c.relname FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
        WHERE x.indrelid = 'chunk_vec'::regclass AND NOT x.indisvalid
          AND c.relname ~ '^chunk_vec_nearest_cc(new|old)[0-9]*$'
        """)
    for name in names:
        await conn.execute(sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(sql.Identifier(name)))
    return len(names)


async def rebuild(conn: Connection, *, deletions: int) -> None:
    """Build the index anew beside the old one, which serves until the new one is there; about 0.6 ms a row.

    Args:
        deletions: the table's deletions so far, none of which will be in the new index.

    Raises:
        OperatorError: the database's role does not own the index.
    """
    try:
        await conn.execute("REINDEX INDEX CONCURRENTLY chunk_vec_nearest")
    except psycopg.errors.InsufficientPrivilege as exc:
        raise OperatorError(
            "The vector index holds much that was deleted, but the database role does not own it: let it own the "
            "tables, or run REINDEX INDEX CONCURRENTLY chunk_vec_nearest now and then."
        ) from exc
    await conn.execute(
        """
        INSERT INTO installation (key, value) VALUES ('vector index deletions', %s)
        ON CONFLICT (key) DO UPDATE SET value = excluded.value
        """,
        (str(deletions),),
    )


async def clean(conn: Connection) -> None:
    """Take the deleted rows out of the table's other indexes, and of the new one the few that went meanwhile."""
    await conn.execute("VACUUM (INDEX_CLEANUP ON, ANALYZE) chunk_vec")
