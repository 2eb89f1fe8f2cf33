"""Receipts: the chain, and a single receipt as a certificate."""

from starlette.responses import Response

from lethe.console.frame.visit import Visit, page
from lethe.core.receipts import certificate
from lethe.domain.errors import NotFound

PAGE = 30


async def receipts(visit: Visit) -> Response:
    """A page of the chain, newest first, with each link verified."""
    cursor = visit.request.query_params.get("after")
    found, following = await certificate.page(
        visit.ctx, company_id=visit.company_id, cursor=cursor, limit=PAGE
    )
    return visit.render("receipts.html", certificates=found, following=following, cursor=cursor)


async def receipt(visit: Visit) -> Response:
    """One receipt as a certificate. Until it is signed, the page waits for it."""
    id = visit.request.path_params["receipt_id"]
    try:
        found = await certificate.find(visit.ctx, company_id=visit.company_id, id=id)
    except NotFound:
        return visit.render("receipt_waiting.html", id=id)
    return visit.render("receipt.html", found=found, id=id)


ROUTES = [
    page("/receipts", receipts, "knowledge:delete"),
    page("/receipts/{receipt_id}", receipt, "knowledge:delete"),
]
