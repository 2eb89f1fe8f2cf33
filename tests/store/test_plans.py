"""Which way PostgreSQL takes to the rows.

Where a plan is kept, one that reads whole tables, made while they are small, would go on when they are large.
"""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import psycopg
import pytest

from lethe.adapters.blobs import Blobs
from lethe.core.access import callers, tokens
from lethe.core.context import Context
from lethe.core.deletion import erasure
from lethe.core.queue import tasks as queued
from lethe.core.receipts.keys import Keys
from lethe.core.tree import nodes
from lethe.domain.errors import LimitExceeded
from lethe.domain.limits import Limits
from lethe.domain.records.bounds import bounded
from lethe.domain.records.queries import TaskQuery
from lethe.domain.records.tasks import TaskStatus
from lethe.store import documents
from lethe.store.database.pool import Database
from lethe.store.queue import task_list
from lethe.store.search import scope
from lethe.store.tree import browsing, life, trash
from lethe.text.languages import LANGUAGES
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
        await erasure.erase(ctx, company_id=A, collection="c", artifact=f"a{number:023x}", by="me")
    assert await read_whole(db) == before


async def test_a_token_and_the_queue_are_looked_up_by_keys_however_small_the_tables_are(db: Database) -> None:
    made = await tokens.create_token(db, company="c", name="t", scopes=("knowledge:write",))
    await take_statistics(db)
    before = await read_whole(db)
    for _ in range(8):
        await callers.authenticate(db, made.secret, ingesting=Limits())
    assert await read_whole(db) == before


async def test_reading_a_collection_reads_no_other_of_the_company_and_a_page_no_other_page(
    db: Database,
) -> None:
    await plant(db, A, texts(20))
    async with db.transaction(A) as conn:
        await conn.execute(MANY_DOCUMENTS, {"company": A, "root": "a" * 23 + "1", "documents": 3000})
    await take_statistics(db)
    before = await rows_read(db)
    for artifact in (f"a{7:023x}", "none"):
        async with db.transaction(A) as conn:
            names = await documents.names(conn, collection="c", artifacts=[artifact])
            of_name = await documents.select(
                conn, collection="c", artifacts=[artifact], metadata=[], limit=10
            )
        assert len(names) == len(of_name) == (artifact != "none")
    for collection, there in {"c": 20, "many": 50, "none": 0}.items():
        page = await documents.page(db, company_id=A, collection=collection, after=None, limit=50)
        assert len(page) == there
        if page:
            after = (page[9].created_at, page[9].node_id)
            rest = await documents.page(db, company_id=A, collection=collection, after=after, limit=10)
            assert rest == page[10:20]
    assert await rows_read(db) - before < 500


async def test_a_tree_reads_no_more_nodes_than_its_answer_may_have_nor_those_below_the_levels_asked_for(
    db: Database,
) -> None:
    await plant(db, A, texts(20))
    many = "a" * 23 + "1"
    async with db.transaction(A) as conn:
        await conn.execute(MANY_DOCUMENTS, {"company": A, "root": many, "documents": 3000})
    await take_statistics(db)
    ctx = cast("Context", SimpleNamespace(db=db, limits=Limits(answer_bytes=50 * nodes.NODE_BYTES)))
    before = await rows_read(db)
    for parent_id in (None, many):
        with pytest.raises(LimitExceeded, match="depth"):
            await nodes.show_tree(ctx, company_id=A, parent_id=parent_id, depth=None)
    assert len(await nodes.show_tree(ctx, company_id=A, parent_id=None, depth=1)) == 2
    assert await rows_read(db) - before < 200


async def test_a_page_of_tasks_reads_no_other_task_and_no_other_node(db: Database) -> None:
    await plant(db, A, texts(20))
    async with db.transaction(A) as conn:
        await conn.execute(MANY_DOCUMENTS, {"company": A, "root": "a" * 23 + "1", "documents": 3000})
        await conn.execute(
            """
            INSERT INTO task (company_id, id, kind, status, node_id, generation, created_at, finished_at)
            SELECT company_id, gen_random_uuid(), 'ingest', 'success', id, 1, now() - '1 s'::interval * position, now()
            FROM node WHERE kind = 'document'
            """
        )
    await take_statistics(db)
    before = await rows_read(db)
    for status in (None, *TaskStatus):
        wanted = TaskQuery(status, None)
        page = await task_list.page(db, company_id=A, wanted=wanted, after=None, limit=50)
        assert len(page) == (50 if status in (None, TaskStatus.SUCCESS) else 0)
        if page:
            after = (page[9].created_at, page[9].id)
            rest = await task_list.page(db, company_id=A, wanted=wanted, after=after, limit=10)
            assert rest == page[10:20]
    assert await rows_read(db) - before < 1500


async def test_a_page_of_the_tasks_that_a_bound_token_sees_reads_few_of_others(db: Database) -> None:
    """Of those that it asked for and of those within its folder; some are among the company's newest, most are not."""
    await plant(db, A, texts(20))
    token, folder = "c" * 24, "a" * 23 + "0"
    async with db.transaction(A) as conn:
        await conn.execute(MANY_DOCUMENTS, {"company": A, "root": "a" * 23 + "1", "documents": 3000})
        await conn.execute(TASKS_OF_OTHERS_AND_OF_A_TOKEN, {"company": A, "folder": folder, "token": token})
        seen = await conn.values(
            "SELECT id FROM task WHERE company_id = %s AND (token_id = %s OR node_id NOT LIKE 'b%%')"
            " ORDER BY created_at DESC, id DESC",
            (A, token),
        )
    await take_statistics(db)
    bound = bounded(A, token_id=token, bound=True, reads=[folder], writes=[])
    ids, cursor = [], None
    for _ in range(3):
        found, cursor = await queued.page(
            db, company_id=bound, wanted=TaskQuery(None, None), cursor=cursor, limit=10
        )
        ids += [task.id for task in found]
    assert (ids, cursor) == (seen, None)
    for status, there in {None: len(seen), TaskStatus.PENDING: 0, TaskStatus.SUCCESS: len(seen)}.items():
        before = await rows_read(db)
        found, _ = await queued.page(
            db, company_id=bound, wanted=TaskQuery(status, None), cursor=None, limit=100
        )
        assert len(found) == there
        assert await rows_read(db) - before < 2000


async def test_what_a_deletion_would_take_is_counted_up_to_a_bound_or_all_of_it(db: Database) -> None:
    await plant(db, A, texts(20))
    many = "a" * 23 + "1"
    async with db.transaction(A) as conn:
        await conn.execute(MANY_DOCUMENTS, {"company": A, "root": many, "documents": 3000})
    await take_statistics(db)
    before = await rows_read(db)
    some = await browsing.taken(db, company_id=A, node_ids=[many], most=50)
    assert some.folders + some.documents == 51
    assert await rows_read(db) - before < 500
    assert (await browsing.taken(db, company_id=A, node_ids=[many, many], most=None)).documents == 3000


async def test_what_is_given_with_the_folder_above_it_is_counted_once(db: Database) -> None:
    await plant(db, A, [])
    folder, below = "c" * 24, [f"b{n:023}" for n in range(1, 41)]
    async with db.transaction(A) as conn:
        await conn.execute(MANY_DOCUMENTS, {"company": A, "root": folder, "documents": 60})
    some = await browsing.taken(db, company_id=A, node_ids=[*below, folder], most=50)
    assert some.folders + some.documents == 51
    every = await browsing.taken(db, company_id=A, node_ids=[*below, folder], most=None)
    assert (every.folders, every.documents, every.chunks) == (1, 60, 60)


async def test_what_is_below_a_folder_is_found_without_reading_what_comes_after_it(db: Database) -> None:
    await plant(db, A, texts(20))
    async with db.transaction(A) as conn:
        await conn.execute(MANY_DOCUMENTS, {"company": A, "root": "a" * 23 + "1", "documents": 3000})
    await take_statistics(db)
    folder = "a" * 23 + "0"
    before = await rows_read(db)
    found = await scope.subtrees(
        db,
        company_id=A,
        node_ids=[folder],
        assistant_id=None,
        metadata=[],
        languages=["en"],
        lexemes=["river"],
    )
    assert (found.paths, found.chunks) == ([f"{folder}/"], 20)
    async with db.transaction(A) as tx:
        assert await trash.kept_ingestions(tx, node_id=folder) == []
        assert await trash.unindex(tx, node_id=folder, after="", limit=10) is None
        await life.revive(tx, node_id=folder, deleted_with=folder)
    assert await rows_read(db) - before < 500


async def test_a_language_that_a_company_does_not_have_is_not_looked_for_in_all_of_its_documents(
    db: Database,
) -> None:
    await plant(db, A, texts(20))
    async with db.transaction(A) as conn:
        await conn.execute(MANY_DOCUMENTS, {"company": A, "root": "a" * 23 + "1", "documents": 3000})
    await take_statistics(db)
    before = await rows_read(db)
    found = await scope.subtrees(
        db,
        company_id=A,
        node_ids=["a" * 23 + "0"],
        assistant_id=None,
        metadata=[],
        languages=LANGUAGES,
        lexemes=["river"],
    )
    assert found.spoken == ["en"]
    assert await rows_read(db) - before < 200


MANY_DOCUMENTS = """
WITH root AS (
    INSERT INTO node (company_id, id, path, kind, state, position, title, collection)
    VALUES (%(company)s, %(root)s, %(root)s || '/', 'folder', 'live', 1, 'many', 'many')
), many AS (
    INSERT INTO node (company_id, id, parent_id, path, kind, state, position, title, artifact)
    SELECT %(company)s, id, %(root)s, %(root)s || '/' || id || '/', 'document', 'live', n, 'many', id
    FROM generate_series(1, %(documents)s) n, LATERAL (SELECT 'b' || lpad(n::text, 23, '0')) id (id)
    RETURNING id
)
INSERT INTO document (company_id, node_id, generation, metadata, input_hash, hash, file_type,
                      media_type, language, blob_key, bytes, characters, blocks, chunks)
SELECT %(company)s, id, 1, '{}', 'x', 'x', 'md', 'm', 'en', id, 1, 1, 1, 1 FROM many
"""


TASKS_OF_OTHERS_AND_OF_A_TOKEN = """
INSERT INTO task (company_id, id, kind, status, node_id, generation, created_at, finished_at, token_id)
SELECT company_id, gen_random_uuid(), 'ingest', 'success', id, 1,
       now() - CASE WHEN id LIKE 'b%%' OR position %% 4 = 0 THEN position ELSE 100000 + position END * '1 s'::interval,
       now(), CASE WHEN id LIKE 'b%%' AND position %% 300 = 0 THEN %(token)s END
FROM node WHERE company_id = %(company)s AND kind = 'document' AND (id LIKE 'b%%' OR parent_id = %(folder)s)
"""
"""A task for each document: those of others are between those of the folder, and some are the token's own."""


async def take_statistics(db: Database) -> None:
    """Let the planner know how small the tables are."""
    async with await psycopg.AsyncConnection.connect(db.conninfo, autocommit=True) as conn:
        await conn.execute("VACUUM (ANALYZE)")


async def read_whole(db: Database) -> dict[str, int]:
    """How often each table was read from its beginning to its end."""
    async with db.system() as conn:
        await conn.execute("SELECT pg_stat_force_next_flush()")
    async with db.system() as conn:
        await conn.execute("SELECT pg_stat_clear_snapshot()")
        cur = await conn.execute(
            "SELECT relname, seq_scan FROM pg_stat_user_tables WHERE relname = ANY (%s)", (TABLES,)
        )
        return {str(name): int(scans) for name, scans in await cur.fetchall()}


async def rows_read(db: Database) -> int:
    """How many rows of nodes and documents were read so far."""
    async with db.system() as conn:
        await conn.execute("SELECT pg_stat_force_next_flush()")
    async with db.system() as conn:
        await conn.execute("SELECT pg_stat_clear_snapshot()")
        cur = await conn.execute(
            "SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_user_tables WHERE relname IN ('node', 'document')"
        )
        row = await cur.fetchone()
    assert row is not None
    return int(row[0])
