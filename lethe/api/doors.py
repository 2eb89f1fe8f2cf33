"""The doors: applications of their own below the server's address, each with its routes, its errors and its OpenAPI
document."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.routing import Match, Mount, Route
from starlette.types import Scope

from lethe.core.context import Context


@dataclass(frozen=True, slots=True)
class Door:
    """An API and its address.

    Args:
        name: for metrics and the server's front page.
        prefix: where its paths begin.
        docs: the address below which its documentation is: `/docs` and `/openapi.json`.
        owns: the first segments of its paths, if other doors share its prefix; empty: all paths are its own.
    """

    name: str
    prefix: str
    docs: str
    build: Callable[[Context], FastAPI]
    owns: tuple[str, ...] = ()


class DoorMount(Mount):
    """The mount of a door. It records the door in the scope. Unlike Starlette's mount it also matches paths with a line
    break, so that the door's own 404 answers them."""

    def __init__(self, door: Door, app: FastAPI) -> None:
        super().__init__(door.prefix, app)
        below = rf"(?:{'|'.join(map(re.escape, door.owns))})(?:/.*)?" if door.owns else ".*"
        self.path_regex = re.compile(rf"^{re.escape(door.prefix)}/(?P<path>{below})\Z", re.DOTALL)
        self.door = door

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As Starlette's, plus the door."""
        match, child = super().matches(scope)
        return match, {**child, "door": self.door} if match is Match.FULL else child


def declared(scope: Scope) -> tuple[str, str | None]:
    """After routing: the name of the request's door ("server" if none), and its route as declared (None if none
    matched)."""
    door: Door | None = scope.get("door")
    path = getattr(scope.get("route"), "path", None) or _plain(scope)
    route = f"{door.prefix if door else ''}{path}" if isinstance(path, str) else None
    return door.name if door else "server", route


def _plain(scope: Scope) -> str | None:
    """The path of a plain Starlette route, such as a console page: it puts only its endpoint into the scope."""
    endpoint = scope.get("endpoint")
    routes = scope["app"].routes if endpoint is not None else ()
    return next((one.path for one in routes if isinstance(one, Route) and one.endpoint is endpoint), None)
