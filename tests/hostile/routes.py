"""Every route that the application has, whichever door it belongs to."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields
from functools import cache
from typing import Any

from fastapi.routing import iter_route_contexts
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from lethe.api import app
from lethe.api.doors import DoorMount
from lethe.core.context import Context
from lethe.domain.limits import Limits

DOCS = [door.docs for door in app.DOORS]
"""Below these addresses each door has its document and its page."""

OPEN = {
    "GET /health",
    "GET /v1/health",
    "GET /ready",
    "GET /v1/ready",
    "GET /",
    "GET /docs",
    "GET /metrics",
    *(f"GET {docs}/{page}" for docs in DOCS for page in ("openapi.json", "docs")),
    *(
        f"GET {docs}/swagger/{asset}"
        for docs in DOCS
        for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png")
    ),
}
"""What needs no token: it tells of the program, never of what is stored."""

UNDESCRIBED = {"POST /mcp"}
"""Routes of another protocol, which describes its tools itself."""


def application() -> Starlette:
    """The application without anything behind it: its routes can be looked at, not called."""
    nothing: dict[str, Any] = {field.name: None for field in fields(Context)}

    async def missing() -> list[str]:
        return []

    return app.build(Context(**{**nothing, "limits": Limits()}), missing, metrics=True)


@cache
def doors() -> dict[str, Any]:
    """The OpenAPI document of each door by the address that it is below, as the door makes it."""
    mounts = [route for route in application().routes if isinstance(route, DoorMount)]
    return {mount.door.docs: mount.app.openapi() for mount in mounts}  # type: ignore[attr-defined]


def base(docs: str) -> str:
    """The address that the paths of a door's document are below."""
    address: str = doors()[docs]["servers"][0]["url"]
    return address.rstrip("/")


def described() -> set[str]:
    """The routes of the OpenAPI documents, as `GET /v1/knowledge/nodes/{}`."""
    return {
        f"{method.upper()} {unnamed(base(docs) + path)}"
        for docs, document in doors().items()
        for path, operations in document["paths"].items()
        for method in operations
    }


def served() -> set[str]:
    """All routes in the same form, whether a document tells of them or not."""
    return {f"{method} {unnamed(path)}" for method, path in _below(application().routes, "")}


def unnamed(path: str) -> str:
    """A path whose placeholders have no names."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def _below(routes: Sequence[BaseRoute], prefix: str) -> Iterator[tuple[str, str]]:
    for found in iter_route_contexts(routes):
        route: Any = found.original_route
        if isinstance(route, Mount):
            yield from _below(route.routes, prefix + route.path)
        elif isinstance(getattr(route, "app", None), Starlette):  # an application of one address
            yield from ((m, path) for m, path in _below(route.app.routes, prefix) if path == found.path)
        else:
            for method in set(found.methods or ()) - {"HEAD"}:
                yield method, f"{prefix}{found.path}"
