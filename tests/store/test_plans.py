"""Which way PostgreSQL takes to the rows."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import psycopg

from lethe.adapters.blobs import Blobs
from lethe.core import deletion
from lethe.core.context import Context
from lethe.core.receipts.keys import Keys
from lethe.domain.records import SYSTEM
from lethe.store.database import Database
from tests.store.planted import plant, texts

A = "a" * 24
TABLES = ["node", "document", "document_part", "chunk_text", "chunk_lex", "chunk_vec", "task", "idempotency"]


async def test_an_erasure_finds_its_rows_by_keys_however_small_the_tables_are(
    db: Database, tmp_path: Path
) -> None:
    """A plan is kept: one that reads whole tables, made while they are small, would go on when they are large."""
    await plant(db, A, texts(20))
    async with await psycopg.AsyncConnection.connect(db.conninfo, autocommit=True) as conn:
        await conn.execute("VACUUM (ANALYZE)")
    ctx = cast("Context", SimpleNamespace(db=db, keys=Keys(db, None), blobs=Blobs(tmp_path.as_uri())))
    before = await read_whole(db)
    for number in range(8):
        await deletion.erase(ctx, company_id=A, collection="c", artifact=f"a{number:023x}", by="me")
    assert await read_whole(db) == before


async def read_whole(db: Database) -> dict[str, int]:
    """How often each table was read from its beginning to its end."""
    async with db.transaction(SYSTEM) as conn:
        await conn.execute("SELECT pg_stat_force_next_flush()")
    async with db.transaction(SYSTEM) as conn:
        await conn.execute("SELECT pg_stat_clear_snapshot()")
        cur = await conn.execute(
            "SELECT relname, seq_scan FROM pg_stat_user_tables WHERE relname = ANY (%s)", (TABLES,)
        )
        return {str(name): int(scans) for name, scans in await cur.fetchall()}
