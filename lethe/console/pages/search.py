"""Searching, by words, by meaning, or both beside each other."""

import re
from dataclasses import dataclass

from markupsafe import Markup, escape
from starlette.responses import Response

from lethe.console.frame.forms import node_ids
from lethe.console.frame.visit import Visit, page
from lethe.core import sessions
from lethe.core.search import query as searching
from lethe.core.search.query import Hit, Mode
from lethe.core.search.snippets import Snippet
from lethe.core.tree import browsing
from lethe.domain.errors import NotFound

HITS = 20
_BESIDE = 10
_SIGNS = re.compile(r"\*\*|__|(?<!\S)#{1,6} |(?<!\S)[-|:]{3,}(?!\S)")
_QUERY_CHARACTERS = 2_000
BESIDE = "beside"
"""The way of searching that shows words and meaning in two columns."""
WAYS = (*(mode.value for mode in (Mode.HYBRID, Mode.FULL, Mode.VECTOR)), BESIDE)


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of one way of searching."""

    mode: Mode
    hits: list[Hit]


async def search(visit: Visit) -> Response:
    """The box and what it finds. A search counts against the token's rate."""
    asked = visit.request.query_params
    query = asked.get("q", "").replace("\0", "").strip()[:_QUERY_CHARACTERS]
    way = asked.get("way", "")
    way = way if way in WAYS else Mode.HYBRID.value
    folders = node_ids(asked.getlist("in"))[:1]
    inside = await _inside(visit, folders)
    found = []
    if query:
        await sessions.admit(visit.ctx.db, visit.signed_in)
        modes = (Mode.FULL, Mode.VECTOR) if way == BESIDE else (Mode(way),)
        found = [
            await _found(visit, query, mode, folders, _BESIDE if way == BESIDE else HITS) for mode in modes
        ]
    return visit.render(
        "search.html",
        query=query,
        way=way,
        ways=WAYS,
        found=found,
        inside=inside,
        marked=marked,
        shown=sorted({hit.chunk.node_id for part in found for hit in part.hits}),
    )


async def presence(visit: Visit) -> Response:
    """What open results ask when the tree has changed: those hits that are gone leave the page."""
    ids = node_ids(visit.request.query_params.getlist("id"))
    there = await browsing.there(visit.ctx, company_id=visit.company_id, node_ids=ids)
    return visit.render("search_gone.html", gone=[id for id in ids if id not in there])


async def _inside(visit: Visit, folders: list[str]) -> str:
    """The path of the folder to search in; empty for everywhere."""
    if not folders or not visit.may("knowledge:read"):
        return ""
    try:
        crumbs = await browsing.crumbs(visit.ctx, company_id=visit.company_id, node_id=folders[0])
    except NotFound:
        return "–"
    return " / ".join(crumb.title for crumb in crumbs)


async def _found(visit: Visit, query: str, mode: Mode, folders: list[str], most: int) -> Found:
    hits = await searching.search_documents(
        visit.ctx,
        company_id=visit.company_id,
        query=query,
        mode=mode,
        top_k=most,
        node_ids=folders or None,
        explained=True,
    )
    return Found(mode, hits)


def marked(snippet: Snippet) -> Markup:
    """The snippet with the words searched for marked."""
    made, last = Markup(""), 0
    for start, end in snippet.highlights:
        if start >= last:
            made += escape(_plain(snippet.text[last:start]))
            made += Markup("<mark>{}</mark>").format(snippet.text[start:end])
            last = end
    return made + escape(_plain(snippet.text[last:]))


def _plain(text: str) -> str:
    """Text between marks without the signs of Markdown that only its rendering gives a sense."""
    return _SIGNS.sub("", text)


ROUTES = [
    page("/search", search, "knowledge:query"),
    page("/search/presence", presence, "knowledge:query"),
]
