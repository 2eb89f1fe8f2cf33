"""The schema, its migrations, and row-level security."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import psycopg
import pytest
from procrastinate.schema import SchemaManager
from psycopg.types.enum import EnumInfo

from lethe.domain.errors import OperatorError
from lethe.domain.records.queries import MetadataCondition, Operator
from lethe.store import documents
from lethe.store.database.connections import ENUMS, Connection
from lethe.store.database.pool import Database
from lethe.store.installation import record_embedder
from lethe.store.postgres import migrate
from tests.queue_schema import differences

A, B = "a" * 24, "b" * 24
DOCUMENT_TABLES = ["node", "document", "document_part", "chunk_text", "chunk_lex", "chunk_vec"]
SYSTEM_TABLES = [
    "token",
    "token_node",
    "session",
    "rate_window",
    "task",
    "ingestion",
    "blob_removal",
    "outbox",
    "webhook_delivery",
    "idempotency",
    "batch",
    "batch_member",
    "company",
]


async def plant(db: Database, company: str, node: str) -> None:
    """A company with one document and one chunk."""
    async with db.system() as conn:
        await conn.execute("INSERT INTO company (id, name) VALUES (%s, %s)", (company, company))
    async with db.transaction(company) as conn:
        await conn.execute(
            "INSERT INTO node (company_id, id, path, kind, state, position, title, collection)"
            " VALUES (%s, %s, %s, 'folder', 'live', 0, 'c', 'c')",
            (company, node, f"{node}/"),
        )
        child = node[:-1] + "9"
        await conn.execute(
            "INSERT INTO node (company_id, id, parent_id, path, kind, state, position, title, artifact)"
            " VALUES (%s, %s, %s, %s, 'document', 'live', 0, 'd', 'd')",
            (company, child, node, f"{node}/{child}/"),
        )
        await conn.execute(
            "INSERT INTO document (company_id, node_id, generation, metadata, input_hash, hash, file_type, media_type,"
            " language, blob_key, bytes, characters, blocks, chunks)"
            " VALUES (%s, %s, 1, '{}', 'x', 'x', 'md', 'm', 'en', 'k', 1, 1, 1, 1)",
            (company, child),
        )
        await conn.execute("INSERT INTO document_part VALUES (%s, %s, 0, 0, 't', '[]')", (company, child))
        await conn.execute("INSERT INTO chunk_text VALUES (%s, %s, 0, 0, 1, 1, '[]', 't')", (company, child))
        await conn.execute("INSERT INTO chunk_lex VALUES (%s, %s, 0, 1, 't')", (company, child))
        await conn.execute("INSERT INTO chunk_vec VALUES (%s, %s, 0, false, '[1,2]')", (company, child))


async def count(conn: Connection, table: str) -> int:
    """Rows of a table that are seen without any condition."""
    row = await (await conn.execute(f"SELECT count(*) FROM {table}".encode())).fetchone()
    assert row is not None
    return int(row[0])


async def test_a_statement_that_forgets_its_company_sees_no_other_company(db: Database) -> None:
    await plant(db, A, "1" * 24)
    await plant(db, B, "2" * 24)
    async with db.transaction(A) as conn:
        for table in DOCUMENT_TABLES:
            cur = await conn.execute(f"SELECT DISTINCT company_id FROM {table}".encode())
            assert await cur.fetchall() == [(A,)], table


async def test_the_system_sees_no_documents(db: Database) -> None:
    await plant(db, A, "1" * 24)
    async with db.system() as conn:
        for table in DOCUMENT_TABLES:
            assert await count(conn, table) == 0, table
        assert await count(conn, "company") == 1


async def test_without_a_company_nothing_is_seen(db: Database) -> None:
    await plant(db, A, "1" * 24)
    async with db.pool.connection() as conn:
        for table in [*DOCUMENT_TABLES, *SYSTEM_TABLES]:
            assert await count(conn, table) == 0, table


async def test_a_row_for_another_company_cannot_be_written(db: Database) -> None:
    await plant(db, A, "1" * 24)
    await plant(db, B, "2" * 24)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with db.transaction(A) as conn:
            await conn.execute("INSERT INTO chunk_lex VALUES (%s, %s, 1, 1, 'x')", (B, "2" * 23 + "9"))


async def test_every_table_of_ours_has_forced_row_security_or_no_tenant(db: Database) -> None:
    async with db.system() as conn:
        cur = await conn.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            " AND NOT (relrowsecurity AND relforcerowsecurity)"
        )
        assert {str(r[0]) for r in await cur.fetchall()} == {
            "migration",
            "installation",
            "worker_alive",
            "receipt_key",
            "reconciliation",
        }


async def test_every_table_with_a_company_has_a_policy_that_compares_it(db: Database) -> None:
    async with db.system() as conn:
        cur = await conn.execute(
            "SELECT c.relname, p.policyname, p.qual, p.with_check FROM pg_class c"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'company_id'"
            " LEFT JOIN pg_policies p ON p.schemaname = 'public' AND p.tablename = c.relname"
            " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
        )
        rows = await cur.fetchall()
    assert {*DOCUMENT_TABLES, "token", "task", "outbox"} <= {str(row[0]) for row in rows}
    ours = "(company_id = acting_company())"
    bookkeeping = f"({ours} OR (acting_company() = '*'::text))"
    bounded = {str(row[0]) for row in rows if row[1] == "bounds"}
    assert bounded == {"node", "task", "receipt", "assistant"}
    for table, policy, using, check in rows:
        if policy == "bounds":  # restrictive: it narrows what the company's policy lets through
            continue
        assert using in (bookkeeping if table in SYSTEM_TABLES else ours, ours), (table, policy)
        assert check is None, (table, policy)


async def test_the_company_is_forgotten_at_the_end_of_a_transaction_and_of_a_read(db: Database) -> None:
    await plant(db, A, "1" * 24)
    await documents.page(db, company_id=A, collection="c", after=None, limit=10)
    async with db.pool.connection() as conn:
        assert await count(conn, "node") == 0


async def test_enumerations_are_the_same_in_the_database_and_in_python(db: Database) -> None:
    async with db.pool.connection() as conn:
        for name, members in ENUMS.items():
            info = await EnumInfo.fetch(conn, name)
            assert info is not None
            assert list(info.labels) == [m.value for m in members]


async def test_migrations_are_applied_once(db: Database) -> None:
    async with db.session() as conn:
        assert await migrate.pending(conn) == []
    assert await migrate.migrate(db.conninfo) == []


async def test_a_migration_that_was_changed_afterwards_is_an_error(db: Database) -> None:
    async with db.pool.connection() as conn:
        await conn.execute("UPDATE migration SET hash = 'x'")
    with pytest.raises(OperatorError, match="changed"):
        await migrate.migrate(db.conninfo)


async def test_the_queues_tables_are_those_that_the_installed_procrastinate_expects(db: Database) -> None:
    async with await Connection.connect(db.conninfo) as conn:
        lacks, besides = await differences(conn)
    assert lacks == set()
    assert [line.split()[2] for line in besides] == ["job_of_company"]


async def test_the_queues_tables_of_an_earlier_procrastinate_become_those_of_the_installed_one(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = "03.02.00_50_post_batch_defer_jobs.sql"
    async with await Connection.connect(db.conninfo, autocommit=True) as conn:
        await conn.execute("DROP SCHEMA jobs CASCADE")
        await conn.execute("CREATE SCHEMA jobs")
        await conn.execute("SET search_path = jobs, public")
        for path in sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql")):
            if path.name <= earlier:
                await conn.execute(path.read_bytes())
        monkeypatch.setattr(migrate, "_OLDEST_QUEUE", earlier)
        monkeypatch.setattr(migrate, "migrations", migrate.migrations.__wrapped__)
        assert await differences(conn) != (set(), set())
        later = await migrate.pending(conn)
        assert later[0] == "procrastinate_03.03.00_01_pre_priority_lock_fetch_job.sql"
        assert await migrate.migrate(db.conninfo) == later
        assert await differences(conn) == (set(), set())
        assert await migrate.pending(conn) == []


async def test_an_empty_database_has_all_migrations_pending(new_database: Callable[..., str]) -> None:
    async with await Connection.connect(new_database()) as conn:
        assert await migrate.pending(conn) == [m.name for m in migrate.migrations()]


async def test_another_embedding_model_is_an_error(db: Database) -> None:
    async with db.system() as conn:
        await record_embedder(conn, model="local:a", dimension=2)
        await record_embedder(conn, model="local:a", dimension=2)
        with pytest.raises(OperatorError, match="LETHE_EMBEDDER"):
            await record_embedder(conn, model="local:b", dimension=2)


async def test_a_whole_word_search_under_row_security_uses_the_index(db: Database) -> None:
    await plant(db, A, "1" * 24)
    async with db.transaction(A) as conn:
        await conn.execute(
            "INSERT INTO chunk_lex SELECT %s, %s, n, 1, ('word' || n)::tsvector FROM generate_series(1, 5000) n",
            (A, "1" * 23 + "9"),
        )
        await conn.execute("ANALYZE chunk_lex")
        cur = await conn.execute(
            "EXPLAIN SELECT 1 FROM chunk_lex WHERE company_id = %s AND tsv @@ 'word7'::tsquery", (A,)
        )
        plan = "\n".join(str(r[0]) for r in await cur.fetchall())
    assert "chunk_lex_words" in plan


async def test_all_operators_of_the_metadata_filter_are_valid_sql(db: Database) -> None:
    await plant(db, A, "1" * 24)
    for operator in get_args(Operator):
        for value in (1, "x", [1], None, True, {"a": 1}):
            async with db.transaction(A) as conn:
                await documents.select(
                    conn,
                    collection="c",
                    artifacts=None,
                    metadata=[MetadataCondition("k", operator, value)],
                    limit=10,
                )


async def test_a_connection_that_a_cancelled_task_left_in_pipeline_mode_is_not_used_again(
    db: Database,
) -> None:
    entered = []
    for _ in range(db.pool.max_size):
        async with db.session() as conn:
            entered.append(conn.pipeline())
            await entered[-1].__aenter__()
    for _ in range(2 * db.pool.max_size):
        async with db.transaction(A) as conn:
            cur = await conn.execute("SELECT acting_company()")
            assert await cur.fetchone() == (A,)


async def test_fingerprints_of_what_was_before_are_each_kept_once_and_the_newest_of_many(
    db: Database,
) -> None:
    old, new, other = (f"T{number:012}".encode() for number in range(3))
    many = b"".join(f"N{number:012}".encode() for number in range(200))
    async with db.system() as conn:
        for newer, older, joined in [
            (new, old, new + old),
            (new + other, old + new, new + other + old),
            (None, old, old),
            (new, None, new),
            (None, None, None),
            (new, many, (new + many)[: 95 * 13]),
        ]:
            cur = await conn.execute("SELECT joined_fingerprints(%s, %s)", (newer, older))
            assert await cur.fetchone() == (joined,)


async def test_a_migration_lets_those_pass_who_wait_behind_it(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "LOCK_SECONDS", 0.1)
    monkeypatch.setattr(migrate, "_TRIES", 3)
    last = migrate.migrations()[-1]
    later = migrate.Migration("9999_later.sql", "ALTER TABLE node ADD COLUMN later text", "x")
    monkeypatch.setattr(migrate, "migrations", lambda: (last, later))
    async with await psycopg.AsyncConnection.connect(db.conninfo) as reading:
        await reading.execute("SELECT FROM node")
        with pytest.raises(OperatorError, match="got no lock on a table"):
            await migrate.migrate(db.conninfo)
        monkeypatch.setattr(migrate, "_TRIES", 1000)
        migrating = asyncio.create_task(migrate.migrate(db.conninfo))
        await asyncio.sleep(0.15)
        await reading.rollback()
    assert await migrating == ["9999_later.sql"]
