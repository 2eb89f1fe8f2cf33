"""Deleted nodes that can still be restored."""

from datetime import UTC, datetime

from starlette.responses import Response

from lethe.console.frame.forms import node_ids
from lethe.console.frame.visit import Visit, action, page
from lethe.core.tree import trash

PAGE = 50


async def show(visit: Visit) -> Response:
    """A page of the trash."""
    cursor = visit.request.query_params.get("after")
    entries, following = await trash.show(visit.ctx, company_id=visit.company_id, cursor=cursor, limit=PAGE)
    return visit.render(
        "trash.html", entries=entries, following=following, cursor=cursor, now=datetime.now(UTC)
    )


async def ask(visit: Visit) -> Response:
    """The dialog before something is erased."""
    id = next(iter(node_ids(visit.request.query_params.getlist("id"))), "")
    entry = await trash.entry(visit.ctx, company_id=visit.company_id, node_id=id)
    return visit.render("dialogs/erase.html", entry=entry)


async def erase(visit: Visit) -> Response:
    """Erase nodes in the trash, and show the receipt."""
    receipts = [
        await trash.erase(visit.ctx, company_id=visit.company_id, node_id=id, by=visit.signed_in.prefix)
        for id in node_ids((await visit.form()).all("id"))
    ]
    return visit.redirect(f"/receipts/{receipts[0]}" if len(receipts) == 1 else "/receipts")


ROUTES = [
    page("/trash", show, "knowledge:write"),
    page("/erase", ask, "knowledge:delete"),
    action("/erase", erase, "knowledge:delete"),
]
