"""Who holds a folder, and who stores a document in it, never wait for each other."""

import asyncio
from uuid import UUID

from lethe.core.context import Context
from lethe.core.ingestion.work import ingest
from lethe.core.tree import documents
from lethe.core.tree import nodes as tree
from lethe.core.tree.documents import Content
from lethe.store.tree import nodes
from tests.store.beside import beside
from tests.store.conftest import COMPANY
from tests.store.test_share import Worker, jobs
from tests.waiting import PATIENCE_SECONDS


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
