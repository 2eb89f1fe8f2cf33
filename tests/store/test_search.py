"""The search's statements: both ways to find candidates, upkeep, and row-level security."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from lethe.adapters.embedders import Vectors
from lethe.core.context import Context
from lethe.core.limiter import Limiter
from lethe.core.search import upkeep
from lethe.core.search.pace import Pace
from lethe.core.search.query import MEANING_CHARACTERS, search_documents
from lethe.domain.errors import Unavailable
from lethe.domain.records.search import HybridWeights, Mode
from lethe.store.database.connections import Bounds
from lethe.store.database.pool import Database
from lethe.store.search import ranking, statement
from tests.store.planted import plant, texts, vectors

A, B = "a" * 24, "b" * 24
QUERY = "common river of gold"
WEIGHTS = HybridWeights(0.6, 0.4)


async def titles(
    db: Database,
    mode: Mode,
    query: str = QUERY,
    company: str = A,
    top_k: int = 10,
    weights: HybridWeights = WEIGHTS,
    at_once: int = 1,
    node_ids: list[str] | None = None,
) -> list[str]:
    """What is found, with the embedding of the query being that of the sixth document."""

    async def embed(_text: str) -> Vectors:
        return cast("Vectors", vectors(10, 1)[5])

    ctx = cast(
        "Context",
        SimpleNamespace(
            db=db,
            search_limiter=Limiter(at_once),
            pace=Pace(),
            embedding_limiter=Limiter(at_once),
            embed_query=embed,
            hybrid_weights=weights,
        ),
    )
    hits = await search_documents(
        ctx, company_id=company, query=query, mode=mode, top_k=top_k, node_ids=node_ids
    )
    return [hit.title for hit in hits]


def count_reads(db: Database) -> Callable[[], int]:
    """Count the statements that are read from now on."""
    read, asked = db.read, list[str]()

    async def counting(company: str, query: Any, params: Any, row: Any) -> Any:
        asked.append(query)
        return await read(company, query, params, row)

    db.read = counting  # type: ignore[assignment]  # for this test's own database
    return lambda: len(asked)


@pytest.fixture
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the indexes find the candidates however small the text is."""
    for module in (statement, upkeep):
        monkeypatch.setattr(module, "SMALL_FOR_WORDS", 0)
        monkeypatch.setattr(module, "SMALL_FOR_VECTORS", 0)
    monkeypatch.setattr("lethe.core.search.candidates.FIRST_CHUNKS", 10)


async def test_a_search_whose_turn_does_not_come_is_put_off(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await plant(db, A, texts(10))
    monkeypatch.setattr("lethe.core.limiter.PATIENCE_SECONDS", 0.05)
    with pytest.raises(Unavailable, match="waiting: try again") as refused:
        await titles(db, Mode.FULL, at_once=0)
    assert refused.value.retry_after > 0
    both = await asyncio.gather(titles(db, Mode.FULL), titles(db, Mode.VECTOR))
    assert all(both)


async def test_candidates_from_the_indexes_give_the_order_that_reading_all_gives(
    db: Database, request: pytest.FixtureRequest
) -> None:
    await plant(db, A, texts(300))
    exact = {mode: await titles(db, mode) for mode in Mode}
    assert len(exact[Mode.FULL]) == len(exact[Mode.VECTOR]) == 10
    request.getfixturevalue("everything_is_large")
    assert not await upkeep.keep_up(db, company_id=A)
    async with db.transaction(A) as conn:
        cur = await conn.execute("SELECT chunks FROM lexstat WHERE lexeme = 'common'")
        assert await cur.fetchone() == (300,)
        cur = await conn.execute("SELECT count(*) FROM chunk_vec WHERE NOT settled")
        assert await cur.fetchone() == (0,)
    for mode in Mode:
        assert await titles(db, mode) == exact[mode], mode


async def test_a_hybrid_search_weighs_as_it_is_told(db: Database) -> None:
    await plant(db, A, texts(60))
    by_words, by_meaning = [(await titles(db, mode))[0] for mode in (Mode.FULL, Mode.VECTOR)]
    assert by_words != by_meaning
    assert (await titles(db, Mode.HYBRID, weights=HybridWeights(0, 1)))[0] == by_words
    assert (await titles(db, Mode.HYBRID, weights=HybridWeights(1, 0)))[0] == by_meaning


@pytest.mark.usefixtures("everything_is_large")
async def test_what_is_not_counted_or_settled_yet_is_found(db: Database) -> None:
    await plant(db, A, texts(100))
    for mode in Mode:
        assert texts(6)[5] in await titles(db, mode, query="word5")
    await upkeep.keep_up(db, company_id=A)
    async with db.transaction(A) as conn:
        await conn.execute("UPDATE chunk_vec SET settled = false WHERE node_id = %s", (f"a{5:023x}",))
    for mode in Mode:
        assert (await titles(db, mode, query="word5"))[0] == texts(6)[5]


@pytest.mark.parametrize("within", [False, True])
@pytest.mark.parametrize("large", [False, True])
async def test_a_deleted_document_takes_no_place_among_the_best(
    db: Database, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, large: bool, within: bool
) -> None:
    if large:
        request.getfixturevalue("everything_is_large")
        # So few that deleted documents would fill it, and with no more found reading all is not tried next.
        monkeypatch.setattr(ranking, "NEAREST_INDEXED", 6)
    await plant(db, A, texts(100))
    await upkeep.keep_up(db, company_id=A)
    async with db.transaction(A) as conn:
        await conn.execute(
            "UPDATE node SET state = 'deleted', deleted_at = now(), purge_at = now()"
            " WHERE position < 95 AND position <> 5 AND kind = 'document'"
        )
    left, below = {texts(6)[5], *texts(100)[95:]}, ["a" * 23 + "0"] if within else None
    for mode in Mode:
        assert set(await titles(db, mode, top_k=6, node_ids=below)) == left, mode
    async with db.transaction(A) as conn:
        first, last = f"a{6:023x}", f"a{60:023x}"
        await conn.execute(
            "UPDATE chunk_vec SET settled = false WHERE node_id BETWEEN %s AND %s", (first, last)
        )
    assert set(await titles(db, Mode.VECTOR, top_k=6, node_ids=below)) == left


@pytest.mark.usefixtures("everything_is_large")
@pytest.mark.parametrize("mode", [Mode.VECTOR, Mode.HYBRID])
async def test_nearer_vectors_of_others_hide_nothing(db: Database, mode: Mode) -> None:
    await plant(db, A, texts(300))
    await plant(db, B, texts(600))
    alone = await titles(db, mode)
    async with db.transaction(B) as conn:
        await conn.execute("UPDATE chunk_vec SET embedding = %s::halfvec", (str(vectors(10, 1)[5].tolist()),))
    for company in (A, B):
        async with db.transaction(company) as conn:
            await conn.execute("UPDATE chunk_vec SET settled = true")
    by_index = f"{db.conninfo} options='-c enable_sort=off -c enable_bitmapscan=off'"
    crowded = Database(by_index, max_size=1, bounds=Bounds(vector_scan=1))
    await crowded.open()
    try:
        asked = count_reads(crowded)
        assert await titles(crowded, mode) == alone
        assert asked() == 3
    finally:
        await crowded.close()


async def test_counts_are_dropped_when_the_text_is_small_again(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await plant(db, A, texts(20))
    monkeypatch.setattr(upkeep, "SMALL_FOR_WORDS", 0)
    await upkeep.keep_up(db, company_id=A)
    monkeypatch.setattr(upkeep, "SMALL_FOR_WORDS", 100)
    await upkeep.keep_up(db, company_id=A)
    async with db.transaction(A) as conn:
        for table in ("lexstat", "lexstat_total"):
            cur = await conn.execute(f"SELECT count(*) FROM {table}".encode())
            assert await cur.fetchone() == (0,)


@pytest.mark.parametrize("large", [False, True])
async def test_a_search_that_forgets_its_company_finds_nothing_foreign(
    db: Database, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, large: bool
) -> None:
    if large:
        request.getfixturevalue("everything_is_large")
    await plant(db, A, texts(30))
    await plant(db, B, [f"{text} foreign" for text in texts(30)])
    read = db.read

    async def blind(company: str, query: str, params: Any, row: Any) -> Any:
        for table in ("n", "c", "d", "v", "t", "root"):
            query = query.replace(f"{table}.company_id = %(company_id)s", "true")
        query = query.replace("WHERE company_id = %(company_id)s", "WHERE true")
        assert "company_id = %(company_id)s" not in query
        return await read(company, query, params, row)

    own = {mode: await titles(db, mode, query="foreign common river", top_k=25) for mode in Mode}
    monkeypatch.setattr(db, "read", blind)
    for mode in Mode:
        assert await titles(db, mode, query="foreign common river", top_k=25) == own[mode]


async def test_a_search_takes_two_statements_whatever_there_is(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await plant(db, A, texts(60))
    read, count = db.read, 0

    async def counted(company: str, query: str, params: Any, row: Any) -> Any:
        nonlocal count
        count += 1
        return await read(company, query, params, row)

    monkeypatch.setattr(db, "read", counted)
    for number, mode in enumerate(Mode, start=1):
        await titles(db, mode)
        assert count == 2 * number


async def test_a_search_by_words_uses_the_index_in_a_large_text(db: Database) -> None:
    await plant(db, A, texts(1))
    async with db.transaction(A) as conn:
        await conn.execute(
            "INSERT INTO chunk_lex SELECT %s, %s, n, 1, ('word' || n)::tsvector FROM generate_series(1, 5000) n",
            (A, f"a{0:023x}"),
        )
        await conn.execute("ANALYZE chunk_lex")
        step = ranking.matched([1], read_all=False)
        cur = await conn.execute(
            f"EXPLAIN WITH {step} SELECT * FROM matched".encode(),
            {
                "company_id": A, "paths": None, "documents": None, "average": 80.0, "weights": [5.0], "most": 5.0,
                "first": "'word7'", "enough": 10, "levels": [0.0], "queries": ["'word9'"], "lexeme_1_0": "'word7'",
            },
        )  # fmt: skip
        plan = "\n".join(str(r[0]) for r in await cur.fetchall())
    assert plan.count("Bitmap Index Scan on chunk_lex_words") == 2


async def test_a_burst_of_one_company_lets_anothers_search_go_before_it_embedding_included(
    db: Database,
) -> None:
    await plant(db, A, texts(10))
    await plant(db, B, texts(10))
    embedded: list[str] = []

    async def embed(text: str) -> Vectors:
        embedded.append(text)
        await asyncio.sleep(0)
        return cast("Vectors", vectors(10, 1)[5])

    ctx = cast(
        "Context",
        SimpleNamespace(
            db=db,
            search_limiter=Limiter(1),
            pace=Pace(),
            embedding_limiter=Limiter(1),
            embed_query=embed,
            hybrid_weights=WEIGHTS,
        ),
    )
    asked = [(A, f"{n} " + "x" * 20_000) for n in range(6)] + [(B, "mine")]
    searches = [
        search_documents(ctx, company_id=company, query=query, mode=Mode.VECTOR, top_k=1, node_ids=None)
        for company, query in asked
    ]
    assert all(await asyncio.gather(*searches))
    assert [text[:4].strip() for text in embedded[:2]] == ["0 xx", "mine"]
    assert {len(text) for text in embedded} == {MEANING_CHARACTERS, len("mine")}
