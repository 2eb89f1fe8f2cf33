"""Which way PostgreSQL takes to the rows.

Where a plan is kept, one that reads whole tables, made while they are small, would go on when they are large.
"""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import psycopg

from lethe.adapters.blobs import Blobs
from lethe.core import access, deletion
from lethe.core.context import Context
from lethe.core.receipts.keys import Keys
from lethe.domain.limits import Limits
from lethe.domain.records import SYSTEM
from lethe.store.database import Database
from tests.store.planted import plant, texts

A = "a" * 24
TABLES = [
    *("node", "document", "document_part", "chunk_text", "chunk_lex", "chunk_vec", "task", "idempotency"),
    *("token", "rate_window"),
]


async def test_an_erasure_finds_its_rows_by_keys_however_small_the_tables_are(
    db: Database, tmp_path: Path
) -> None:
    await plant(db, A, texts(20))
    await take_statistics(db)
    ctx = cast("Context", SimpleNamespace(db=db, keys=Keys(db, None), blobs=Blobs(tmp_path.as_uri())))
    before = await read_whole(db)
    for number in range(8):
        await deletion.erase(ctx, company_id=A, collection="c", artifact=f"a{number:023x}", by="me")
    assert await read_whole(db) == before


async def test_a_token_and_the_queue_are_looked_up_by_keys_however_small_the_tables_are(db: Database) -> None:
    made = await access.create_token(db, company="c", name="t", scopes=("knowledge:write",))
    await take_statistics(db)
    before = await read_whole(db)
    for _ in range(8):
        await access.authenticate(db, f"Bearer {made.secret}", ingesting=Limits())
    assert await read_whole(db) == before


async def take_statistics(db: Database) -> None:
    """Let the planner know how small the tables are."""
    async with await psycopg.AsyncConnection.connect(db.conninfo, autocommit=True) as conn:
        await conn.execute("VACUUM (ANALYZE)")


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
