"""`lethe doctor`: whether anything is left over without an owner, and what to do about it."""

import sys
from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter

from lethe.adapters.children import Children
from lethe.adapters.children_bars import Bars, held
from lethe.cli import terminal
from lethe.cli.context import with_context
from lethe.cli.terminal import Flags
from lethe.core.context import Context
from lethe.core.upkeep import reconciliation
from lethe.core.upkeep.reconciliation import REPAIRABLE
from lethe.domain.orphans import FACTS, Orphan, ReconciliationReport

_BARRED = "Parsers are barred from the network, programs, other processes and the server's files."


def doctor(
    *,
    repair: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
    settings: Flags | None = None,
) -> None:
    """Count what belongs to nobody: chunks, texts, files, tasks, jobs, events, nodes. Exits with 1 if any is left.

    Tells also what bars parsers on this machine.

    Works while the server runs and when it does not. Workers do the same every few minutes by themselves.

    Parameters
    ----------
    repair
        Repair what can be repaired without loss. What needs a worker, such as indexing, is queued.
    json
        Print JSON.
    """

    async def use(ctx: Context) -> tuple[ReconciliationReport, ReconciliationReport, Bars]:
        found = await reconciliation.look(ctx, repair=REPAIRABLE if repair else ())
        left = await reconciliation.look(ctx) if repair and found.found else found
        await reconciliation.record(ctx, left)
        async with Children() as children:
            return found, left, await children.run(held)

    found, left, bars = with_context(settings, use)
    if json:
        terminal.as_json({**_values(found, left), "parsers": {**asdict(bars), "missing": bars.missing}})
    else:
        _table(found, left)
        terminal.line(" ".join(bars.missing) or _BARRED)
    if left.found or left.skipped or left.stubborn_files:
        sys.exit(1)


def _values(found: ReconciliationReport, left: ReconciliationReport) -> dict[str, object]:
    return {
        "healthy": not (left.found or left.skipped or left.stubborn_files),
        "companies_skipped": left.skipped,
        "seconds": round(found.seconds, 3),
        "open_transactions": [asdict(open_) for open_ in left.open_transactions],
        "files_not_removed": [{"key": key, "attempts": attempts} for key, attempts in left.stubborn_files],
        "kinds": [
            {
                "kind": kind,
                "found": found.counts[kind],
                "left": left.counts[kind],
                "meaning": FACTS[kind].meaning,
                "repairable": FACTS[kind].repairable,
                "remedy": FACTS[kind].remedy,
            }
            for kind in Orphan
        ],
    }


def _table(found: ReconciliationReport, left: ReconciliationReport) -> None:
    repaired = left is not found
    terminal.line(
        f"{'kind':<24}{'found':>8}{'left':>8}  meaning" if repaired else f"{'kind':<24}{'found':>8}  meaning"
    )
    for kind in Orphan:
        columns = f"{kind:<24}{found.counts[kind]:>8}" + (f"{left.counts[kind]:>8}" if repaired else "")
        terminal.line(f"{columns}  {FACTS[kind].meaning}")
        if left.counts[kind]:
            terminal.line(f"{'':<24}-> {_advice(kind, repaired=repaired)}")
    for open_ in left.open_transactions:
        terminal.line(
            f"Process {open_.pid} ({open_.program or 'no name'}, role {open_.role}) has had a transaction open for "
            f"{open_.seconds} s, and {open_.waiting} statements wait for it: end it with "
            f"SELECT pg_terminate_backend({open_.pid})."
        )
    for key, attempts in left.stubborn_files:
        terminal.line(
            f"The file {key} could not be removed in {attempts} attempts: the worker's log tells why; its erasure has "
            "no receipt until it is gone."
        )
    if left.skipped:
        terminal.line(f"{left.skipped} companies could not be looked at: the log above tells why.")
    terminal.line(_verdict(found, left))


def _advice(kind: Orphan, *, repaired: bool) -> str:
    facts = FACTS[kind]
    if not facts.repairable:
        return f"not repaired by itself: {facts.remedy}"
    if repaired:
        return "still there, or new: run it again; if they stay, the worker's log tells more"
    return f"'lethe doctor --repair': they {facts.remedy}; workers do it in some minutes"


def _verdict(found: ReconciliationReport, left: ReconciliationReport) -> str:
    if left.found:
        return f"{left.found} left."
    if left.stubborn_files:
        return "Files are left that cannot be removed."
    return f"{found.found} repaired, nothing is left." if found.found else "Nothing is left over."
