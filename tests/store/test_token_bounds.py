"""Row-level security keeps a token within its bounds, whatever a statement says or forgets."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from lethe.core.access import bound_folders, callers, tokens
from lethe.core.changes import following
from lethe.core.context import Context
from lethe.core.ingestion import batch
from lethe.core.ingestion.submit import Request, submit
from lethe.core.queue import callbacks
from lethe.core.tree import nodes
from lethe.core.tree.nodes import Change
from lethe.domain.errors import BeyondBounds, InvalidRequest, NotFound, Unavailable
from lethe.domain.records.bounds import bounded, roots_of, whole
from lethe.domain.records.tasks import Callback, TaskKind, TaskStatus
from lethe.store.database.pool import Database
from lethe.store.queue import outbox, tasks
from lethe.store.search import scope
from lethe.store.webhooks import sending
from lethe.text.languages import LANGUAGES
from tests.store.beside import beside
from tests.store.conftest import COMPANY
from tests.store.planted import plant
from tests.waiting import PATIENCE_SECONDS

A, TOKEN = "a" * 24, "c" * 24
ROOT = "a" * 23 + "0"
INSIDE, OUTSIDE = "e" * 24, "f" * 24
FORGETFUL = {
    "SELECT id FROM node": {INSIDE},
    "SELECT id FROM live_node": {INSIDE},
    "SELECT node_id FROM live_document": set[str](),
    "SELECT node_id FROM task": {INSIDE},
    "SELECT id FROM assistant": set[str](),
    "SELECT subject_id FROM receipt": set[str](),
    "UPDATE node SET title = title RETURNING id": {INSIDE},
    "DELETE FROM node RETURNING id": {INSIDE},
}
"""Statements that say nothing of a company or of bounds, and what they reach for a token that is bound to a folder."""


def bound_to(*reads: str, writes: tuple[str, ...] = (), company: str = A) -> str:
    """The company for a token with these bounds."""
    return bounded(company, token_id=TOKEN, bound=True, reads=reads, writes=writes)


async def folders(db: Database) -> None:
    """Two folders in the company's collection, beside its documents, and a task, assistant and receipt each."""
    async with db.transaction(A) as tx:
        for id in (INSIDE, OUTSIDE):
            await tx.execute(
                "INSERT INTO node (company_id, id, parent_id, path, kind, state, position, title)"
                " VALUES (%s, %s, %s, %s, 'folder', 'live', 0, 'f')",
                (A, id, ROOT, f"{ROOT}/{id}/"),
            )
            await tx.execute(
                "INSERT INTO task (company_id, id, kind, status, node_id)"
                " VALUES (%s, gen_random_uuid(), 'ingest', 'pending', %s)",
                (A, id),
            )
            await tx.execute("INSERT INTO assistant (company_id, id, name) VALUES (%s, %s, 'x')", (A, id))
        await tx.execute(
            "INSERT INTO receipt (company_id, seq, id, subject_id, erased_at, hash, body)"
            " VALUES (%s, 1, gen_random_uuid(), %s, now(), 'x', '{}')",
            (A, OUTSIDE),
        )


@pytest.mark.parametrize("statement", FORGETFUL)
async def test_a_statement_that_forgets_the_bounds_reaches_nothing_beyond_them(
    db: Database, statement: str
) -> None:
    await plant(db, A, ["some text"])
    await folders(db)
    # It may write in the whole collection here: reading and writing are told apart below.
    async with db.transaction(bound_to(INSIDE, writes=(ROOT,))) as tx:
        assert set(await tx.values(statement.encode())) == FORGETFUL[statement]
    async with db.transaction(bound_to()) as tx:  # its folders were erased
        assert await tx.values(statement.encode()) == []


async def test_a_change_beyond_the_bounds_is_refused_by_the_database(db: Database) -> None:
    await plant(db, A, [])
    await folders(db)
    child = "d" * 24
    insert = (
        "INSERT INTO node (company_id, id, parent_id, path, kind, state, position, title)"
        f" VALUES ('{A}', '{child}', '{{0}}', '{ROOT}/{{0}}/{child}/', 'folder', 'live', 0, 'f')"
    )
    bound = bound_to(INSIDE, writes=(INSIDE,))
    for company, statement in [
        (bound, insert.format(OUTSIDE)),
        (bound, f"UPDATE node SET title = 'x' WHERE id = '{INSIDE}'"),
        (bound_to(INSIDE), insert.format(INSIDE)),
    ]:
        with pytest.raises(BeyondBounds):
            async with db.transaction(company) as tx:
                await tx.execute(statement.encode())
    async with db.transaction(bound) as tx:
        await tx.execute(insert.format(INSIDE).encode())
    with pytest.raises(BeyondBounds):
        async with db.transaction(bound) as tx:
            await tx.execute("UPDATE node SET path = %s WHERE id = %s", (f"{ROOT}/{OUTSIDE}/{child}/", child))


async def test_the_bounds_end_with_their_transaction_and_can_be_lifted_within_it(db: Database) -> None:
    await plant(db, A, ["some text"])
    await folders(db)
    bound = bound_to(INSIDE)
    async with db.transaction(bound) as tx:
        assert await tx.value("SELECT count(*) FROM node") == 1
        await tx.lift_bounds()
        assert await tx.value("SELECT count(*) FROM node") == 4
        assert await tx.value("SELECT acting_token()") == TOKEN
    async with db.pipelined(bound) as tx:
        assert await tx.value("SELECT count(*) FROM node") == 1
    async with db.snapshot(bound) as tx:
        assert await tx.value("SELECT count(*) FROM node") == 1
    for company in (A, whole(bound)):
        async with db.transaction(company) as tx:
            assert await tx.value("SELECT count(*) FROM node") == 4
            assert await tx.value("SELECT acting_token()") is None
    assert (roots_of(bound), roots_of(whole(bound))) == ((INSIDE,), None)


async def test_a_task_says_which_bound_token_asked_and_is_its_own(db: Database, ctx: Context) -> None:
    own, other = uuid4(), uuid4()
    for id, company in ((own, bound_to()), (other, COMPANY)):
        async with db.transaction(company) as tx:
            await tasks.insert(tx, id=id, kind=TaskKind.DELETE, node_id=None, generation=None, callback=None)
    for id, seen in ((own, True), (other, False)):
        found = await tasks.find(db, company_id=bound_to(), id=id, kind=TaskKind.DELETE)
        assert (found is not None) == seen


async def test_a_batch_ends_when_a_bound_token_replaces_the_last_of_its_documents(
    db: Database, ctx: Context
) -> None:
    one = Request("c", "one", {}, "one.md", b"The stone.")
    batch_id = await batch.submit_batch(ctx, [one], company_id=COMPANY)
    async with db.transaction(COMPANY) as tx:
        root = str(await tx.value("SELECT root_id FROM node WHERE artifact = 'one'"))
    own = bound_to(root, writes=(root,), company=COMPANY)
    again = replace(one, content=b"The river.")
    await submit(ctx, again, company_id=own, callback=None, waiting=False)
    task, members = await batch.show(ctx, company_id=COMPANY, task_id=str(batch_id))
    assert (task.status, [member.status for member in members]) == (TaskStatus.FAILURE, [TaskStatus.REVOKED])
    with pytest.raises(NotFound):
        await batch.show(ctx, company_id=own, task_id=str(batch_id))


async def test_a_search_within_bounds_knows_no_language_of_others(db: Database) -> None:
    await plant(db, A, ["some text"])
    await folders(db)

    async def spoken(company: str) -> list[str]:
        found = await scope.subtrees(
            db,
            company_id=company,
            node_ids=None,
            assistant_id=None,
            metadata=(),
            languages=LANGUAGES,
            lexemes=[],
        )
        return found.spoken

    assert await spoken(A) == ["en"]
    assert await spoken(bound_to(ROOT)) == ["en"]
    assert await spoken(bound_to(INSIDE)) == []


async def test_who_is_bound_hears_of_changes_within_its_bounds_alone(db: Database, ctx: Context) -> None:
    inside, outside = [
        (await nodes.create_folder(ctx, company_id=COMPANY, title=title, parent_id=None)).id for title in "io"
    ]
    bound = bound_to(inside, company=COMPANY)
    async with (
        ctx.signals.listening(),
        following(ctx, company_id=COMPANY) as all_changes,
        following(ctx, company_id=bound) as own,
    ):
        heard = beside(own.take())
        for number in range(3):
            await nodes.change(ctx, Change(title=f"outside {number}"), company_id=COMPANY, node_id=outside)
            await asyncio.wait_for(all_changes.take(), PATIENCE_SECONDS)
        assert not heard.done()
        await nodes.create_folder(ctx, company_id=COMPANY, title="inner", parent_id=inside)
        assert await asyncio.wait_for(heard, PATIENCE_SECONDS) == ["tree"]


async def test_a_token_is_bound_from_its_next_request_on_and_not_without_its_folders(
    db: Database, ctx: Context
) -> None:
    folder = await nodes.create_folder(ctx, company_id=COMPANY, title="inside", parent_id=None)
    made = await tokens.create_token(
        db, company=COMPANY, name="t", scopes=("knowledge:read",), only={folder.id: False}
    )
    caller = await callers.authenticate(db, made.secret)
    assert (roots_of(caller.company_id), caller.company_id) == ((folder.id,), COMPANY)
    async with db.transaction(COMPANY) as tx:
        await tx.execute("DELETE FROM node WHERE id = %s", (folder.id,))
    caller = await callers.authenticate(db, made.secret)
    assert roots_of(caller.company_id) == ()
    assert await nodes.show_tree(ctx, company_id=caller.company_id, parent_id=None, depth=None) == []


async def test_a_folder_to_read_in_one_to_write_is_refused(db: Database, ctx: Context) -> None:
    top = await nodes.create_folder(ctx, company_id=COMPANY, title="top", parent_id=None)
    inner = await nodes.create_folder(ctx, company_id=COMPANY, title="inner", parent_id=top.id)
    found = await bound_folders.find(db, company=COMPANY, only=("top/inner",), only_read=("top",))
    assert found == {inner.id: True, top.id: False}
    with pytest.raises(InvalidRequest, match=inner.id):
        await bound_folders.find(db, company=COMPANY, only=("top",), only_read=("top/inner",))


async def test_a_callback_is_told_nothing_of_a_document_that_has_left_the_bounds(
    db: Database, ctx: Context
) -> None:
    own, other = [
        await nodes.create_folder(ctx, company_id=COMPANY, title=title, parent_id=None) for title in "ps"
    ]
    made = await tokens.create_token(
        db, company=COMPANY, name="t", scopes=("knowledge:write",), only={own.id: True}
    )
    caller = await callers.authenticate(db, made.secret)
    hook: dict[str, str | None] = {"url": "https://a.example", "origin": "https://a.example", "sealed": None}
    callback = Callback(exchange="e", webhook=hook)
    sent = await submit(
        ctx, Request("p", "a", {}, None, b"x"), company_id=caller.company_id, callback=callback, waiting=False
    )
    assert sent.task_id is not None
    answer = callbacks.ingest_answer([("a", {"collection": "s"})])
    async with db.transaction(COMPANY) as tx:
        document = str(await tx.value("UPDATE node SET state = 'live' WHERE artifact = 'a' RETURNING id"))
        await tasks.finish(tx, id=sent.task_id, status=TaskStatus.SUCCESS, result=answer)
        await callbacks.tell_done(tx, task_id=sent.task_id, kind=TaskKind.INGEST, data=answer)
        event = await tx.value("SELECT id FROM outbox")
        delivery = await tx.value("SELECT id FROM webhook_delivery")
    assert event is not None
    assert delivery is not None

    async def told() -> list[object]:
        message = await sending.message(db, company_id=COMPANY, id=delivery)
        assert message is not None
        assert message.result is not None
        body: Any = await outbox.told(db, company_id=COMPANY, id=event)
        return [message.result["data"], body["data"]["data"]]

    assert await told() == [answer["data"]] * 2
    await nodes.change(ctx, Change(move=True, parent_id=other.id), company_id=COMPANY, node_id=document)
    assert await told() == [[], []]


async def test_a_batch_notes_nothing_beyond_the_bounds_and_counts_the_queue_of_the_company(
    db: Database, ctx: Context
) -> None:
    own, read = [
        await nodes.create_folder(ctx, company_id=COMPANY, title=title, parent_id=None) for title in "pr"
    ]
    bound = bound_to(own.id, read.id, writes=(own.id,), company=COMPANY)
    for collection in ("c", "r", "new"):
        with pytest.raises(BeyondBounds):
            await batch.submit_batch(ctx, [Request(collection, "a", {}, None, b"")], company_id=bound)
    empty = await batch.submit_batch(ctx, [Request("p", "a", {}, None, b"")], company_id=bound)
    task, _ = await batch.show(ctx, company_id=bound, task_id=str(empty))
    assert task.status == "failure"
    full = replace(ctx, limits=replace(ctx.limits, queue_of_company=1))
    await batch.submit_batch(full, [Request("c", "a", {}, None, b"x")], company_id=COMPANY)
    with pytest.raises(Unavailable):
        await batch.submit_batch(full, [Request("p", "b", {}, None, b"x")], company_id=bound)
