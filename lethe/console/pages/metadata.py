"""A document's metadata: names and values by which searches and deletions can filter."""

from collections.abc import Mapping
from typing import cast

import orjson
from starlette.responses import Response

from lethe.console.frame.conditions import value_of, written
from lethe.console.frame.forms import node_ids
from lethe.console.frame.visit import Form, Visit, action, page
from lethe.core.tree import nodes
from lethe.core.tree.nodes import Change
from lethe.domain.errors import InvalidRequest
from lethe.domain.json import Json
from lethe.domain.metadata import bounded, giveable, given

_MORE = 3
"""Empty lines for new entries."""


async def ask(visit: Visit) -> Response:
    """The dialog with all names and values."""
    id, now = await _now(visit)
    lines = [*((key, written(value)) for key, value in now.items()), *[("", "")] * _MORE]
    return visit.render("dialogs/metadata.html", node_id=id, lines=lines)


async def change(visit: Visit) -> Response:
    """Replace the metadata by the dialog's; values that were not edited stay exactly as they are."""
    id, now = await _now(visit)
    wanted = Change(metadata=wanted_by(await visit.form(), now))
    await nodes.change(visit.ctx, wanted, company_id=visit.company_id, node_id=id)
    response = visit.render("toasts/metadata.html")
    response.headers["HX-Trigger"] = '{"lethe:done": "", "lethe:tree": ""}'
    return response


def wanted_by(form: Form, now: Mapping[str, Json]) -> dict[str, Json]:
    """The metadata in a form; lines without a name are left out. Raises InvalidRequest."""
    wanted: dict[str, Json] = {}
    for name, text in zip(form.all("key"), form.all("value"), strict=False):
        key = name.strip()
        if not key:
            continue
        if key in wanted:
            raise InvalidRequest(f"The name '{key[:100]}' occurs twice.")
        wanted[key] = now[key] if key in now and text == written(now[key]) else _value(text.strip())
    try:
        bounded(giveable(wanted))
    except ValueError as exc:
        raise InvalidRequest(f"The metadata {exc}.") from exc
    return wanted


def _value(text: str) -> Json:
    """A value as in a condition; in addition, a list or an object as JSON."""
    if text[:1] in ("[", "{"):
        try:
            return cast("Json", orjson.loads(text))
        except orjson.JSONDecodeError:
            return text
    return value_of(text)


async def _now(visit: Visit) -> tuple[str, dict[str, Json]]:
    (id,) = node_ids([visit.request.path_params["node_id"]])
    node, _ = await nodes.show(visit.ctx, company_id=visit.company_id, node_id=id, with_text=False)
    return id, given(node.metadata or {})


ROUTES = [
    page("/documents/{node_id}/metadata", ask, "knowledge:write"),
    action("/documents/{node_id}/metadata", change, "knowledge:write"),
]
