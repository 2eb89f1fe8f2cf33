"""One document: its text, how it is indexed, where it came from, and to whom it is assigned."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from lethe.console.frame.forms import node_ids, number
from lethe.console.frame.rendering import rendered
from lethe.console.frame.visit import Visit, page
from lethe.console.frame.vocabulary import PLACES
from lethe.core.content import viewing
from lethe.core.content.original import open_original
from lethe.core.content.viewing import Viewed
from lethe.core.tree import browsing, nodes
from lethe.domain.errors import NotFound
from lethe.domain.file_types import place_kind
from lethe.domain.metadata import given
from lethe.domain.records.tree import Node, NodeDetails

_LARGEST = 10**12


async def document(visit: Visit) -> Response:
    """A document's page, from the character `at`, or from the character `into` of the chunk `chunk`."""
    (id,) = node_ids([visit.request.path_params["node_id"]])
    asked = visit.request.query_params
    try:
        node, details = await nodes.show(visit.ctx, company_id=visit.company_id, node_id=id, with_text=False)
        crumbs = await browsing.crumbs(visit.ctx, company_id=visit.company_id, node_id=id)
    except NotFound:
        return visit.render("gone.html", 200 if visit.by_script else 404, address=visit.here_url)
    if node.kind == "folder":
        return visit.redirect(f"/library/{id}")
    viewed = await viewing.find(visit.ctx, company_id=visit.company_id, node_id=id)
    part, text = None, None
    if viewed is not None:
        chunk = asked.get("chunk", "")
        at = number(asked.get("at", ""), most=_LARGEST)
        if chunk:
            at = number(asked.get("into", ""), most=_LARGEST) + await viewing.start_of_chunk(
                visit.ctx, company_id=visit.company_id, node_id=id, position=number(chunk, most=_LARGEST)
            )
        part = await viewing.read(visit.ctx, viewed, company_id=visit.company_id, offset=at)
        marks = [(f"chunk-{c.position}", c.start - part.start) for c in part.chunks]
        marks.append(("here", at - part.start))
        turns = [(offset, _place(visit, viewed, place)) for offset, place in part.turns]
        text = await asyncio.to_thread(rendered, part.text, marks, turns)
    return visit.render(
        "document.html",
        node=node,
        details=details,
        crumbs=crumbs,
        viewed=viewed,
        part=part,
        text=text,
        facts=await viewing.facts(visit.ctx, company_id=visit.company_id, node_id=id),
        metadata=given(node.metadata or {}),
        state_key=_state(node, details),
    )


async def presence(visit: Visit) -> Response:
    """Tell an open document page, after a change in the tree, that nothing is new, to reload, or that it is gone."""
    (id,) = node_ids([visit.request.path_params["node_id"]])
    try:
        node, details = await nodes.show(visit.ctx, company_id=visit.company_id, node_id=id, with_text=False)
    except NotFound:
        response = visit.render("gone.html", address=visit.url(f"/documents/{id}"))
        response.headers["HX-Retarget"] = "#main"
        response.headers["HX-Reselect"] = "#main"
        response.headers["HX-Reswap"] = "outerHTML"
        return response
    same = visit.request.query_params.get("state") == _state(node, details)
    return Response(status_code=204, headers={} if same else {"HX-Trigger": "lethe:document"})


async def chunks(visit: Visit) -> Response:
    """The chunks of a document as they are indexed."""
    (id,) = node_ids([visit.request.path_params["node_id"]])
    first = number(visit.request.query_params.get("first", ""), most=2**31 - 1)
    crumbs = await browsing.crumbs(visit.ctx, company_id=visit.company_id, node_id=id)
    viewed = await viewing.find(visit.ctx, company_id=visit.company_id, node_id=id)
    found, following = await viewing.chunks(visit.ctx, company_id=visit.company_id, node_id=id, first=first)
    return visit.render(
        "chunks.html",
        crumbs=crumbs,
        node_id=id,
        chunks=found,
        following=following,
        first=first,
        place=place_kind(viewed.file_type) if viewed else "",
        names=viewed.places if viewed else {},
    )


async def original(visit: Visit) -> Response:
    """The file as uploaded, always as a download, so that no browser runs its markup within the console."""
    (id,) = node_ids([visit.request.path_params["node_id"]])
    found = await open_original(
        visit.ctx, company_id=visit.company_id, node_id=id, choose=lambda _tag, _size: None
    )
    headers = {
        "content-disposition": f"attachment; filename*=utf-8''{quote(found.file_name, safe='')}",
        "content-length": str(found.size),
        "content-security-policy": "sandbox; default-src 'none'",
    }
    return _Closing(found.pieces, found.close, headers)


class _Closing(StreamingResponse):
    """Sends an original and closes it, even if the client has gone."""

    def __init__(
        self, pieces: AsyncIterator[bytes], close: Callable[[], None], headers: Mapping[str, str]
    ) -> None:
        self._close = close
        super().__init__(pieces, media_type="application/octet-stream", headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, then close it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._close()


def _place(visit: Visit, viewed: Viewed, number: int) -> str:
    """The label of a page, slide, sheet or part."""
    kind = PLACES[place_kind(viewed.file_type)]
    names = viewed.places if isinstance(viewed.places, dict) else {}
    return f"{visit.language.gettext(kind)} {names.get(str(number), number)}"


def _state(node: Node, details: NodeDetails) -> str:
    """A value that changes whenever the document's page would show something else."""
    changed = f"{node.updated_at.timestamp():.6f}"
    done = f"{details.status}.{details.step}.{details.percentage}.{details.chunks}"
    return f"{(details.hash or '')[:12]}.{changed}.{done}"


ROUTES = [
    page("/documents/{node_id}", document, "knowledge:read"),
    page("/documents/{node_id}/presence", presence, "knowledge:read"),
    page("/documents/{node_id}/chunks", chunks, "knowledge:read"),
    page("/documents/{node_id}/original", original, "knowledge:read"),
]
