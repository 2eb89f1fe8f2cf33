"""How often a request waits for the database, counted on the wire. The token costs one round trip of each."""

import re
import tempfile
from collections.abc import Awaitable, Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import cast

import psycopg
import pytest
from psycopg.pq import Trace

from lethe.adapters.embedders import Vectors
from lethe.core.access import callers, tokens
from lethe.core.content.listing import list_documents
from lethe.core.context import Context
from lethe.core.deletion import by_filter
from lethe.core.deletion.by_filter import DeletionMode
from lethe.core.limiter import Limiter
from lethe.core.search.pace import Pace
from lethe.core.search.query import search_documents
from lethe.core.tree import nodes, trash
from lethe.domain.errors import NotFound
from lethe.domain.limits import Limits
from lethe.domain.records.queries import DocumentFilter
from lethe.domain.records.search import HybridWeights, Mode
from lethe.store.database.pool import Database
from lethe.store.queue.jobs import Jobs
from lethe.store.queue.signals import Signals
from tests.store.planted import plant, texts, vectors

A = "a" * 24
ENDS = {"Flush", "Sync"}
"""Messages of the protocol that make the server answer all that was sent before them; a Query is answered at once."""
DOCUMENT, ROOT = f"a{1:023x}", "a" * 23 + "0"


@pytest.fixture
async def ctx(db: Database) -> Context:
    """A context with a company that has some documents."""
    await plant(db, A, texts(60))
    jobs = Jobs(db, Signals(db.conninfo))
    await jobs.open()

    async def embed(_text: str) -> Vectors:
        return cast("Vectors", vectors(10, 1)[5])

    return cast(
        "Context",
        SimpleNamespace(
            search_limiter=Limiter(1),
            pace=Pace(),
            embedding_limiter=Limiter(1),
            db=db,
            jobs=jobs,
            embed_query=embed,
            hybrid_weights=HybridWeights(0.6, 0.4),
            retention_days=30,
            limits=Limits(),
        ),
    )


async def round_trips(db: Database, call: Callable[[], Awaitable[object]], *, admission: bool = False) -> int:
    """How often the call sends something and waits for the answer, on a connection that is open already."""
    pool = db.admission if admission else db.pool
    async with db.session(admission=admission):
        pass
    async with db.transaction(A):
        pass
    with tempfile.TemporaryFile("w+") as trace:
        async with pool.connection() as conn:
            conn.pgconn.trace(trace.fileno())
            conn.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
        await call()
        async with pool.connection() as conn:
            conn.pgconn.untrace()
        assert pool.get_stats()["pool_size"] == 1
        trace.seek(0)
        sent = re.findall(r"^F\t\d+\t(\w+)", trace.read(), re.MULTILINE)
    return sum(
        now == "Query" or (now in ENDS and before not in ENDS) for before, now in pairwise(["", *sent])
    )


async def test_a_token_is_found_and_counted_in_one_round_trip(ctx: Context) -> None:
    made = await tokens.create_token(ctx.db, company="c", name="t", scopes=("knowledge:read",))
    asked = made.secret
    assert await round_trips(ctx.db, lambda: callers.authenticate(ctx.db, asked), admission=True) == 1


@pytest.mark.parametrize("parent_id", [None, ROOT])
async def test_the_tree_takes_one_round_trip(ctx: Context, parent_id: str | None) -> None:
    async def show() -> None:
        assert await nodes.show_tree(ctx, company_id=A, parent_id=parent_id, depth=None)

    assert await round_trips(ctx.db, show) == 1


async def test_a_list_takes_one_round_trip(ctx: Context) -> None:
    async def show() -> None:
        runs = list_documents(ctx, company_id=A, collection="c", limit=10, cursor=None)
        assert [len(run) async for run, _ in runs] == [10]

    assert await round_trips(ctx.db, show) == 1


@pytest.mark.parametrize("node_ids", [None, [ROOT]])
@pytest.mark.parametrize("explained", [False, True])
async def test_a_search_takes_two_round_trips(
    ctx: Context, node_ids: list[str] | None, explained: bool
) -> None:
    for mode in Mode:

        async def search(mode: Mode = mode) -> None:
            assert await search_documents(
                ctx,
                company_id=A,
                query="river",
                mode=mode,
                top_k=5,
                node_ids=node_ids,
                explained=explained,
            )

        assert await round_trips(ctx.db, search) == 2


@pytest.mark.parametrize("node_id", [DOCUMENT, ROOT])
async def test_a_delete_takes_three_round_trips(ctx: Context, node_id: str) -> None:
    async def delete() -> None:
        await trash.delete(ctx, company_id=A, node_id=node_id, by="me")

    assert await round_trips(ctx.db, delete) == 3
    with pytest.raises(NotFound):
        await delete()


async def test_failed_attempts_that_there_are_not_cost_a_deletion_of_a_collection_one_round_trip(
    ctx: Context,
) -> None:
    taken = []
    for node_ids in ([ROOT], None):  # only of a whole collection attempts are looked for
        wanted = DocumentFilter("another", node_ids, ())

        async def delete(wanted: DocumentFilter = wanted) -> None:
            await by_filter.request(ctx, wanted, company_id=A, mode=DeletionMode.ERASE, by="me")

        taken.append(await round_trips(ctx.db, delete))
    assert taken[1] - taken[0] == 1


async def test_connections_that_died_while_idle_are_passed_over(ctx: Context) -> None:
    async with await psycopg.AsyncConnection.connect(ctx.db.conninfo, autocommit=True) as other:
        await other.execute(
            "SELECT pg_terminate_backend(pid, 180000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'lethe'"
        )
    await trash.delete(ctx, company_id=A, node_id=DOCUMENT, by="me")
