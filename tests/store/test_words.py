"""Words that were made by older rules are made anew from the stored text."""

import pytest

from lethe.core.search import renewal, upkeep
from lethe.domain.records.search import Mode
from lethe.store.database.pool import Database
from tests.store.planted import plant
from tests.store.test_search import A, titles

TEXTS = [
    "Bicycles",
    "The office of the board is in the hall, and it is closed.",
    "Cancelaciones y reembolsos",
]
OLD = (
    "UPDATE chunk_lex SET tsv = '''old'':1', length = 1;"
    " UPDATE document SET words_outdated = true, language = 'simple'"
)


@pytest.fixture
async def old(db: Database) -> Database:
    """A company whose documents have words by other rules."""
    await plant(db, A, TEXTS)
    async with db.transaction(A) as conn:
        await conn.execute(OLD)
        await conn.execute(
            "INSERT INTO document_part SELECT company_id, node_id, 0, 0, text, '[]' FROM chunk_text"
        )
    return db


async def test_renewed_words_are_those_of_today_and_the_language_too(old: Database) -> None:
    assert await titles(old, Mode.FULL, query="bicycle") == []
    assert await renewal.renew(old, company_id=A)
    assert not await renewal.renew(old, company_id=A)
    for query, text in zip(("bicycle", "offices", "cancelación"), TEXTS, strict=True):
        assert (await titles(old, Mode.FULL, query=query)) == [text]
    async with old.transaction(A) as conn:
        cur = await conn.execute("SELECT language FROM document ORDER BY node_id")
        assert [row[0] for row in await cur.fetchall()] == ["unknown", "en", "unknown"]


async def test_a_company_in_which_nothing_has_changed_is_left_out_of_most_rounds(old: Database) -> None:
    assert not await upkeep.keep_all_up(old, changed_seconds=600)
    async with old.transaction(A) as conn:
        await conn.execute(
            "INSERT INTO task (company_id, id, kind, status, finished_at)"
            " VALUES (%s, gen_random_uuid(), 'ingest', 'success', now() - interval '1 hour')",
            (A,),
        )
    assert not await upkeep.keep_all_up(old, changed_seconds=600)
    assert await upkeep.keep_all_up(old, changed_seconds=7200)
    assert not await upkeep.keep_all_up(old)


async def test_a_large_document_is_renewed_in_steps_and_counts_when_all_is_done(
    old: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    node_id = f"a{0:023x}"
    async with old.transaction(A) as conn:
        for table, columns in (
            ("chunk_text", "start, stop, tokens, headings, text"),
            ("chunk_lex", "length, tsv"),
        ):
            await conn.execute(
                f"INSERT INTO {table} SELECT company_id, node_id, n, {columns} FROM {table},"
                " generate_series(1, 4) n WHERE node_id = %s".encode(),
                (node_id,),
            )
    monkeypatch.setattr(renewal, "CHUNKS_AT_ONCE", 2)
    monkeypatch.setattr(renewal, "DOCUMENTS_IN_A_ROUND", 1)
    assert await renewal.renew(old, company_id=A)
    async with old.transaction(A) as conn:
        cur = await conn.execute(
            "SELECT count(*) FILTER (WHERE tsv @@ '''~bicycl'''), count(*) FROM chunk_lex WHERE node_id = %s",
            (node_id,),
        )
        assert await cur.fetchone() == (5, 5)
        cur = await conn.execute("SELECT node_id FROM document WHERE NOT words_outdated")
        assert await cur.fetchall() == [(node_id,)]


async def test_what_is_deleted_is_not_renewed(old: Database) -> None:
    async with old.transaction(A) as conn:
        await conn.execute(
            "UPDATE node SET state = 'deleted', deleted_at = now(), purge_at = now() WHERE kind = 'document'"
        )
    assert not await renewal.renew(old, company_id=A)
