"""`lethe scrub`: removes the bytes of erased documents from the disk."""

import sys
from functools import partial

from lethe.cli import terminal
from lethe.cli.context import with_context
from lethe.cli.terminal import Flag, Flags
from lethe.core.access import companies
from lethe.core.context import Context
from lethe.core.scrub.fingerprints import WINDOW
from lethe.core.scrub.run import Report
from lethe.core.scrub.run import scrub as run
from lethe.core.scrub.search import Disk
from lethe.domain.json import Json
from lethe.settings import Settings
from lethe.wiring.database import embedded, given


def scrub(
    *,
    company: str | None = None,
    json: Flag = False,
    settings: Flags | None = None,
) -> None:
    """Rewrite the database so that no bytes of erased documents are left on disk, check that, and write receipts.

    The server may run meanwhile. Each table is locked while it is rewritten: see docs/operations.md, 'Scrubbing'.

    Parameters
    ----------
    company
        Search for and prove only the erasures of this company.
    json
        Print JSON at the end, and the steps to standard error.
    """
    chosen = settings or Settings()
    tell = partial(print, file=sys.stderr if json else sys.stdout, flush=True)
    report = with_context(chosen, lambda ctx: _scrub(ctx, chosen, company, tell))
    if json:
        terminal.as_json(_as_json(report))
    else:
        _print(report)
    if report.left:
        sys.exit(1)


async def _scrub(ctx: Context, settings: Settings, company: str | None, tell: "partial[None]") -> Report:
    if company is None:
        company_ids = list((await companies.ids(ctx.db)).values())
    else:
        company_ids = [await companies.id_of(ctx.db, company)]
    if (conninfo := given(settings)) is not None:
        return await run(ctx, conninfo, None, company_ids=company_ids, tell=tell)
    postgres = embedded(settings)
    disk = Disk(settings.data_dir.resolve(), postgres.pgdata, ctx.blobs.directory)
    return await run(ctx, postgres.superuser_conninfo, disk, company_ids=company_ids, tell=tell)


def _print(report: Report) -> None:
    longest = max(report.locked.items(), key=lambda item: item[1], default=("none", 0.0))
    terminal.line(
        f"{len(report.locked)} tables rewritten in {report.seconds:.0f} s; locked longest: {longest[0]}, {longest[1]} s"
    )
    for found in report.outcomes:
        if found.places_before is not None and found.places_after is not None:
            terminal.line(
                f"{found.of.company}: {found.places_before * WINDOW} bytes in {found.places_before} places before, "
                f"{found.places_after * WINDOW} in {found.places_after} after"
            )
        if receipt := report.receipts.get(found.company_id):
            terminal.line(
                f"{found.of.company}: receipt {receipt} covers erasures {found.of.first} to {found.of.last}, "
                f"level {report.level}"
            )
    for left in report.left:
        terminal.line(f"left: {left.file} ({left.table or 'no table'}): {left.places} places")
    if report.left:
        terminal.line("Something is left, so no receipt was written: see docs/operations.md, 'Scrubbing'.")


def _as_json(report: Report) -> Json:
    return {
        "level": report.level,
        "seconds": round(report.seconds, 1),
        "locked_seconds": report.locked,
        "searched_files": report.searched_files,
        "searched_bytes": report.searched_bytes,
        "companies": [
            {
                "company": o.of.company,
                "covers": {"from": o.of.first, "to": o.of.last},
                "erasures": o.of.erasures,
                "documents": o.of.documents,
                "samples": o.samples,
                "samples_shared": o.shared,
                "places_found_before": o.places_before,
                "bytes_found_before": None if o.places_before is None else o.places_before * WINDOW,
                "places_found_after": o.places_after,
                "bytes_found_after": None if o.places_after is None else o.places_after * WINDOW,
                "receipt": report.receipts.get(o.company_id),
            }
            for o in report.outcomes
        ],
        "left": report.left,
    }
