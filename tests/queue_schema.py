"""What a schema with procrastinate's tables holds, to compare it with what the installed package expects."""

from typing import LiteralString

from procrastinate.schema import SchemaManager
from psycopg import AsyncConnection, sql

_DESCRIBED: LiteralString = """
SELECT format('%s.%s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
              pg_get_expr(d.adbin, d.adrelid))
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema()
UNION ALL
SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
WHERE connamespace = current_schema()::regnamespace
UNION ALL
SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal
UNION ALL
SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
UNION ALL
SELECT format('%s: %s', t.typname, (SELECT string_agg(e.enumlabel, ' ' ORDER BY e.enumlabel)
                                      FROM pg_enum e WHERE e.enumtypid = t.oid))
FROM pg_type t WHERE t.typnamespace = current_schema()::regnamespace AND t.typtype IN ('e', 'c')
"""


async def differences(conn: AsyncConnection[tuple[object, ...]]) -> tuple[set[str], set[str]]:
    """What the schema `jobs` lacks of procrastinate's own schema, and what it has besides."""
    async with conn.transaction(force_rollback=True):
        await conn.execute("CREATE SCHEMA expected")
        await conn.execute("SET LOCAL search_path = expected, public")
        await conn.execute(SchemaManager.get_schema().encode())
        expected, there = await _described(conn, "expected"), await _described(conn, "jobs")
    return expected - there, there - expected


async def _described(conn: AsyncConnection[tuple[object, ...]], schema: str) -> set[str]:
    await conn.execute(sql.SQL("SET LOCAL search_path = {}").format(sql.Identifier(schema)))
    cur = await conn.execute(_DESCRIBED)
    return {
        " ".join(str(line).replace(f"{schema}.procrastinate_", "procrastinate_").split())
        for (line,) in await cur.fetchall()
    }
