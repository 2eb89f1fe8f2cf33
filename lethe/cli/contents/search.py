"""`lethe search`."""

import sys
from typing import Annotated, Literal

from cyclopts import Parameter, validators
from lethe_client.models import Hit
from rich.console import Console
from rich.text import Text

from lethe.cli import terminal
from lethe.cli.contents import places
from lethe.cli.contents.connection import Target, connected
from lethe.cli.terminal import Flag
from lethe.domain.records.search import MEANINGLESS, Mode

_NOTHING = 3


def search(
    query: str,
    *,
    mode: Literal["hybrid", "full", "vector"] = "hybrid",
    top: Annotated[int, Parameter(validator=validators.Number(gte=1, lte=25))] = 5,
    min_score: Annotated[float | None, Parameter(validator=validators.Number(gte=0))] = None,
    within: Annotated[str | None, Parameter(name=["--in", "--within"])] = None,
    json: Flag = False,
    server: Target | None = None,
) -> None:
    """Search documents. Exits with 3 if nothing is found.

    Parameters
    ----------
    query
        A question or words.
    mode
        By words (full), by meaning (vector), or both.
    top
        How many documents at most.
    min_score
        Leave out what scores lower. Default: 0.13 (hybrid), 0.22 (vector), 0 (full).
    within
        Only below this folder, or in this document: path or id.
    json
        Print JSON.
    """
    with connected(server) as client:
        ids = [places.find(client, within).id] if within else None
        found = client.search(query, mode=mode, top_k=top, node_ids=ids)
    lowest = MEANINGLESS[Mode(mode)] if min_score is None else min_score
    hits = [hit for hit in found if hit.score >= lowest]
    if json:
        terminal.as_json({**found.to_dict(), "results": [hit.to_dict() for hit in hits]})
    elif hits:
        console = Console(highlight=False)
        for hit in hits:
            console.print(_shown(hit), soft_wrap=not console.is_terminal)
    if not hits:
        terminal.error_line(_nothing(found.results, lowest))
        sys.exit(_NOTHING)


def _nothing(left_out: list[Hit], lowest: float) -> str:
    if not left_out:
        return "Nothing was found."
    best = max(hit.score for hit in left_out)
    return f"No hit scores {lowest:g} or more. The best scores {best:.2f}: --min-score 0 shows it."


def _shown(hit: Hit) -> Text:
    """Title, place and score, then the excerpt with the words that were found."""
    shown = Text()
    shown.append(hit.title, "bold")
    for part in (_place(hit), " > ".join(hit.headings), f"{hit.score:.2f}", hit.node_id):
        shown.append(f"  {part}" if part else "", "dim")
    shown.append("\n  ")
    excerpt = Text(hit.snippet)
    for start, end in hit.highlights:
        excerpt.stylize("bold yellow", start, end)
    return shown.append_text(excerpt).append("\n")


def _place(hit: Hit) -> str:
    named = (("page", hit.page), ("slide", hit.slide), ("sheet", hit.sheet), ("part", hit.part))
    told = [f"{kind} {value}" for kind, value in named if value is not None]
    if hit.first_row is not None:
        rows = {hit.first_row, hit.last_row or hit.first_row}
        told.append(f"row {hit.first_row}" if len(rows) == 1 else f"rows {hit.first_row} to {hit.last_row}")
    return ", ".join(told)
