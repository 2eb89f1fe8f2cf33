"""Documents of the tree: creating them, and replacing their content.

A document created here is stored and appears in the tree at once; a task makes it searchable. Markdown can be read
and listed at once, the text of a file once its task has ended. The document's id also serves as its artifact, its
name in the Artifacts API.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lethe.core.context import Context
from lethe.core.ingestion import at_once
from lethe.core.ingestion.originals import accept, referring
from lethe.core.ingestion.submit import OVERTAKEN, enqueue
from lethe.core.queue.tasks import revoke_ingestions
from lethe.core.tree.nodes import NOT_THERE, made_before, parent_place
from lethe.domain.checkpoints import checkpoint
from lethe.domain.errors import NotFound
from lethe.domain.file_types import named_type
from lethe.domain.ids import object_id
from lethe.domain.json import Json
from lethe.domain.records.documents import Source
from lethe.domain.records.idempotency import Claim
from lethe.domain.records.tree import Node
from lethe.store.database.transactions import Tx
from lethe.store.queue import idempotency
from lethe.store.tree import life, nodes


@dataclass(frozen=True, slots=True)
class Content:
    """A document's content: its markdown, or a local file. The extension of `file_name` determines the type."""

    data: str | Path
    file_name: str


@dataclass(frozen=True, slots=True)
class _NewDocument:
    """A document about to be inserted; `text` can be read at once, None for a file."""

    id: str
    source: Source
    text: at_once.ReadableText | None
    metadata: Mapping[str, Json]
    file_name: str


async def create_document(
    ctx: Context,
    content: Content,
    *,
    company_id: str,
    title: str,
    parent_id: str | None,
    metadata: Mapping[str, Json] | None = None,
    claim: Claim | None = None,
) -> Node:
    """Create a document after its siblings. Markdown can be read at once; a task makes the content searchable.

    Args:
        claim: the request's Idempotency-Key; if an earlier attempt created the document, that document is returned.

    Invariant: the node, its readable text, task, work and job are written in one transaction; the original is put
    into the blob store before.

    Raises:
        NotFound, InvalidRequest: as for `create_folder`.
        InputRejected: the content is over the size limit or empty, or its file type is not supported.
    """
    if claim is not None and claim.node_id is not None:
        return await made_before(ctx, company_id=company_id, node_id=claim.node_id)
    named_type(content.file_name)
    if parent_id is not None:  # checked first, since an original stored in vain stays until it is swept
        async with ctx.db.transaction(company_id, durable=False) as tx:
            await parent_place(tx, parent_id=parent_id)
    new = _NewDocument(
        id=object_id(),
        source=await _accept(ctx, content.data, company_id=company_id, name=content.file_name),
        text=await at_once.readable(content.data) if isinstance(content.data, str) else None,
        metadata={**(metadata or {}), "title": title},
        file_name=content.file_name,
    )
    async with (
        referring(ctx, company_id=company_id, sources=[new.source]),
        ctx.db.transaction(company_id) as tx,
    ):
        await _insert(ctx, tx, new, title=title, parent_id=parent_id, claim=claim)
        node = await nodes.get(tx, node_id=new.id)
        checkpoint("document_before_commit")
    checkpoint("document_after_commit")
    return node


async def _insert(
    ctx: Context, tx: Tx, new: _NewDocument, *, title: str, parent_id: str | None, claim: Claim | None
) -> None:
    """Write everything that `create_document` writes, in its transaction. The parts come before the lock."""
    if new.text is not None:
        await at_once.store_parts(tx, new.text, node_id=new.id)
    await nodes.lock(tx)
    parent = await parent_place(tx, parent_id=parent_id)
    await life.create(tx, id=new.id, parent=parent, kind="document", title=title)
    if new.text is not None:
        await at_once.store_document(
            tx,
            new.text,
            node_id=new.id,
            generation=1,
            source=new.source,
            metadata=new.metadata,
            file_name=new.file_name,
        )
    await idempotency.bind(tx, claim=claim, node_id=new.id)
    await enqueue(
        ctx,
        tx,
        node_id=new.id,
        generation=1,
        source=new.source,
        metadata=new.metadata,
        file_name=new.file_name,
    )


async def replace_content(
    ctx: Context,
    markdown: str,
    *,
    company_id: str,
    node_id: str,
    metadata: Mapping[str, Json] | None = None,
) -> Node:
    """Replace a document's content with new markdown. Readers and searches see the old content until it is indexed.

    Args:
        metadata: the metadata for the new content; None keeps the current metadata.

    Invariant: the new generation, the revocation of older ingestions, task, work and job are one transaction.

    Raises:
        NotFound: there is no such document.
        InputRejected: the content is over the size limit or empty.
    """
    node = await nodes.find(ctx.db, company_id=company_id, node_id=node_id)
    if node is None or node.kind != "document":
        raise NotFound("There is no document with this id.")
    file_name = markdown_name(node.title)
    source = await _accept(ctx, markdown, company_id=company_id, name=file_name)
    async with (
        referring(ctx, company_id=company_id, sources=[source]),
        ctx.db.transaction(company_id) as tx,
    ):
        place = await nodes.place(tx, node_id=node_id)
        if place is None:
            raise NotFound(NOT_THERE)
        if metadata is None:
            metadata = await nodes.metadata_of(tx, node_id=node_id)
        generation = await life.raise_generation(tx, node_id=node_id)
        await revoke_ingestions(tx, node_ids=[node_id], why=OVERTAKEN)
        await enqueue(
            ctx,
            tx,
            node_id=node_id,
            generation=generation,
            source=source,
            metadata={**metadata, "title": place.title},
            file_name=file_name,
        )
        node = await nodes.get(tx, node_id=node_id)
        checkpoint("replace_before_commit")
        return node


def markdown_name(title: str) -> str:
    """The file name for a document that was given as markdown."""
    return f"{title}.md"


async def _accept(ctx: Context, data: str | Path, *, company_id: str, name: str) -> Source:
    content = await asyncio.to_thread(data.encode) if isinstance(data, str) else data
    return await accept(ctx, content, company_id=company_id, name=name)
