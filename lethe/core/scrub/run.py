"""`lethe scrub` makes erasure physical: no file contains anything of erased documents, and a receipt says so.

1. Search all files for the fingerprints of what was erased since the last scrub: the figure before.
2. Rewrite every table, renew the planner's samples, and remove old write-ahead log and files left by crashes.
3. Repeat the search. If it finds something, start over; if not, add a receipt to each company's log.

A scrub may be killed at any point and run again: dropped indexes are recorded in the database.
"""

import asyncio
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from lethe.core.context import Context
from lethe.core.receipts.receipt_log import PHYSICAL
from lethe.core.scrub import entry
from lethe.core.scrub.entry import Outcome, ScrubFindings
from lethe.core.scrub.fingerprints import WINDOW, Fingerprint, FingerprintHasher, SoughtFingerprints, split
from lethe.core.scrub.search import Disk, Finds, held_by_others, search
from lethe.domain.errors import OperatorError
from lethe.store import access
from lethe.store.database.connections import Connection
from lethe.store.erasure import scrubs
from lethe.store.erasure.scrubs import Uncovered
from lethe.store.postgres import cluster_files, indexes, vacuum_full
from lethe.store.postgres.vacuum_full import Table
from lethe.store.search import upkeep as search_upkeep

Tell = Callable[[str], None]

_ROUNDS = 3
"""What was being written during one round is gone in the next."""
_OTHERS_SECONDS = 30
"""How long to wait for another scrub's lock. The statement of a killed scrub ends after 10 s, and with it the lock."""
_OPEN_SECONDS = 600
_LOOK_SECONDS = 0.2
_LARGE = 10_000_000
"""Tables larger than this, in bytes, are also reported before they are locked."""


@dataclass(frozen=True, slots=True)
class Left:
    """A file that still contains erased bytes; `table` is the table it belongs to, if any."""

    file: str
    in_database: bool
    table: str | None
    places: int


@dataclass(slots=True)
class Report:
    """What a scrub did. `receipts` has their ids by company; none is written if anything is left."""

    level: str
    seconds: float = 0
    locked: dict[str, float] = field(default_factory=dict)
    searched_files: int | None = None
    searched_bytes: int | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    receipts: dict[str, UUID] = field(default_factory=dict)


async def scrub(
    ctx: Context, conninfo: str, disk: Disk | None, *, company_ids: list[str], tell: Tell
) -> Report:
    """Rewrite the database so that nothing of erased documents is left on disk.

    Args:
        conninfo: of a superuser for the embedded database, otherwise the operator's.
        disk: where the files are. None if the database is on another machine: it is then rewritten but not searched.
        company_ids: whose erasures to search for and prove. The tables of all companies are rewritten.
        tell: called with a sentence at each step.

    Raises OperatorError if the scrub cannot run now: another one is running, a table is locked, or the disk is full.
    """
    start = time.monotonic()
    async with (
        indexes.administration(conninfo) as conn,
        indexes.alone(conn, seconds=_OTHERS_SECONDS) as held,
    ):
        if not held:
            raise OperatorError(
                "Another 'lethe scrub' is running on this database, or a worker is building an index: try again later."
            )
        report = await _Scrub(ctx, conn, disk, tell).run(company_ids)
    report.seconds = time.monotonic() - start
    return report


@dataclass(slots=True)
class _Scrub:
    ctx: Context
    conn: Connection
    disk: Disk | None
    tell: Tell
    report: Report = field(default_factory=lambda: Report(entry.REWRITTEN))

    async def run(self, company_ids: list[str]) -> Report:
        async with self.ctx.db.system() as conn:
            started_at = await scrubs.now(conn)
        marker = await self.ctx.markers.in_use()
        subjects = {id: await self._uncovered(id) for id in company_ids}
        stored = [f for subject in subjects.values() for f in subject.fingerprints]
        wanted = SoughtFingerprints(marker, (f for each in stored for f in split(each)))
        if self.disk is None:
            await self._rewrite()
            self.tell(
                "The data directory is not on this machine: the files of the database are not searched."
            )
            found = None
        else:
            self.report.level = PHYSICAL
            found = await self._until_gone(self.disk, marker, wanted)
        self.report.outcomes = [entry.outcome(id, of, found) for id, of in subjects.items()]
        if not self.report.left:
            await self._prove(started_at)
        return self.report

    async def _until_gone(
        self, disk: Disk, marker: FingerprintHasher, wanted: SoughtFingerprints
    ) -> ScrubFindings:
        await cluster_files.checkpoint(self.conn)
        before = await self._search(disk, wanted)
        for attempt in range(_ROUNDS):
            if attempt:
                self.tell("The database still contains something: repeating.")
            await self._rewrite()
            await self._clear_files(disk)
            after = await self._search(disk, wanted)
            shared = (
                await self._shared(disk, SoughtFingerprints(marker, after.found)) if after.files else set()
            )
            self.report.left = await self._left(disk, after, shared)
            if not any(left.in_database for left in self.report.left):
                break
        return ScrubFindings(before, after, shared)

    async def _uncovered(self, company_id: str) -> Uncovered:
        async with self.ctx.db.transaction(company_id) as tx:
            found = await scrubs.uncovered(tx)
        self.tell(
            f"{found.company}: {found.documents} documents of {found.erasures} erasures to search for"
            + (
                f"; {found.unproved} more erasures are under way and are not covered"
                if found.unproved
                else ""
            )
        )
        return found

    async def _search(self, disk: Disk, wanted: SoughtFingerprints) -> Finds:
        keys = await scrubs.blob_keys(self.conn)
        finds = await asyncio.to_thread(search, disk, wanted, keys)
        self.report.searched_files, self.report.searched_bytes = finds.searched_files, finds.searched_bytes
        places = finds.places(finds.found)
        self.tell(
            f"searched {finds.searched_files} files, {_size(finds.searched_bytes)}: "
            f"{places} places, {places * WINDOW} bytes in {len(finds.files)} files"
        )
        return finds

    async def _shared(self, disk: Disk, wanted: SoughtFingerprints) -> set[Fingerprint]:
        keys = await scrubs.blob_keys(self.conn)
        found = await held_by_others(wanted, scrubs.living(self.conn), disk, keys)
        if found:
            self.tell(f"{len(found)} of the windows found belong to remaining documents")
        return found

    async def _rewrite(self) -> None:
        await self._recount_lexemes()
        tables = await vacuum_full.tables(self.conn)
        self._require_room(tables)
        await self._outlast()
        for table in tables:
            await self._rewrite_table(table)
            for name in await indexes.make_noted(self.conn):
                self.tell(f"{name}: rebuilt, because {table.name} was in use")
        if await vacuum_full.take_statistics_anew(self.conn):
            await self._outlast()
            await self._rewrite_table(vacuum_full.STATISTICS)
        else:
            self.tell(
                "The role is not a superuser: old samples of values stay in pg_statistic until new ones replace them."
            )

    async def _rewrite_table(self, table: Table) -> None:
        if table.bytes > _LARGE:
            self.tell(f"{table.name}: {_size(table.bytes)}, locked while it is being rewritten")
        seconds = await vacuum_full.rewrite(self.conn, table)
        self.report.locked[table.name] = round(seconds, 3)
        self.tell(f"{table.name}: rewritten, {_size(table.bytes)} before, locked for {seconds:.2f} s")

    async def _recount_lexemes(self) -> None:
        """Count words again, since the counts still include the words of erased documents."""
        async with self.ctx.db.system() as conn:
            companies = await access.company_ids(conn)
        for company_id in companies:
            counted = False
            while not counted:
                async with self.ctx.db.transaction(company_id, unhurried=True) as conn:
                    counted = await search_upkeep.claim(conn)
                    if counted and (await search_upkeep.text_size(conn)).counted:
                        await search_upkeep.count_lexemes(conn)
                if not counted:
                    await asyncio.sleep(_LOOK_SECONDS)

    async def _outlast(self) -> None:
        """Wait for transactions that still see deleted rows, since a rewrite would have to keep those rows."""
        mark = await vacuum_full.older_than_now(self.conn)
        end = time.monotonic() + _OPEN_SECONDS
        told = False
        while (who := await vacuum_full.open_before(self.conn, mark)) is not None:
            if time.monotonic() > end:
                raise OperatorError(
                    f"A transaction still needs deleted rows: {who}. End it, then run 'lethe scrub' again."
                )
            if not told and time.monotonic() > end - _OPEN_SECONDS + 2:
                self.tell(f"waiting for a transaction: {who}")
                told = True
            await asyncio.sleep(_LOOK_SECONDS)

    async def _clear_files(self, disk: Disk) -> None:
        if orphans := await cluster_files.remove_orphans(self.conn, disk.pgdata, seconds=_OPEN_SECONDS):
            self.tell(f"{orphans} files left by crashes removed")
        segments = await cluster_files.recycle_wal(self.conn, disk.pgdata)
        self.tell(f"write-ahead log: {segments} segments removed")

    def _require_room(self, tables: list[Table]) -> None:
        if self.disk is None or not tables:
            return
        free = shutil.disk_usage(self.disk.pgdata).free
        if free < (need := tables[-1].bytes * 5 // 4):
            raise OperatorError(
                f"The disk has {_size(free)} left, and rewriting {tables[-1].name} takes {_size(need)}: make room."
            )

    async def _left(self, disk: Disk, after: Finds, shared: set[Fingerprint]) -> list[Left]:
        found = []
        for path, fingerprints in after.files.items():
            if places := sum(n for f, n in fingerprints.items() if f not in shared):
                table = await cluster_files.table_of(self.conn, disk.pgdata, path)
                found.append(Left(disk.name(path), path.is_relative_to(disk.pgdata), table, places))
        return found

    async def _prove(self, started_at: datetime) -> None:
        for found in self.report.outcomes:
            id = await entry.write(
                self.ctx,
                found,
                started_at=started_at,
                searched_bytes=self.report.searched_bytes,
                bucket=self.ctx.blobs.directory is None,
            )
            if id is not None:
                self.report.receipts[found.company_id] = id


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB"
