"""The server's version, the health of its parts, the token's scopes, and links to the API documentation."""

from dataclasses import asdict
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
    """Show everything about the server that can be read. This page changes nothing."""
    return visit.render(
        "about.html",
        version=version("lethe-kb"),
        health=await health.look(visit.ctx),
        documents=DOCUMENTS,
        scopes=SCOPES,
        limits=visit.ctx.limits,
        settings=[(f"LETHE_LIMIT_{name.upper()}", value) for name, value in asdict(visit.ctx.limits).items()],
        days=visit.ctx.retention_days,
    )


ROUTES = [page("/about", show)]
