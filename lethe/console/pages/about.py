"""The server as it is: versions, the health of its parts, what the token may do, where the APIs are described."""

from importlib.metadata import version

from starlette.responses import Response

from lethe.console.frame.visit import Visit, page
from lethe.core.upkeep import health
from lethe.domain.records.access import SCOPES

DOCUMENTS = (
    ("Knowledge API", "/v1/docs"),
    ("Artifacts API", "/v1/artifacts/docs"),
    ("Primitives API", "/v1/primitives/docs"),
)


async def show(visit: Visit) -> Response:
    """Everything that can be read about the server; nothing here changes it."""
    return visit.render(
        "about.html",
        version=version("lethe-kb"),
        health=await health.look(visit.ctx),
        documents=DOCUMENTS,
        scopes=SCOPES,
        limits=visit.ctx.limits,
        days=visit.ctx.retention_days,
    )


ROUTES = [page("/about", show)]
