"""Assistants, and the nodes that were assigned to them."""

from starlette.responses import Response

from lethe.console.frame.forms import node_ids
from lethe.console.frame.visit import Visit, page
from lethe.core import assistants
from lethe.domain.errors import NotFound

PAGE = 50
MOST_NODES = 200
"""How many nodes of an assistant are shown."""


async def show(visit: Visit) -> Response:
    """A page of the assistants."""
    after = next(iter(node_ids([visit.request.query_params.get("after", "")])), "")
    found, following = await assistants.page(
        visit.ctx.db, company_id=visit.company_id, after=after, limit=PAGE
    )
    return visit.render("assistants.html", assistants=found, following=following, after=after)


async def assistant(visit: Visit) -> Response:
    """One assistant. The titles of its nodes are shown only to those who may read them."""
    (id,) = node_ids([visit.request.path_params["assistant_id"]])
    try:
        found, nodes = await assistants.find(
            visit.ctx.db, company_id=visit.company_id, assistant_id=id, limit=MOST_NODES
        )
    except NotFound:
        if visit.by_script:  # deleted while the page was open
            return visit.redirect("/assistants")
        raise
    return visit.render("assistant.html", found=found, nodes=nodes if visit.may("knowledge:read") else None)


ROUTES = [
    page("/assistants", show, "assistants:read", whole=True),
    page("/assistants/{assistant_id}", assistant, "assistants:read", whole=True),
]
