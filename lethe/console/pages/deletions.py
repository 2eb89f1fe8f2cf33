"""Deletion of everything that matches a filter: preview it, delete it, and follow the progress."""

from starlette.responses import Response

from lethe.console.frame.conditions import CONDITIONS, OPERATORS, TEXT, as_json, conditions_of
from lethe.console.frame.forms import node_ids
from lethe.console.frame.visit import Form, Visit, action, page
from lethe.core.deletion import by_filter
from lethe.core.deletion.by_filter import DeletionMode
from lethe.core.tree import browsing
from lethe.domain.errors import InsufficientScope, InvalidRequest
from lethe.domain.json import Json
from lethe.domain.records.queries import DocumentFilter

SHOWN = 10
"""Documents in the preview."""


async def show(visit: Visit) -> Response:
    """The form for a filter."""
    _may_look(visit)
    targets = await browsing.targets(visit.ctx, company_id=visit.company_id)
    anything = await browsing.folder(
        visit.ctx, company_id=visit.company_id, folder_id=None, cursor=None, limit=1
    )
    return visit.render(
        "deletions.html",
        targets=targets,
        anything=anything.items,
        operators=OPERATORS,
        conditions=CONDITIONS,
    )


async def preview(visit: Visit) -> Response:
    """Show how many documents match, and some of them. Changes nothing."""
    _may_look(visit)
    form = await visit.form()
    wanted = wanted_by(form)
    found = await by_filter.preview(visit.ctx, wanted, company_id=visit.company_id, limit=SHOWN)
    return visit.render(
        "deletion_preview.html",
        total=found.documents,
        sample=found.sample,
        in_trash=found.in_trash,
        fields=[(name, value) for name, values in form.fields.items() for value in values if name != "csrf"],
        body={"filter": _as_body(wanted), "mode": "trash", "dry_run": True},
        days=visit.ctx.retention_days,
        numbers=any(isinstance(c.value, int | float) for c in wanted.metadata),
    )


async def delete(visit: Visit) -> Response:
    """Delete what matches now, and go to the page that shows the progress."""
    form = await visit.form()
    mode = DeletionMode.ERASE if form.text("erase") else DeletionMode.TRASH
    begun = await by_filter.request(
        visit.ctx, wanted_by(form), company_id=visit.company_id, mode=mode, by=visit.signed_in.prefix
    )
    return visit.redirect(f"/deletions/{begun.task_id}")


async def progress(visit: Visit) -> Response:
    """The progress of a deletion, and in the end its receipt."""
    task = await by_filter.find(
        visit.ctx, company_id=visit.company_id, task_id=visit.request.path_params["task_id"]
    )
    result = by_filter.result_of(task)
    return visit.render(
        "deletion.html",
        task=task,
        count=result["documents"],
        erases=result["mode"] == DeletionMode.ERASE,
    )


def wanted_by(form: Form) -> DocumentFilter:
    """The filter in a form. Raises InvalidRequest for an empty or invalid one."""
    collection = form.text("collection", TEXT).strip() or None
    nodes = node_ids([form.text("folder")]) or None
    given = conditions_of(form.all("key"), form.all("operator"), form.all("value"))
    if not given and nodes is None and collection is None:
        raise InvalidRequest(
            "Give a folder, a collection or a condition: an empty filter would mean every document."
        )
    return DocumentFilter(collection, nodes, given)


def _as_body(wanted: DocumentFilter) -> dict[str, Json]:
    given: dict[str, Json] = {
        "collection": wanted.collection,
        "node_ids": wanted.node_ids,
        "metadata": as_json(wanted.metadata) or None,
    }
    return {name: value for name, value in given.items() if value is not None}


def _may_look(visit: Visit) -> None:
    """Raise InsufficientScope for tokens that may not read: the preview shows titles."""
    if not visit.may("knowledge:read"):
        raise InsufficientScope("knowledge:read")


ROUTES = [
    page("/deletions", show, "knowledge:delete", whole=True),
    action("/deletions/preview", preview, "knowledge:delete", whole=True),
    action("/deletions", delete, "knowledge:delete", whole=True),
    page("/deletions/{task_id}", progress, "knowledge:delete", whole=True),
]
