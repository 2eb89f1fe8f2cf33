"""The client has a method for each route of the OpenAPI documents."""

import inspect
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any, get_type_hints

from lethe_client._calling.calls import Call
from lethe_client._calling.groups import Group, operation, paged
from lethe_client._client import Calls

from tests.hostile.routes import described

WITHOUT_A_METHOD = {
    "GET /v1/artifacts/ingest/async/{}": "tasks.get tells the same",
    "GET /v1/artifacts/delete/async/{}": "tasks.get tells the same",
    "POST /retrieval": "for Dify; search_chunks finds the same",
}
_TEXT: dict[str, Any] = {"text": "x"}
GIVEN: dict[str, dict[str, Any]] = {
    "ingest": {"artifact": "x", **_TEXT},
    "ingest_in_background": {"artifact": "x", **_TEXT},
    "ingest_batch_in_background": {"documents": [{"artifact": "x", **_TEXT}]},
    "convert": _TEXT,
}
"""Arguments of which a call needs some."""


def groups(group: type) -> Iterator[type]:
    """A group of calls and those within it."""
    yield group
    for name in dir(group):
        member = inspect.getattr_static(group, name)
        if isinstance(member, cached_property):
            yield from groups(get_type_hints(member.func)["return"].__origin__)


def calls() -> Iterator[Call[Any]]:
    """Each call of the client once, with some word for each argument."""
    for group in groups(Calls):
        assert issubclass(group, Group)
        for name in dir(group):
            member = inspect.getattr_static(group, name)
            if isinstance(member, operation | paged):
                wanted = inspect.signature(member._describe).parameters.values()
                words = {p.name: "x" for p in wanted if p.default is p.empty and p.name != "self"}
                made = member._describe(None, **{**words, **GIVEN.get(name, {})})
                yield made if isinstance(made, Call) else made.call


def route(call: Call[Any], routes: set[str]) -> str:
    """The route of a call, one without placeholders before others; none if there is no such."""
    asked = f"{call.method} {call.path}"
    fits = [r for r in routes if re.fullmatch(re.escape(r).replace(r"\{\}", "[^/]+"), asked)]
    return min(fits, key=lambda r: r.count("{}"), default=f"none for {asked}")


def test_every_route_of_the_documents_has_a_method_of_the_client_or_a_reason() -> None:
    routes = described()
    called = {route(call, routes) for call in calls()}
    assert called <= routes
    assert routes - called == set(WITHOUT_A_METHOD)
