"""The planner's statistics of the tables that hold documents, renewed sooner than PostgreSQL does by itself.

The planner expects next to no rows of a company that came after the last ANALYZE, and then compares each of its rows
with each other one: reading 100 of 1,500 documents took 4.6 s instead of 0.02, and a search 17 s instead of 0.06.
PostgreSQL waits until a tenth of a table has changed, which in a large installation a new company never reaches.
"""

from psycopg import sql

from lethe.store.database.connections import Connection

TABLES = ("node", "document", "document_part", "chunk_text", "chunk_lex", "chunk_vec")


async def outdated(conn: Connection) -> list[str]:
    """The tables of which many rows have changed since their last ANALYZE: 300 of 10,000, 2,100 of a million."""
    cur = await conn.execute(
        """
        SELECT t.name FROM unnest(%s::text[]) t (name)
        JOIN pg_stat_user_tables s ON s.relid = to_regclass(t.name)
        WHERE s.n_mod_since_analyze > 100 + 2 * sqrt(s.n_live_tup)
        """,
        ([*TABLES],),
    )
    return [str(name) for (name,) in await cur.fetchall()]


async def renew(conn: Connection, *, table: str) -> None:
    """Take a sample of a table, unless somebody else is doing so. It blocks neither readers nor writers."""
    await conn.execute(sql.SQL("ANALYZE (SKIP_LOCKED) {}").format(sql.Identifier(table)))
