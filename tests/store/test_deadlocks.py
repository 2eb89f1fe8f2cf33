"""Those who lock several nodes lock them in one order, and so never wait for each other."""

import asyncio
from uuid import UUID

import psycopg
import pytest

from lethe.core.context import Context
from lethe.core.deletion import by_filter
from lethe.core.deletion.by_filter import DeletionMode
from lethe.core.ingestion.batch import submit_batch
from lethe.core.ingestion.submit import Request
from lethe.core.ingestion.work import ingest
from lethe.core.tree import documents
from lethe.core.tree import nodes as tree
from lethe.core.tree.documents import Content
from lethe.domain.records.queries import DocumentFilter
from lethe.store.database.pool import Database
from lethe.store.tree import nodes
from tests.store.beside import beside
from tests.store.conftest import COMPANY
from tests.store.test_share import Worker, jobs
from tests.waiting import PATIENCE_SECONDS, until


async def test_a_document_is_stored_while_somebody_holds_its_folder(ctx: Context) -> None:
    """Who deletes the folder holds it, and then waits for the document."""
    folder = await tree.create_folder(ctx, company_id=COMPANY, title="F", parent_id=None)
    text = Content("# Text", "d.md")
    made = await documents.create_document(ctx, text, company_id=COMPANY, title="D", parent_id=folder.id)
    (task,) = await jobs(ctx, "ingest")
    worker = Worker()
    async with ctx.db.transaction(COMPANY) as tx, asyncio.timeout(PATIENCE_SECONDS):
        assert await nodes.place(tx, node_id=folder.id)
        await beside(ingest(ctx, worker.deps, company_id=COMPANY, task_id=UUID(task)))
    _, details = await tree.show(ctx, company_id=COMPANY, node_id=made.id, with_text=True)
    assert (details.status, details.markdown) == ("success", "# Text")


@pytest.mark.parametrize("later", ["a", "b"])
async def test_a_deletion_by_filter_and_a_batch_of_several_collections_wait_in_turn(
    ctx: Context, later: str
) -> None:
    """Both want the documents of two collections; one was made first. A batch goes by the collections' names."""
    asked = {name: Request(name, "x", {}, "x.md", b"Text.") for name in "ab"}
    earlier = "a" if later == "b" else "b"
    await submit_batch(ctx, [asked[earlier]], company_id=COMPANY)
    await submit_batch(ctx, [asked[later]], company_id=COMPANY)
    everything = DocumentFilter(None, None, [])
    again = [Request(name, "x", {"again": True}, "x.md", b"Text.") for name in "ab"]
    async with asyncio.timeout(PATIENCE_SECONDS):
        with psycopg.connect(ctx.db.conninfo) as holder:
            holder.execute(f"SET LOCAL lethe.company = '{COMPANY}'".encode())
            holder.execute(
                "SELECT FROM node n JOIN node root ON root.id = n.root_id WHERE root.collection = 'a' FOR UPDATE OF n"
            )
            batch = beside(submit_batch(ctx, again, company_id=COMPANY))
            await asyncio.to_thread(until, lambda: waiting(ctx.db) == 1)
            deletion = beside(
                by_filter.request(ctx, everything, company_id=COMPANY, mode=DeletionMode.TRASH, by="me")
            )
            await asyncio.to_thread(until, lambda: waiting(ctx.db) == 2)
        await batch
        assert (await deletion).documents == 2


def waiting(db: Database) -> int:
    """How many wait for somebody else's lock."""
    with psycopg.connect(db.conninfo) as conn:
        row = conn.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ).fetchone()
    assert row is not None
    return int(row[0])
