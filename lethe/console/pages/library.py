"""The tree of folders and documents: browsing and changing it."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.responses import Response

from lethe.console.frame.forms import node_ids
from lethe.console.frame.visit import Visit, action, page
from lethe.core.tree import browsing, nodes, trash
from lethe.core.tree.nodes import Change, checked_title
from lethe.domain.errors import NotFound

PAGE = 50
"""Nodes of a folder on a page."""


async def library(visit: Visit) -> Response:
    """A page of a folder."""
    folder_id = visit.request.path_params.get("folder_id")
    if folder_id is not None:
        (folder_id,) = node_ids([folder_id])
    cursor = visit.request.query_params.get("after")
    try:
        listing = await browsing.folder(
            visit.ctx, company_id=visit.company_id, folder_id=folder_id, cursor=cursor, limit=PAGE
        )
    except NotFound:
        return visit.render("gone.html", 200 if visit.by_script else 404, address=visit.here_url)
    return visit.render(
        "library.html", listing=listing, folder_id=folder_id, cursor=cursor, counted=browsing.COUNTED
    )


async def count(visit: Visit) -> Response:
    """The exact number of documents below a folder."""
    (id,) = node_ids([visit.request.path_params["folder_id"]])
    _, details = await nodes.show(visit.ctx, company_id=visit.company_id, node_id=id, with_text=False)
    return visit.render("count.html", count=details.documents)


async def ask_folder(visit: Visit) -> Response:
    """The dialog for a new folder."""
    return visit.render("dialogs/folder.html", parent_id=visit.request.query_params.get("parent", ""))


async def create_folder(visit: Visit) -> Response:
    """Create a folder."""
    form = await visit.form()
    parent_id = next(iter(node_ids([form.text("parent")])), None)
    title = checked_title(form.text("title").strip())
    node = await nodes.create_folder(visit.ctx, company_id=visit.company_id, title=title, parent_id=parent_id)
    return _done(visit, "toasts/folder.html", node=node)


async def ask_name(visit: Visit) -> Response:
    """The dialog for a new name."""
    (id,) = node_ids([visit.request.path_params["node_id"]])
    found = await browsing.crumbs(visit.ctx, company_id=visit.company_id, node_id=id)
    return visit.render("dialogs/rename.html", node=found[-1])


async def rename(visit: Visit) -> Response:
    """Rename a folder or document."""
    (id,) = node_ids([visit.request.path_params["node_id"]])
    title = checked_title((await visit.form()).text("title").strip())
    node = await nodes.change(visit.ctx, Change(title=title), company_id=visit.company_id, node_id=id)
    return _done(visit, "toasts/renamed.html", node=node)


async def ask_target(visit: Visit) -> Response:
    """The dialog with the folders that nodes can be moved to."""
    ids = node_ids(visit.request.query_params.getlist("id"))
    targets = await browsing.targets(visit.ctx, company_id=visit.company_id, changeable=True)
    return visit.render(
        "dialogs/move.html",
        ids=ids,
        targets=[(id, title) for id, title in targets if id not in ids],
        to_the_root=visit.may_below("knowledge:write", ()),
    )


async def move(visit: Visit) -> Response:
    """Move nodes into a folder, or to the root."""
    form = await visit.form()
    ids = node_ids(form.all("id"))
    parent_id = next(iter(node_ids([form.text("parent")])), None)
    for id in ids:
        wanted = Change(move=True, parent_id=parent_id)
        await nodes.change(visit.ctx, wanted, company_id=visit.company_id, node_id=id)
    return _done(visit, "toasts/moved.html", count=len(ids))


async def ask_deletion(visit: Visit) -> Response:
    """The dialog that shows what would be deleted. If that is a lot, it opens before everything is counted."""
    asked = visit.request.query_params
    ids, exact = node_ids(asked.getlist("id")), bool(asked.get("exact"))
    taken = await browsing.taken(visit.ctx, company_id=visit.company_id, node_ids=ids, exact=exact)
    title = None
    if len(ids) == 1:
        title = (await browsing.crumbs(visit.ctx, company_id=visit.company_id, node_id=ids[0]))[-1].title
    return visit.render(
        "dialogs/delete.html",
        ids=ids,
        taken=taken,
        more=not exact and taken.folders + taken.documents > browsing.MOST_TAKEN,
        title=title,
        days=visit.ctx.retention_days,
    )


@dataclass(frozen=True, slots=True)
class Deleted:
    """The result of a deletion: the nodes that were deleted, and the receipts of those that were erased."""

    ids: list[str]
    receipts: list[UUID]


async def delete(visit: Visit) -> Response:
    """Move nodes to the trash; with `erase`, also erase them at once."""
    form = await visit.form()
    deleted = Deleted([], [])
    for id in node_ids(form.all("id")):
        with suppress(NotFound):  # deleted meanwhile, perhaps with a folder in this list
            await trash.delete(visit.ctx, company_id=visit.company_id, node_id=id, by=visit.signed_in.prefix)
            deleted.ids.append(id)
        if form.text("erase") and id in deleted.ids:
            deleted.receipts.append(await _erase(visit, id))
    return _done(visit, "toasts/deleted.html", deleted=deleted)


async def restore(visit: Visit) -> Response:
    """Undo a deletion: restore nodes from the trash."""
    ids = node_ids((await visit.form()).all("id"))
    for id in ids:
        await trash.restore(visit.ctx, company_id=visit.company_id, node_id=id)
    return _done(visit, "toasts/restored.html", ids=ids)


async def _erase(visit: Visit, node_id: str) -> UUID:
    return await trash.erase(
        visit.ctx, company_id=visit.company_id, node_id=node_id, by=visit.signed_in.prefix
    )


def _done(visit: Visit, template: str, **values: Any) -> Response:
    """A message that also closes the dialog and makes the page reload the tree."""
    response = visit.render(template, **values)
    response.headers["HX-Trigger"] = '{"lethe:done": "", "lethe:tree": ""}'
    return response


ROUTES = [
    page("/library", library, "knowledge:read"),
    page("/library/{folder_id}", library, "knowledge:read"),
    page("/folders/{folder_id}/count", count, "knowledge:read"),
    page("/folders/new", ask_folder, "knowledge:write"),
    action("/folders", create_folder, "knowledge:write"),
    page("/nodes/{node_id}/name", ask_name, "knowledge:write"),
    action("/nodes/{node_id}/name", rename, "knowledge:write"),
    page("/move", ask_target, "knowledge:write"),
    action("/move", move, "knowledge:write"),
    page("/delete", ask_deletion, "knowledge:delete"),
    action("/delete", delete, "knowledge:delete"),
    action("/restore", restore, "knowledge:write"),
]
