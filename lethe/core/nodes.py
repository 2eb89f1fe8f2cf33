"""The tree: folders and documents, shown and changed.

A document that is made here is in the tree at once, under its title, and its content is stored; a task makes it
searchable. Markdown can be read and listed at once, a file's text when its task has ended. Its artifact, the name by
which the Artifacts API knows it, is its id.
"""

import asyncio
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lethe.core.context import Context
from lethe.core.ingestion import at_once
from lethe.core.ingestion.originals import accept, referring
from lethe.core.ingestion.submit import OVERTAKEN, enqueue
from lethe.core.scrub.samples import of_names
from lethe.core.tasks import revoke_ingestions
from lethe.domain.checkpoints import checkpoint
from lethe.domain.errors import Conflict, InvalidRequest, LimitExceeded, NotFound
from lethe.domain.file_types import named_type
from lethe.domain.idempotency import Claim
from lethe.domain.ids import object_id
from lethe.domain.records import Json, Source
from lethe.domain.tree import Branch, Node, NodeDetails
from lethe.store.transactions import Tx
from lethe.store.tree import life, nodes, reshaping, siblings
from lethe.store.tree.nodes import MAX_DEPTH, Place
from lethe.store.work import idempotency

TITLE_CHARACTERS = 200
NODE_BYTES = 200
"""A node of the tree in JSON has at least so many besides its titles."""
NOT_THERE = "There is no node of this id."
_NO_PARENT = "There is no folder of the id given as parent_id."


@dataclass(frozen=True, slots=True)
class Content:
    """What a document holds: its markdown, or a local file. The extension of the name tells the type."""

    data: str | Path
    file_name: str


@dataclass(frozen=True, slots=True)
class Change:
    """What is to change of a node; None leaves it as it is. With `move` it goes to `parent_id`, None: the root.

    `metadata` takes the place of what a document was given before.
    """

    title: str | None = None
    move: bool = False
    parent_id: str | None = None
    position: int | None = None
    metadata: Mapping[str, Json] | None = None


async def show_tree(
    ctx: Context, *, company_id: str, parent_id: str | None, depth: int | None
) -> Sequence[Branch]:
    """What is live, siblings in their order; of a part of the tree with the node at its top.

    Raises:
        NotFound: that node is not there.
        LimitExceeded: it is more than one answer may have.
    """
    most = ctx.limits.answer_bytes // NODE_BYTES
    found = await nodes.branches(ctx.db, company_id=company_id, below=parent_id, depth=depth, limit=most + 1)
    if len(found) > most:
        raise too_large(ctx.limits.answer_bytes)
    if parent_id is not None and not found:
        raise NotFound(_NO_PARENT)
    return found


def too_large(most: int) -> LimitExceeded:
    """The tree, or the part that was asked for, would be an answer of more than `most` bytes."""
    return LimitExceeded(
        f"The answer would have more than {most:,} bytes: ask for a part (parent_id, depth)."
    )


async def show(ctx: Context, *, company_id: str, node_id: str, with_text: bool) -> tuple[Node, NodeDetails]:
    """A live node and what is known of it.

    Raises:
        NotFound: it is not there.
        LimitExceeded: its text is more than one answer may have.
    """
    node = await nodes.find(ctx.db, company_id=company_id, node_id=node_id)
    if node is None:
        raise NotFound(NOT_THERE)
    most = min(ctx.limits.content_characters, ctx.limits.answer_bytes)
    details = await nodes.describe(
        ctx.db, company_id=company_id, node_id=node_id, with_text=with_text, most=most
    )
    if details is None:
        raise NotFound(NOT_THERE)
    if with_text and (details.characters or 0) > most:
        raise LimitExceeded(
            f"The answer would have more than {most:,} characters of text: read it in parts by /v1/artifacts/content."
        )
    return node, details


async def create_folder(
    ctx: Context, *, company_id: str, title: str, parent_id: str | None, claim: Claim | None = None
) -> Node:
    """A new folder, last in its level; at the root it is a collection.

    Args:
        claim: that of the request. What an earlier attempt has made of it is returned again.

    Raises:
        NotFound: the parent is not there.
        InvalidRequest: the parent is a document, or lies too deep.
        Conflict: there is a collection of this title.
    """
    if claim is not None and claim.node_id is not None:
        return await _made_before(ctx, company_id=company_id, node_id=claim.node_id)
    node_id = object_id()
    async with ctx.db.transaction(company_id) as tx:
        await nodes.lock(tx)
        parent = await parent_place(tx, parent_id=parent_id)
        await life.create(tx, id=node_id, parent=parent, kind="folder", title=title)
        if claim is not None:
            await idempotency.bind(tx, claim=claim, node_id=node_id)
        return await nodes.get(tx, node_id=node_id)


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
    """A new document, last in its level, whose content is stored and will be searchable soon; markdown can be read now.

    Args:
        claim: that of the request. What an earlier attempt has made of it is returned again.

    Invariant: node, what can be read of it, task, work and job are one transaction; the original is in the blob store
    before it.

    Raises:
        NotFound, InvalidRequest: as `create_folder`.
        InputRejected: the content is over the size limit or empty, or its name is of no supported type.
    """
    if claim is not None and claim.node_id is not None:
        return await _made_before(ctx, company_id=company_id, node_id=claim.node_id)
    named_type(content.file_name)
    if parent_id is not None:  # before the original is stored, which would lie there until it is swept
        async with ctx.db.transaction(company_id, durable=False) as tx:
            await parent_place(tx, parent_id=parent_id)
    source = await _accept(ctx, content.data, company_id=company_id, name=content.file_name)
    text = await at_once.readable(content.data) if isinstance(content.data, str) else None
    given = {**(metadata or {}), "title": title}
    node_id = object_id()
    async with (
        referring(ctx, company_id=company_id, source=source),
        ctx.db.transaction(company_id) as tx,
    ):
        if text is not None:
            await at_once.store_parts(tx, text, node_id=node_id)
        await nodes.lock(tx)
        parent = await parent_place(tx, parent_id=parent_id)
        await life.create(tx, id=node_id, parent=parent, kind="document", title=title)
        if text is not None:
            await at_once.store_document(
                tx,
                text,
                node_id=node_id,
                generation=1,
                source=source,
                metadata=given,
                file_name=content.file_name,
            )
        if claim is not None:
            await idempotency.bind(tx, claim=claim, node_id=node_id)
        await enqueue(
            ctx,
            tx,
            node_id=node_id,
            generation=1,
            source=source,
            metadata=given,
            file_name=content.file_name,
        )
        node = await nodes.get(tx, node_id=node_id)
        checkpoint("document_before_commit")
    checkpoint("document_after_commit")
    return node


async def replace_content(
    ctx: Context,
    markdown: str,
    *,
    company_id: str,
    node_id: str,
    metadata: Mapping[str, Json] | None = None,
) -> Node:
    """New markdown for a document. Until it is searchable the old content is what is listed, read and found.

    Args:
        metadata: what comes with the new content; None for what the document has.

    Invariant: generation, revoked older ingestions, task, work and job are one transaction.

    Raises:
        NotFound: there is no such document.
        InputRejected: the content is over the size limit or empty.
    """
    node = await nodes.find(ctx.db, company_id=company_id, node_id=node_id)
    if node is None or node.kind != "document":
        raise NotFound("There is no document of this id.")
    file_name = markdown_name(node.title)
    source = await _accept(ctx, markdown, company_id=company_id, name=file_name)
    async with (
        referring(ctx, company_id=company_id, source=source),
        ctx.db.transaction(company_id) as tx,
    ):
        place = await nodes.place(tx, node_id=node_id)
        if place is None:
            raise NotFound(NOT_THERE)
        if metadata is None:
            metadata = await nodes.metadata_of(tx, node_id=node_id)
        generation = await life.raise_generation(tx, node_id=node_id)
        await revoke_ingestions(tx, node_id=node_id, why=OVERTAKEN)
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


async def change(ctx: Context, wanted: Change, *, company_id: str, node_id: str) -> Node:
    """Rename, move and reorder a node, give a document other metadata, all of it or nothing.

    Invariant: names that a document has, or had, are noted with their change, so that `lethe scrub` can look for them.

    Raises:
        NotFound: the node, or the folder it is to go to, is not there.
        InvalidRequest: that folder is a document, the tree would become too deep, or a folder is to have metadata.
        Conflict: it would go into itself or below itself, or a name is taken.
    """
    names: list[Json] = []
    marker = await ctx.markers.in_use()
    async with ctx.db.transaction(company_id) as tx:
        await nodes.lock(tx)
        # The folder before the node: the Artifacts API locks a collection before what is in it.
        parent = None
        if wanted.move:
            parent = await parent_place(tx, parent_id=wanted.parent_id)
        place = await nodes.place(tx, node_id=node_id)
        if place is None:
            raise NotFound(NOT_THERE)
        if wanted.move and wanted.parent_id != place.parent_id:
            await _move(tx, place, parent, title=wanted.title)
        if wanted.title is not None and wanted.title != place.title:
            await reshaping.rename(tx, node_id=node_id, title=wanted.title)
            names += [place.title, wanted.title]
        if wanted.metadata is not None:
            if place.kind != "document":
                raise InvalidRequest("Only documents have metadata.", ("body", "metadata"))
            before = await nodes.metadata_of(tx, node_id=node_id)
            names += [{**before, "hash": None}, {**wanted.metadata}]
            await reshaping.set_metadata(tx, node_id=node_id, metadata=wanted.metadata)
        if wanted.position is not None:
            await siblings.reorder(
                tx,
                node_id=node_id,
                parent_id=wanted.parent_id if wanted.move else place.parent_id,
                place=wanted.position,
            )
        if names and place.kind == "document":
            await reshaping.note_past(tx, node_id=node_id, fingerprints=of_names(marker, names))
        return await nodes.get(tx, node_id=node_id)


async def _accept(ctx: Context, data: str | Path, *, company_id: str, name: str) -> Source:
    content = await asyncio.to_thread(data.encode) if isinstance(data, str) else data
    return await accept(ctx, content, company_id=company_id, name=name)


async def _made_before(ctx: Context, *, company_id: str, node_id: str) -> Node:
    """What an earlier attempt at a request has made. Raises Conflict when it was deleted this very moment."""
    node = await nodes.find(ctx.db, company_id=company_id, node_id=node_id)
    if node is None:
        raise Conflict("What this request has made was deleted meanwhile.")
    return node


async def _move(tx: Tx, place: Place, parent: Place | None, *, title: str | None) -> None:
    if parent is not None and parent.path.startswith(place.path):
        raise Conflict("A folder cannot be moved into itself or into a folder below it.")
    await require_room(tx, path=place.path, parent=parent)
    await reshaping.move(
        tx,
        node_id=place.id,
        path=place.path,
        title=title or place.title,
        parent=parent,
    )


async def parent_place(tx: Tx, *, parent_id: str | None) -> Place | None:
    """The folder that something is to be put into, locked; None for the root.

    Raises:
        NotFound: it is not there.
        InvalidRequest: it is a document, or its children would lie too deep.
    """
    if parent_id is None:
        return None
    parent = await nodes.place(tx, node_id=parent_id)
    if parent is None:
        raise NotFound(_NO_PARENT)
    if parent.kind != "folder":
        raise InvalidRequest("It is a document, which can hold nothing.", ("body", "parent_id"))
    if parent.depth >= MAX_DEPTH:
        raise InvalidRequest(f"It is on level {MAX_DEPTH}, the deepest of a tree.", ("body", "parent_id"))
    return parent


async def require_room(tx: Tx, *, path: str, parent: Place | None) -> None:
    """See that a subtree fits below a folder. Raises InvalidRequest when it would become too deep."""
    height = await reshaping.height(tx, path=path)
    if (parent.depth if parent else 0) + height > MAX_DEPTH:
        raise InvalidRequest(
            f"It lies so deep that the tree would have over {MAX_DEPTH} levels.", ("body", "parent_id")
        )


def checked_title(title: str) -> str:
    """The title, if it can be one. Raises InvalidRequest."""
    if not title.strip() or len(title) > TITLE_CHARACTERS:
        raise InvalidRequest(f"A title has 1 to {TITLE_CHARACTERS} characters and is not blank.")
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in title):
        raise InvalidRequest("A title has no control characters.")
    return title


def markdown_name(title: str) -> str:
    """The file name of a document that came as markdown."""
    return f"{title}.md"
