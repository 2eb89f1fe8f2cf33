"""Parameters in a query that a call does not know: a door that refuses them does so here, for all its routes."""

import functools
from collections.abc import Iterator

from fastapi import FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from lethe.api.bodies import MOST_FAULTS
from lethe.api.values import NAME_CHARACTERS


def refuse_unknown(app: FastAPI) -> None:
    """Let the door's calls refuse what they do not know; without this they ignore it, as the Artifacts API does."""
    app.state.refuses_unknown = True


def check(request: Request) -> None:
    """Raise RequestValidationError, which names the first of them, when the query has parameters that the call does not
    know and its door refuses them."""
    route = request.scope.get("route")
    if not request.query_params or not isinstance(route, APIRoute):
        return
    if not getattr(request.app.state, "refuses_unknown", False):
        return
    unknown = [name for name in request.query_params if name not in known(route)]
    if unknown:
        raise RequestValidationError(
            [
                {"type": "unknown", "loc": ("query", name[:NAME_CHARACTERS]), "msg": _MESSAGE}
                for name in unknown[:MOST_FAULTS]
            ]
        )


@functools.cache
def known(route: APIRoute) -> frozenset[str]:
    """The parameters that a route and what it depends on take from the query."""
    return frozenset(_names(route.dependant))


def _names(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for needed in dependant.dependencies:
        yield from _names(needed)


_MESSAGE = "is no parameter of this call"
