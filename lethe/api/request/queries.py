"""Refuses unknown query parameters, for all routes of an API that asks for it."""

from collections.abc import Iterator

from fastapi import FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, iter_route_contexts

from lethe.api.request.bodies import MOST_FAULTS
from lethe.api.request.values import NAME_CHARACTERS

_MESSAGE = "unknown parameter"


def refuse_unknown(app: FastAPI) -> None:
    """Make the API's routes, all of them registered by now, refuse unknown parameters."""
    routes = [found.original_route for found in iter_route_contexts(app.routes)]
    app.state.known_parameters = {
        route.endpoint: frozenset(_names(route.dependant)) for route in routes if isinstance(route, APIRoute)
    }


def check(request: Request) -> None:
    """Raise RequestValidationError, naming the first unknown parameters, if the query has any and the API refuses
    them."""
    calls = getattr(request.app.state, "known_parameters", None)
    if calls is None or not request.query_params:
        return
    known = calls[request.scope["endpoint"]]
    if unknown := [name for name in request.query_params if name not in known]:
        raise RequestValidationError(
            [
                {"type": "unknown", "loc": ("query", name[:NAME_CHARACTERS]), "msg": _MESSAGE}
                for name in unknown[:MOST_FAULTS]
            ]
        )


def _names(dependant: Dependant) -> Iterator[str]:
    """The query parameters of a route and its dependencies."""
    yield from (field.alias for field in dependant.query_params)
    for needed in dependant.dependencies:
        yield from _names(needed)
