"""What the console shows of the tree beyond the Knowledge API: pages of a folder, what a deletion would take, whole
paths of folders."""

from collections.abc import Sequence
from dataclasses import dataclass

from lethe.core import cursors
from lethe.core.context import Context
from lethe.core.tree.nodes import NOT_THERE, checked_title, parent_place
from lethe.domain.errors import NotFound
from lethe.domain.ids import object_id
from lethe.domain.records.bounds import BoundCompany
from lethe.domain.records.tree import ListedNode, Taken
from lethe.store.database.transactions import Tx
from lethe.store.tree import browsing, life, nodes
from lethe.store.tree.browsing import COUNTED, Crumb

__all__ = ["COUNTED", "Crumb", "Listing"]

MOST_TAKEN = 5_000
"""How many nodes are counted of what a deletion would take, unless the exact number is wanted."""
MOST_FOLDERS = 500
"""How many folders a list of targets shows."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a folder. `crumbs`: the folders above it and the folder itself; empty for the root."""

    crumbs: Sequence[Crumb]
    items: Sequence[ListedNode]
    next_cursor: str | None


async def folder(
    ctx: Context, *, company_id: str, folder_id: str | None, cursor: str | None, limit: int
) -> Listing:
    """A page of a folder (None: the root). Raises NotFound, and InvalidRequest for an invalid cursor."""
    after = None
    if cursor:
        time, (position, id) = cursors.decode_key(cursor)
        after = (position, time, id)
    above: Sequence[Crumb] = []
    if folder_id is not None:
        above = await browsing.crumbs(ctx.db, company_id=company_id, node_id=folder_id)
        if not above:
            raise NotFound(NOT_THERE)
    found = await browsing.children(
        ctx.db, company_id=company_id, parent_id=folder_id, after=after, limit=limit + 1
    )
    page = cursors.page(
        found, limit, lambda last: cursors.encode_key(last.created_at, last.position, last.id)
    )
    return Listing(above, *page)


async def crumbs(ctx: Context, *, company_id: str, node_id: str) -> Sequence[Crumb]:
    """The folders above a node and the node itself. Raises NotFound."""
    found = await browsing.crumbs(ctx.db, company_id=company_id, node_id=node_id)
    if not found:
        raise NotFound(NOT_THERE)
    return found


async def there(ctx: Context, *, company_id: str, node_ids: Sequence[str]) -> dict[str, ListedNode]:
    """Those of these nodes that are in the tree, by id."""
    found = await browsing.some(ctx.db, company_id=company_id, node_ids=node_ids)
    return {node.id: node for node in found}


async def targets(
    ctx: Context, *, company_id: str, limit: int = MOST_FOLDERS, changeable: bool = False
) -> Sequence[tuple[str, str]]:
    """The ids and paths of at most `limit` folders to choose from; with `changeable`, only those whose contents the
    caller may change.
    """
    within = company_id.writes if changeable and isinstance(company_id, BoundCompany) else None
    return await browsing.folders(ctx.db, company_id=company_id, limit=limit, within=within)


async def taken(ctx: Context, *, company_id: str, node_ids: Sequence[str], exact: bool) -> Taken:
    """What a deletion of these nodes would take. Unless `exact`, counting stops beyond MOST_TAKEN nodes.

    Raises NotFound if none of the nodes exists.
    """
    most = None if exact else MOST_TAKEN
    found = await browsing.taken(ctx.db, company_id=company_id, node_ids=node_ids, most=most)
    if not found.folders + found.documents:
        raise NotFound(NOT_THERE)
    return found


async def folder_of(
    ctx: Context, *, company_id: str, parent_id: str | None, titles: Sequence[str]
) -> str | None:
    """The folder with the path `titles` below `parent_id`; missing folders are created.

    Invariant: concurrent calls create one folder, since each holds the tree's lock.

    Raises as `nodes.create_folder`.
    """
    if not titles:
        return parent_id
    async with ctx.db.transaction(company_id) as tx:
        await nodes.lock(tx)
        for title in map(checked_title, titles):
            parent_id = await _folder(tx, parent_id=parent_id, title=title)
    return parent_id


async def _folder(tx: Tx, *, parent_id: str | None, title: str) -> str:
    found = await browsing.folders_named(tx, parent_id=parent_id, title=title)
    if found:
        return found[0]
    id = object_id()
    parent = await parent_place(tx, parent_id=parent_id)
    await life.create(tx, id=id, parent=parent, kind="folder", title=title)
    return id
