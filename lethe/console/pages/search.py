"""Searching by words, by meaning, by both, or by each in a column of its own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from markupsafe import Markup, escape
from starlette.responses import Response

from lethe.console.frame.conditions import CONDITIONS, OPERATORS, as_json, conditions_of, written
from lethe.console.frame.forms import node_ids
from lethe.console.frame.visit import Visit, page
from lethe.console.frame.vocabulary import LANGUAGES
from lethe.core.access import sessions
from lethe.core.search import query as searching
from lethe.core.search.query import Hit
from lethe.core.search.snippets import Snippet, on_one_line
from lethe.core.tree import browsing
from lethe.domain.errors import InvalidRequest, NotFound
from lethe.domain.records.queries import MetadataCondition
from lethe.domain.records.search import MEANINGLESS, Mode

HITS = 20
_FOLDERS = 100
"""How many folders are offered. A search in any other starts on that folder's page."""
_BESIDE = 10
_SIGNS = re.compile(r"\*\*|__|(?<!\S)#{1,6} |(?<!\S)[-|:]{3,}(?!\S)")
_BETWEEN = re.compile(r"(?:\s*\|)+\s*|(?<!\S)[-*] (?=\S)")
"""What stands between the cells of a table, and before the items of a list."""
_ENDS = ".:;!?…"
_BEGIN, _END = "\ue000", "\ue001"
"""Placeholders for the `mark` tags until the text is escaped."""
_QUERY_CHARACTERS = 2_000
BESIDE = "beside"
"""The way of searching that shows hits by words and by meaning in two columns."""
WAYS = (*(mode.value for mode in (Mode.HYBRID, Mode.FULL, Mode.VECTOR)), BESIDE)


@dataclass(frozen=True, slots=True)
class Filter:
    """Where to search: below a folder, in documents that meet all conditions, in a language."""

    folders: list[str]
    conditions: list[MetadataCondition]
    language: str | None

    def as_json(self) -> dict[str, object]:
        """The filter as the API takes it."""
        given = {
            "node_ids": self.folders,
            "metadata": as_json(self.conditions),
            "language": self.language,
        }
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of one way of searching."""

    mode: Mode
    hits: list[Hit]

    @property
    def weak(self) -> int:
        """The index of the first hit below the score that even a query without any fitting text can reach."""
        lowest = MEANINGLESS[self.mode]
        return next((n for n, hit in enumerate(self.hits) if hit.chunk.score < lowest), len(self.hits))


async def search(visit: Visit) -> Response:
    """The search form and its hits. A search counts against the token's rate."""
    asked = visit.request.query_params
    query = asked.get("q", "").replace("\0", "").strip()[:_QUERY_CHARACTERS]
    way = asked.get("way", "")
    way = way if way in WAYS else Mode.HYBRID.value
    wanted, failure = Filter([], [], None), None
    try:
        wanted = _filter(visit)
    except InvalidRequest as exc:
        failure = visit.said(str(exc))
    found = []
    if query and failure is None:
        await sessions.admit(visit.ctx.db, visit.signed_in)
        modes = (Mode.FULL, Mode.VECTOR) if way == BESIDE else (Mode(way),)
        most = _BESIDE if way == BESIDE else HITS
        found = [await _found(visit, query, mode, wanted, most) for mode in modes]
    return visit.render(
        "search.html",
        query=query,
        way=way,
        ways=WAYS,
        wanted=wanted,
        lines=_lines(wanted.conditions),
        operators=OPERATORS,
        targets=await _targets(visit, wanted.folders),
        spoken=await searching.languages(visit.ctx, company_id=visit.company_id),
        body={"query": query, "mode": Mode.HYBRID if way == BESIDE else way, **wanted.as_json()},
        failure=failure,
        found=found,
        marked=marked,
        headings_of=headings_of,
        into=into,
        shown=sorted({hit.chunk.node_id for part in found for hit in part.hits}),
    )


async def presence(visit: Visit) -> Response:
    """Tell open results, after a change in the tree, which hits are gone, so that they leave the page."""
    ids = node_ids(visit.request.query_params.getlist("id"))
    there = await browsing.there(visit.ctx, company_id=visit.company_id, node_ids=ids)
    return visit.render("search_gone.html", gone=[id for id in ids if id not in there])


def _filter(visit: Visit) -> Filter:
    """The filter in the address. Raises InvalidRequest for an invalid one."""
    asked = visit.request.query_params
    keys, operators, values = (
        [asked.get(f"{name}{i}", "") for i in range(CONDITIONS)] for name in ("key", "operator", "value")
    )
    language = asked.get("language", "")
    return Filter(
        node_ids(asked.getlist("in"))[:1],
        conditions_of(keys, operators, values),
        language if language in LANGUAGES else None,
    )


def _lines(conditions: list[MetadataCondition]) -> list[tuple[str, str, str]]:
    """The conditions as the form shows them, followed by empty lines."""
    given = [(c.key, c.operator, _shown(c)) for c in conditions]
    return [*given, *[("", OPERATORS[0], "")] * (CONDITIONS - len(given))]


def _shown(condition: MetadataCondition) -> str:
    value = condition.value
    if value is None:
        return ""
    return ", ".join(map(written, value)) if isinstance(value, list) else written(value)


async def _targets(visit: Visit, folders: list[str]) -> list[tuple[str, str]]:
    """The folders to choose from, including the chosen one; without titles for those who may not see them."""
    if not visit.may("knowledge:read"):
        return [(id, "–") for id in folders]
    found = list(await browsing.targets(visit.ctx, company_id=visit.company_id, limit=_FOLDERS))
    for id in folders:
        if id not in dict(found):
            found.insert(0, (id, await _path(visit, id)))
    return found


async def _path(visit: Visit, id: str) -> str:
    try:
        crumbs = await browsing.crumbs(visit.ctx, company_id=visit.company_id, node_id=id)
    except NotFound:
        return "–"
    return " / ".join(crumb.title for crumb in crumbs)


async def _found(visit: Visit, query: str, mode: Mode, wanted: Filter, most: int) -> Found:
    hits = await searching.search_documents(
        visit.ctx,
        company_id=visit.company_id,
        query=query,
        mode=mode,
        top_k=most,
        node_ids=wanted.folders or None,
        metadata=wanted.conditions,
        language=wanted.language,
        explained=True,
    )
    return Found(mode, hits)


def marked(snippet: Snippet) -> Markup:
    """The snippet with the query's words marked, and without Markdown signs, which mean nothing in plain text."""
    text = snippet.text.replace(_BEGIN, " ").replace(_END, " ")
    made, last = "", 0
    for start, end in snippet.highlights:
        if start >= last:
            made += f"{text[last:start]}{_BEGIN}{text[start:end]}{_END}"
            last = end
    shown = escape(_joined(_BETWEEN.split(_SIGNS.sub("", made + text[last:]))))
    return shown.replace(_BEGIN, Markup("<mark>")).replace(_END, Markup("</mark>"))


def _joined(parts: Sequence[str]) -> str:
    """Cells and items with a dot between them, unless a sentence ends there."""
    made = ""
    for part in filter(None, map(str.strip, parts)):
        between = " " if made[-1:] in _ENDS or part == "…" else " · "
        made += between + part if made else part
    return made


def into(hit: Hit) -> int:
    """Where in its chunk the passage begins that the snippet is about."""
    before = on_one_line(hit.chunk.text).count(" ", 0, hit.snippet.best)
    return next((word.start() for word in islice(re.finditer(r"\S+", hit.chunk.text), before, None)), 0)


def headings_of(hit: Hit) -> list[str]:
    """The headings above the hit, from the first that is neither its title nor the name of its place."""
    known = {hit.chunk.title, hit.chunk.title.rpartition(".")[0], *map(str, hit.spot.place.values())}
    first = next((i for i, heading in enumerate(hit.spot.headings) if heading not in known), None)
    return [] if first is None else list(hit.spot.headings[first:])


ROUTES = [
    page("/search", search, "knowledge:query"),
    page("/search/presence", presence, "knowledge:query"),
]
