"""Reads and changes the tree of folders and documents. For the content of documents see core/tree/documents.py."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lethe.core.context import Context
from lethe.core.scrub.samples import of_names
from lethe.core.tree import bounds
from lethe.domain.errors import Conflict, InvalidRequest, LimitExceeded, NotFound
from lethe.domain.ids import object_id
from lethe.domain.json import Json
from lethe.domain.records.idempotency import Claim
from lethe.domain.records.tree import Branch, Node, NodeDetails
from lethe.store.database.transactions import Tx
from lethe.store.queue import idempotency
from lethe.store.tree import life, nodes, reshaping, siblings
from lethe.store.tree.nodes import MAX_DEPTH, Place

TITLE_CHARACTERS = 200
NODE_BYTES = 200
"""Minimum size of a tree node in JSON, without its title."""
NOT_THERE = "There is no node with this id."
_NO_PARENT = "There is no folder with the id given as parent_id."


@dataclass(frozen=True, slots=True)
class Change:
    """Changes to a node; None leaves a field as it is. With `move` the node goes to `parent_id` (None: the root).

    `metadata` replaces all metadata that the document was given before.
    """

    title: str | None = None
    move: bool = False
    parent_id: str | None = None
    position: int | None = None
    metadata: Mapping[str, Json] | None = None


async def show_tree(
    ctx: Context, *, company_id: str, parent_id: str | None, depth: int | None
) -> Sequence[Branch]:
    """The live nodes, siblings in order: the whole tree, or the subtree that starts at `parent_id`.

    Raises:
        NotFound: there is no such node.
        LimitExceeded: the answer would be too large.
    """
    most = ctx.limits.answer_bytes // NODE_BYTES
    found = await nodes.branches(ctx.db, company_id=company_id, below=parent_id, depth=depth, limit=most + 1)
    if len(found) > most:
        raise too_large(ctx.limits.answer_bytes)
    if parent_id is not None and not found:
        raise NotFound(_NO_PARENT)
    return found


def too_large(most: int) -> LimitExceeded:
    """The error for a tree, or subtree, whose JSON would exceed `most` bytes."""
    return LimitExceeded(
        f"The answer would have more than {most:,} bytes: ask for a part (parent_id, depth)."
    )


async def show(ctx: Context, *, company_id: str, node_id: str, with_text: bool) -> tuple[Node, NodeDetails]:
    """A live node with its details.

    Raises:
        NotFound: there is no such node.
        LimitExceeded: the node's text is too long for one answer.
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
            f"The answer would have more than {most:,} characters of text: read it in parts with /v1/artifacts/content."
        )
    return node, details


async def create_folder(
    ctx: Context, *, company_id: str, title: str, parent_id: str | None, claim: Claim | None = None
) -> Node:
    """Create a folder after its siblings; at the root it is a collection.

    Args:
        claim: the request's Idempotency-Key; if an earlier attempt created the folder, that folder is returned.

    Raises:
        NotFound: there is no such parent.
        InvalidRequest: the parent is a document, or is at the deepest level.
        Conflict: a collection with this title exists.
    """
    if claim is not None and claim.node_id is not None:
        return await made_before(ctx, company_id=company_id, node_id=claim.node_id)
    node_id = object_id()
    async with ctx.db.transaction(company_id) as tx:
        await nodes.lock(tx)
        parent = await parent_place(tx, parent_id=parent_id)
        await life.create(tx, id=node_id, parent=parent, kind="folder", title=title)
        await idempotency.bind(tx, claim=claim, node_id=node_id)
        return await nodes.get(tx, node_id=node_id)


async def change(ctx: Context, wanted: Change, *, company_id: str, node_id: str) -> Node:
    """Rename, move or reorder a node, or replace a document's metadata: all of it or nothing.

    Invariant: a document's old and new names are recorded as fingerprints in the same transaction, so that
    `lethe scrub` can look for them.

    Raises:
        NotFound: there is no such node or target folder.
        InvalidRequest: the target is a document, the tree would become too deep, or the metadata is for a folder.
        Conflict: the target is the node itself or below it, or the name is taken.
        BeyondBounds: the caller may not change the node or the target.
    """
    names: list[Json] = []
    marker = await ctx.markers.in_use()
    async with ctx.db.transaction(company_id) as tx:
        await nodes.lock(tx)
        # Lock the folder before the node: the Artifacts API locks a collection before its documents.
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


async def made_before(ctx: Context, *, company_id: str, node_id: str) -> Node:
    """The node that an earlier attempt at this request created. Raises Conflict if it has just been deleted."""
    node = await nodes.find(ctx.db, company_id=company_id, node_id=node_id)
    if node is None:
        raise Conflict("What this request created has since been deleted.")
    return node


async def _move(tx: Tx, place: Place, parent: Place | None, *, title: str | None) -> None:
    if parent is not None and parent.path.startswith(place.path):
        raise Conflict("A folder cannot be moved into itself or into a folder below it.")
    bounds.require_change(tx, path=place.path)
    await require_room(tx, path=place.path, parent=parent)
    await reshaping.move(
        tx,
        node_id=place.id,
        path=place.path,
        title=title or place.title,
        parent=parent,
    )


async def parent_place(tx: Tx, *, parent_id: str | None) -> Place | None:
    """Lock the folder that a node will be put into; None means the root.

    Raises:
        NotFound: there is no such folder.
        InvalidRequest: the parent is a document, or is at the deepest level.
    """
    if parent_id is None:
        return None
    parent = await nodes.place(tx, node_id=parent_id)
    if parent is None:
        raise NotFound(_NO_PARENT)
    if parent.kind != "folder":
        raise InvalidRequest(
            "parent_id names a document; only folders can contain nodes.", ("body", "parent_id")
        )
    if parent.depth >= MAX_DEPTH:
        raise InvalidRequest(
            f"parent_id names a folder on level {MAX_DEPTH}, the deepest: choose one above it.",
            ("body", "parent_id"),
        )
    return parent


async def require_room(tx: Tx, *, path: str, parent: Place | None) -> None:
    """Check that a subtree fits below a folder. Raises InvalidRequest if the tree would become too deep."""
    height = await reshaping.height(tx, path=path)
    if (parent.depth if parent else 0) + height > MAX_DEPTH:
        raise InvalidRequest(
            f"The tree would exceed {MAX_DEPTH} levels: choose a folder nearer the root.",
            ("body", "parent_id"),
        )


def checked_title(title: str) -> str:
    """The title, if it is valid. Raises InvalidRequest."""
    if not title.strip() or len(title) > TITLE_CHARACTERS:
        raise InvalidRequest(f"A title must have 1 to {TITLE_CHARACTERS} characters and must not be blank.")
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in title):
        raise InvalidRequest("A title must not contain control characters.")
    return title
