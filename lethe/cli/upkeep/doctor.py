"""`lethe doctor`: finds leftovers without an owner, and says what to do about them."""

import sys
from dataclasses import asdict
from datetime import timedelta

from lethe.adapters.children import Children
from lethe.adapters.children_bars import Bars, held
from lethe.cli import terminal
from lethe.cli.context import with_context
from lethe.cli.terminal import Flag, Flags
from lethe.core.context import Context
from lethe.core.upkeep import reconciliation
from lethe.core.upkeep.measures import Deliveries, Meter
from lethe.core.upkeep.reconciliation import REPAIRABLE
from lethe.domain.records.orphans import FACTS, Orphan, ReconciliationReport

_BARRED = "Parsers are barred from the network, programs, other processes and the server's files."


def doctor(
    *,
    repair: Flag = False,
    json: Flag = False,
    settings: Flags | None = None,
) -> None:
    """Count leftovers without an owner: chunks, texts, files, tasks, jobs, events, nodes. Exits with 1 if any is left.

    Also shows undelivered webhook events, and how parsers are confined on this machine.

    Works whether the server runs or not. Workers do the same automatically every few minutes.

    Parameters
    ----------
    repair
        Repair what can be repaired without loss. Work for workers, such as indexing, is queued.
    json
        Print JSON.
    """

    async def use(ctx: Context) -> tuple[ReconciliationReport, ReconciliationReport, Deliveries | None, Bars]:
        found = await reconciliation.look(ctx, repair=REPAIRABLE if repair else ())
        left = await reconciliation.look(ctx) if repair and found.found else found
        await reconciliation.record(ctx, left)
        measures = await Meter(ctx.db).measure()
        async with Children() as children:
            return found, left, measures.deliveries if measures else None, await children.run(held)

    found, left, deliveries, bars = with_context(settings, use)
    if json:
        webhooks = asdict(deliveries) if deliveries else None
        parsers = {**asdict(bars), "missing": bars.missing}
        terminal.as_json({**_values(found, left), "webhooks": webhooks, "parsers": parsers})
    else:
        _table(found, left)
        if deliveries:
            terminal.line(_of_webhooks(deliveries))
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
            f"Process {open_.pid} ({open_.program or 'no name'}, role {open_.role}) has kept a transaction open for "
            f"{open_.seconds} s, and {open_.waiting} statements are waiting for it: end it with "
            f"SELECT pg_terminate_backend({open_.pid})."
        )
    for key, attempts in left.stubborn_files:
        terminal.line(
            f"The file {key} could not be removed in {attempts} attempts: see the worker's log. Its erasure gets no "
            "receipt until it is gone."
        )
    if left.skipped:
        terminal.line(f"{left.skipped} companies could not be checked: see the log above.")
    terminal.line(_verdict(found, left))


def _advice(kind: Orphan, *, repaired: bool) -> str:
    facts = FACTS[kind]
    if not facts.repairable:
        return f"not repaired automatically: {facts.remedy}"
    if repaired:
        return "still there, or new: run this again; if they stay, see the worker's log"
    return f"with 'lethe doctor --repair' they {facts.remedy}; workers do it within minutes"


def _of_webhooks(found: Deliveries) -> str:
    """The state of deliveries. It does not affect the verdict: a failing receiver is not a fault of the server."""
    if not (found.failing or found.dead):
        return f"Webhooks: {found.pending} to be delivered, none failing."
    age = timedelta(seconds=round(found.oldest_seconds))
    return (
        f"Webhooks: {found.pending} to be delivered, {found.failing} failing (the oldest waits for {age}), "
        f"{found.dead} given up: GET /v1/webhooks/deliveries tells each company why, and they can be sent again."
    )


def _verdict(found: ReconciliationReport, left: ReconciliationReport) -> str:
    if left.found:
        return f"{left.found} left."
    if left.stubborn_files:
        return "Some files cannot be removed."
    return f"{found.found} repaired, nothing is left." if found.found else "Nothing is left over."
