"""A company at a glance."""

from starlette.responses import Response

from lethe.console.frame import charts
from lethe.console.frame.visit import Visit, page
from lethe.core import overview
from lethe.core.upkeep import health


async def show(visit: Visit) -> Response:
    """Figures and charts. Those taken from receipts are shown only to those who may see receipts.

    A large company's documents are first counted only up to a bound, so that the page appears at once. The page then
    requests the exact figures by itself.
    """
    exact = bool(visit.request.query_params.get("exact"))
    forgetting = None
    if visit.may("knowledge:delete"):
        forgetting = await overview.forgetting(visit.ctx, company_id=visit.company_id, exact=exact)
    stock = await overview.stock(visit.ctx, company_id=visit.company_id, exact=exact)
    more = not exact and stock.documents > overview.COUNTED
    # The figures of searches are for the whole company, so not for bound tokens.
    shown = visit.may("knowledge:query") and not visit.signed_in.bound
    pace = visit.ctx.pace.of(visit.company_id) if shown else None
    return visit.render(
        "overview.html",
        stock=stock,
        more=more,
        counted=overview.COUNTED,
        unfinished=more or (not exact and forgetting is not None and not forgetting.whole),
        most_failures=overview.MOST_FAILURES,
        leftovers=await health.leftovers(visit.ctx),
        free_bytes=await health.free_bytes(visit.ctx),
        pace=pace,
        searches=charts.searches(pace) if pace else None,
        forgetting=forgetting,
        amounts=charts.amounts(forgetting.days) if forgetting else None,
        times=charts.times(forgetting.days) if forgetting else None,
    )


ROUTES = [page("/overview", show, "knowledge:read")]
