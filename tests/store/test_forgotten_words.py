"""The counts of a large text's words name no word that is in no chunk any more."""

import asyncio

import psycopg
import pytest

from lethe.core.search import upkeep
from lethe.store.database.pool import Database
from lethe.store.erasure import contents
from lethe.store.search import upkeep as search_upkeep
from lethe.store.tree import trash
from tests.store.planted import plant
from tests.waiting import PATIENCE_SECONDS

A = "a" * 24


def node(number: int) -> str:
    return f"a{number:023x}"


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "SMALL_FOR_WORDS", 0)


@pytest.fixture
async def counted(db: Database) -> Database:
    """A company whose words are counted: `rare` is in the first two chunks, `shared` in the first four."""
    texts = ["common rare shared", "common rare shared", "common shared", "common shared", *["common"] * 40]
    await plant(db, A, texts)
    await upkeep.keep_up(db, company_id=A)
    assert await words(db) == {"common": 44, "rare": 2, "share": 4}
    return db


async def words(db: Database) -> dict[str, int]:
    async with db.transaction(A) as conn:
        cur = await conn.execute("SELECT lexeme, chunks FROM lexstat")
        return dict(await cur.fetchall())


async def waiting(db: Database) -> int:
    """Removals whose words nobody has looked at."""
    async with db.transaction(A) as conn:
        ((count,),) = await (await conn.execute("SELECT count(*) FROM lexstat_removed")).fetchall()
        return int(count)


async def remove(db: Database, *numbers: int) -> int:
    """Erase documents; how many words their erasure has counted."""
    ids = [node(n) for n in numbers]
    async with db.transaction(A) as conn:
        await conn.execute(
            "INSERT INTO erasure (company_id, id, subject_kind, subject_id, subject_name, requested_by)"
            " VALUES (%s, gen_random_uuid(), 'document', %s, 'x', 'x')",
            (A, ids[0]),
        )
        await conn.execute(
            "UPDATE node SET state = 'deleted', deleted_at = now(), purge_at = now(),"
            " erasure_id = (SELECT id FROM erasure WHERE subject_id = %s) WHERE id = ANY (%s)",
            (ids[0], ids),
        )
        await contents.remove_documents(conn, node_ids=ids)
        cur = await conn.execute("SELECT words FROM erasure WHERE subject_id = %s", (ids[0],))
        ((count,),) = await cur.fetchall()
        return int(count)


async def test_a_word_goes_with_the_last_document_that_holds_it(counted: Database) -> None:
    assert await remove(counted, 0) == 0
    assert await words(counted) == {"common": 44, "rare": 2, "share": 4}
    assert await remove(counted, 1) == 1
    assert await words(counted) == {"common": 44, "share": 4}
    assert await remove(counted, 2, 3) == 1
    assert await words(counted) == {"common": 44}
    assert await waiting(counted) == 0


async def test_the_trash_takes_words_out(counted: Database) -> None:
    async with counted.transaction(A) as conn:
        await trash.take_out(conn, node_ids=[node(0), node(1)])
    assert "rare" not in await words(counted)


async def test_words_of_a_replaced_text_go_in_the_next_round(counted: Database) -> None:
    async with counted.transaction(A) as conn:
        for number in (0, 1):
            await contents.remove_content(conn, node_ids=[node(number)])
        await conn.execute("UPDATE chunk_lex SET tsv = 'other' WHERE node_id IN (%s, %s)", (node(2), node(3)))
    assert await waiting(counted) == 3
    await upkeep.keep_up(counted, company_id=A)
    assert await words(counted) == {"common": 44}


async def test_a_small_text_notes_nothing(db: Database) -> None:
    await plant(db, A, ["rare", "rare"])
    await remove(db, 0)
    assert await waiting(db) == 0


async def test_two_removals_at_once_leave_nothing_behind(counted: Database) -> None:
    assert sum(await asyncio.gather(remove(counted, 0), remove(counted, 1))) == 1
    assert "rare" not in await words(counted)


async def somebody_waits(db: Database) -> bool:
    """Whether a statement waits for a lock."""
    async with db.session() as conn:
        waiting = (
            "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return (await conn.execute(waiting)).rowcount > 0


@pytest.mark.parametrize("first", [True, False])
async def test_a_count_that_runs_meanwhile_brings_no_word_back(counted: Database, first: bool) -> None:
    """The count is held up at its end, by a lock on the row that it takes there, and documents are erased meanwhile."""
    if first:
        async with counted.transaction(A) as conn:
            await conn.execute("DELETE FROM lexstat")
    counting = asyncio.Event()

    async def count() -> None:
        async with counted.transaction(A) as conn:
            counting.set()
            await search_upkeep.count_lexemes(conn)

    async with await psycopg.AsyncConnection.connect(counted.conninfo) as other:
        await other.execute("SELECT set_config('lethe.company', %s, true)", (A,))
        await other.execute("SELECT FROM lexstat_total WHERE company_id = %s FOR UPDATE", (A,))
        task = asyncio.create_task(count())
        await counting.wait()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await somebody_waits(counted):  # noqa: ASYNC110 PostgreSQL tells nobody of it
                await asyncio.sleep(0.02)
        await other.execute("DELETE FROM chunk_lex WHERE node_id IN (%s, %s)", (node(0), node(1)))
        await other.execute("SELECT forget_words(%s)", (A,))
        await other.commit()
        await task
    assert "rare" not in await words(counted)
    assert (await words(counted))["common"] in (42, 44)


async def test_a_first_count_waits_for_removals_that_note_nothing(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await plant(db, A, ["common rare", "common rare", *["common"] * 20])
    async with await psycopg.AsyncConnection.connect(db.conninfo) as other:
        await other.execute("SELECT set_config('lethe.company', %s, true)", (A,))
        await other.execute("DELETE FROM chunk_lex WHERE node_id IN (%s, %s)", (node(0), node(1)))
        await upkeep.keep_up(db, company_id=A)
        assert await words(db) == {}
        await other.commit()
    await upkeep.keep_up(db, company_id=A)
    assert await words(db) == {"common": 20}
