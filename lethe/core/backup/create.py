"""Makes a backup of a running server.

1. Copy the originals that rows name. This takes long, and meanwhile files are added and removed.
2. Hold a snapshot of the database and copy the new originals. If a file named by its rows is gone by now, its row has
   changed as well: take another snapshot. Since files are removed only after the commit that drops their names, the
   copy has all files of a snapshot or is known to be incomplete.
3. Dump the snapshot.
4. Record what was erased since: receipts, and erasures that have none yet. Their originals are removed from the
   backup now, and their rows when the database is restored.
"""

import asyncio
import base64
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lethe.adapters.archive import Archive
from lethe.core.backup import manifest as manifests
from lethe.core.backup.manifest import DATABASE, Company, Erasing, Manifest, original_file, receipts_file
from lethe.core.context import Context
from lethe.core.receipts import receipt_log
from lethe.core.receipts.receipt import GENESIS, parsed
from lethe.domain.errors import NotFound, Unavailable
from lethe.store.erasure import erasures
from lethe.store.postgres import dump
from lethe.store.postgres.dump import Original, Snapshot

Tell = Callable[[str], None]

_ROUNDS = 50
"""How many snapshots are tried. From the second on few files are new, so a round takes moments."""
_FILES_AT_ONCE = 8
_TELL_EVERY = 1_000
_TOO_BUSY = "Documents are replaced faster than their originals can be copied: try again when the server is less busy."


@dataclass(frozen=True, slots=True)
class _Dumped:
    """The facts of the snapshot that was dumped, and its originals that were copied."""

    taken_at: datetime
    migrations: dict[str, str]
    companies: tuple[Company, ...]
    originals: Sequence[Original]


async def create_backup(ctx: Context, admin: str, archive: Archive, *, version: str, tell: Tell) -> Manifest:
    """Make a backup in an empty archive.

    Args:
        admin: conninfo of a role that sees all rows.
        version: the version of Lethe.
        tell: prints progress.

    Invariant: the archive has every file named by a row of its database, except those of documents whose erasure it
    records and those that the blob store has lost. Every erasure acknowledged before `ended_at` is in its database or
    recorded.

    Raises:
        OperatorError: the role does not see all rows, or a PostgreSQL program fails.
        Unavailable: the database or the blob store is down.
    """
    await ctx.keys.in_use()  # so that the copied database has the public key
    missing = await _copy_ahead(ctx, admin, archive, tell)
    dumped = await _dump_complete(ctx, admin, archive, missing, tell)
    await asyncio.to_thread(archive.add, DATABASE)
    ended_at = datetime.now(UTC)
    erasing, erased = await _erased_since(ctx, archive, dumped.companies)
    kept = {o.key for o in dumped.originals if (o.company_id, o.node_id) not in erased}
    archive.keep(DATABASE, *map(original_file, kept), *(receipts_file(c.id) for c in dumped.companies))
    manifest = Manifest(
        format=manifests.FORMAT,
        lethe=version,
        taken_at=dumped.taken_at,
        ended_at=ended_at,
        migrations=dumped.migrations,
        companies=dumped.companies,
        originals=len(kept),
        keys={k.id: base64.b64encode(k.public_key).decode() for k in await ctx.keys.public()},
        erasing=tuple(erasing),
    )
    manifests.write(archive, manifest)
    await asyncio.to_thread(archive.finish)
    return manifest


async def _copy_ahead(ctx: Context, admin: str, archive: Archive, tell: Tell) -> set[str]:
    """Copy most originals before the snapshot to dump is taken; returns as `_copy`."""
    async with dump.snapshot(admin) as moment:
        originals = await dump.originals(moment.conn, company_id=None)
    tell(f"copying {len(originals)} originals")
    return await _copy(ctx, archive, originals, tell)


async def _dump_complete(
    ctx: Context, admin: str, archive: Archive, missing: set[str], tell: Tell
) -> _Dumped:
    """Dump the first snapshot whose originals are all copied, apart from lost ones. Raises Unavailable.

    Args:
        missing: keys that the blob store lacked when they were copied ahead.
    """
    for _ in range(_ROUNDS):
        async with dump.snapshot(admin) as moment:
            originals = await dump.originals(moment.conn, company_id=None)
            seen, missing = missing, await _copy(ctx, archive, originals, tell)
            if missing <= seen:  # rows go before files, so a missing file that rows still name is lost
                return await _dump(admin, archive, moment, originals=originals, lost=missing, tell=tell)
    raise Unavailable(_TOO_BUSY)


async def _dump(
    admin: str,
    archive: Archive,
    moment: Snapshot,
    *,
    originals: Collection[Original],
    lost: set[str],
    tell: Tell,
) -> _Dumped:
    for key in sorted(lost):
        tell(f"warning: the original {key} is missing from the blob store; its document is copied without it")
    tell(f"dumping the database as of {moment.taken_at:%Y-%m-%d %H:%M:%S} UTC")
    await dump.dump(admin, archive.room(DATABASE), snapshot=moment.id)
    companies = (
        Company(c.id, c.name, c.documents, c.seq or 0, c.hash or GENESIS) for c in await moment.companies()
    )
    return _Dumped(
        taken_at=moment.taken_at,
        migrations=await moment.migrations(),
        companies=tuple(companies),
        originals=[o for o in originals if o.key not in lost],
    )


async def _copy(ctx: Context, archive: Archive, originals: Collection[Original], tell: Tell) -> set[str]:
    """Copy the originals that the archive lacks; returns the keys of those that the blob store lacks too."""
    new = {o.key for o in originals if original_file(o.key) not in archive}
    keys, missing, done = iter(sorted(new)), set[str](), 0

    async def copy(keys: Iterator[str]) -> None:
        nonlocal done
        for key in keys:
            name = original_file(key)
            try:
                await ctx.blobs.download(key, archive.room(name))
            except NotFound:
                missing.add(key)
                continue
            await asyncio.to_thread(archive.add, name)
            done += 1
            if done % _TELL_EVERY == 0:
                tell(f"copied {done} of {len(new)} originals")

    await asyncio.gather(*(copy(keys) for _ in range(_FILES_AT_ONCE)))
    return missing


async def _erased_since(
    ctx: Context, archive: Archive, companies: Collection[Company]
) -> tuple[list[Erasing], set[tuple[str, str]]]:
    """What was erased since the snapshot: erasures without a receipt, and (company, node) of all erased documents.

    Receipts written since are added to the archive.
    """
    erasing: list[Erasing] = []
    erased: set[tuple[str, str]] = set()
    for company in companies:
        async with ctx.db.snapshot(company.id) as tx:
            lines = await receipt_log.tail(tx, after=company.receipts)
            found = await erasures.under_way(tx)
        for line in lines:
            erased |= {(company.id, d["id"]) for d in parsed(line[:-1]).get("documents") or ()}
        if lines:
            name = receipts_file(company.id)
            archive.room(name).write_bytes(b"".join(lines))
            archive.add(name)
        for e in found:
            subject = (e.subject_kind, e.subject_id, e.subject_name)
            times = (e.requested_at, e.requested_by, e.invisible_at)
            erasing.append(Erasing(company.id, e.id, subject, *times, tuple(e.documents), e.salted))
            erased |= {(company.id, node) for node in e.documents}
    return erasing, erased
