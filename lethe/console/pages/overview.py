"""A company at a glance."""

from starlette.responses import Response

from lethe.console.frame import charts
from lethe.console.frame.visit import Visit, page
from lethe.core import overview


async def show(visit: Visit) -> Response:
    """Figures and charts; what receipts tell only for those who may see receipts."""
    forgetting = None
    if visit.may("knowledge:delete"):
        forgetting = await overview.forgetting(visit.ctx, company_id=visit.company_id)
    return visit.render(
        "overview.html",
        stock=await overview.stock(visit.ctx, company_id=visit.company_id),
        most_failures=overview.MOST_FAILURES,
        forgetting=forgetting,
        most_receipts=overview.MOST_RECEIPTS,
        amounts=charts.amounts(forgetting.days) if forgetting else None,
        times=charts.times(forgetting.days) if forgetting else None,
    )


ROUTES = [page("/overview", show, "knowledge:read")]
