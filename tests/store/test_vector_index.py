"""The vector index is built anew when too much of what it holds is gone."""

import asyncio
from types import SimpleNamespace
from typing import cast

import psycopg
import pytest

from lethe.adapters.embedders import Vectors
from lethe.core.context import Context
from lethe.core.limiter import Limiter
from lethe.core.search import upkeep
from lethe.core.search.pace import Pace
from lethe.core.search.query import search_documents
from lethe.domain.errors import Unavailable
from lethe.domain.records.search import HybridWeights, Mode
from lethe.store.database.pool import Database
from lethe.store.installation import record_embedder
from lethe.store.postgres import indexes
from lethe.store.search import statement, vector_index
from tests.store.beside import beside
from tests.store.planted import DIMENSION, plant, texts, vectors

A = "a" * 24


@pytest.fixture
async def library(db: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A company of 300 documents in the vector index, with thresholds for as few."""
    for module in (statement, upkeep):
        monkeypatch.setattr(module, "SMALL_FOR_VECTORS", 0)
    monkeypatch.setattr(upkeep, "FEWEST_GONE", 30)
    await plant(db, A, texts(300))
    async with db.transaction(A) as conn:
        await conn.execute("UPDATE chunk_vec SET settled = true")
    async with db.session() as conn:
        await conn.execute("ANALYZE chunk_vec")
    return db


async def delete(db: Database, first: int, last: int) -> None:
    """Delete these documents with their embeddings, and let PostgreSQL count that."""
    gone = [f"a{n:023x}" for n in range(first, last)]
    async with db.transaction(A) as conn:
        await conn.execute("DELETE FROM chunk_vec WHERE node_id = ANY (%s)", (gone,))
        await conn.execute(
            "UPDATE node SET state = 'deleted', deleted_at = now(), purge_at = now() WHERE id = ANY (%s)",
            (gone,),
        )
        await conn.execute("SELECT pg_stat_force_next_flush()")


async def file_of_the_index(db: Database) -> int:
    """The number of its file, which a rebuild changes."""
    async with db.session() as conn:
        cur = await conn.execute("SELECT pg_relation_filenode('chunk_vec_nearest')")
        row = await cur.fetchone()
    assert row is not None
    return int(row[0])


async def invalid(db: Database) -> int:
    """How many indexes are there that no search uses."""
    async with db.session() as conn:
        cur = await conn.execute("SELECT count(*) FROM pg_index WHERE NOT indisvalid")
        row = await cur.fetchone()
    assert row is not None
    return int(row[0])


async def found(db: Database) -> list[str]:
    """The titles of the ten nearest."""

    async def embed(_text: str) -> Vectors:
        return cast("Vectors", vectors(300, 1)[299])

    ctx = cast(
        "Context",
        SimpleNamespace(
            db=db,
            search_limiter=Limiter(1),
            pace=Pace(),
            embedding_limiter=Limiter(1),
            embed_query=embed,
            hybrid_weights=HybridWeights(0.6, 0.4),
        ),
    )
    hits = await search_documents(ctx, company_id=A, query="x", mode=Mode.VECTOR, top_k=10, node_ids=None)
    return [hit.title for hit in hits]


async def start(db: Database) -> None:
    """What a worker does at its start; it waits for nobody."""
    async with db.system() as starting:
        await starting.execute("SET LOCAL lock_timeout = '1s'")
        await record_embedder(starting, model="random", dimension=DIMENSION)


async def test_it_is_built_anew_when_too_much_is_gone_and_everything_is_found(library: Database) -> None:
    first = await file_of_the_index(library)
    await delete(library, 0, 29)
    assert not await upkeep.rebuild_vector_index(library)
    await delete(library, 29, 60)
    before = await found(library)
    assert await upkeep.rebuild_vector_index(library)
    assert await file_of_the_index(library) != first
    assert await found(library) == before
    assert len(before) == 10
    assert await invalid(library) == 0
    assert not await upkeep.rebuild_vector_index(library)
    async with library.session() as conn:
        assert await vector_index.state(conn) == vector_index.IndexState(rows=240, gone=0, deletions=60)
    await delete(library, 60, 100)
    before = await found(library)
    assert await upkeep.rebuild_vector_index(library)
    assert await found(library) == before


async def test_what_is_in_no_vector_index_does_not_count(library: Database) -> None:
    async with library.transaction(A) as conn:
        await conn.execute("UPDATE chunk_vec SET settled = false WHERE node_id < %s", (f"a{270:023x}",))
    async with library.session() as conn:
        await conn.execute("VACUUM (ANALYZE) chunk_vec")
    await delete(library, 0, 200)
    assert not await upkeep.rebuild_vector_index(library)


async def test_counts_that_a_crash_has_lost_begin_anew(library: Database) -> None:
    async with library.system() as conn:
        await conn.execute("INSERT INTO installation VALUES ('vector index deletions', '1000000')")
    await delete(library, 0, 60)
    assert await upkeep.rebuild_vector_index(library)


async def test_one_worker_at_a_time(library: Database) -> None:
    await delete(library, 0, 60)
    async with library.session() as conn, indexes.alone(conn, seconds=0) as ours:
        assert ours
        assert not await beside(upkeep.rebuild_vector_index(library))
    assert await upkeep.rebuild_vector_index(library)


async def test_what_a_killed_rebuild_leaves_is_dropped(library: Database) -> None:
    await delete(library, 0, 60)
    killed = "REINDEX INDEX CONCURRENTLY chunk_vec_nearest"
    async with (
        await psycopg.AsyncConnection.connect(library.conninfo, autocommit=True) as other,
        library.transaction(A) as writer,  # for whose end the rebuild waits
    ):
        await writer.execute("UPDATE chunk_vec SET position = position WHERE node_id > %s", (A,))
        rebuilding = beside(upkeep.rebuild_vector_index(library))
        while not await beside(invalid(library)):  # noqa: ASYNC110 PostgreSQL tells nobody of it
            await asyncio.sleep(0.01)
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = %s", (killed,)
        )
        with pytest.raises(Unavailable):
            await rebuilding
    assert await invalid(library) == 1
    assert await upkeep.rebuild_vector_index(library)
    assert await invalid(library) == 0


async def test_a_worker_that_starts_does_not_wait_for_a_rebuild(library: Database) -> None:
    async with library.system() as rebuilding:
        await rebuilding.execute("LOCK TABLE chunk_vec IN SHARE UPDATE EXCLUSIVE MODE")
        await beside(start(library))


async def test_what_is_missing_is_noted_at_a_start_and_made_beside_those_who_write(library: Database) -> None:
    """Not made there: whoever deletes would wait for it, and so long a start would be cut off."""
    before = await found(library)
    async with library.session() as conn:
        await conn.execute("DROP INDEX chunk_vec_nearest")
    async with library.transaction(A) as writing:
        await writing.execute("UPDATE chunk_vec SET position = position WHERE node_id > %s", (A,))
        await beside(start(library))
        assert await beside(found(library)) == before
        making = beside(indexes.mend(library))
        while not await beside(invalid(library)):  # noqa: ASYNC110 as above
            await asyncio.sleep(0.01)
        await beside(delete(library, 299, 300))
    assert await making == [vector_index.NAME]
    assert (await found(library))[:9] == before[1:]
    assert await indexes.mend(library) == []
