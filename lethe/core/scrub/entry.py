"""The receipt that a scrub adds to a company's log: which erasures have become physical."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from lethe.core.context import Context
from lethe.core.receipts.issue import append, moment
from lethe.core.receipts.receipt_log import PHYSICAL, SCRUB
from lethe.core.scrub.fingerprints import WINDOW, Fingerprint, split
from lethe.core.scrub.search import Finds
from lethe.domain.json import Json
from lethe.store.erasure import scrubs
from lethe.store.erasure.scrubs import Uncovered

REWRITTEN = "rewritten"
"""The level of a scrub that could not search the database's files."""
_SEARCHED = ("tables, indexes and statistics", "write-ahead log", "logs", "work under way")
_BLOBS = "originals"
_BEYOND = (
    "backups and replicas of the database and the blob store, until they expire",
    "copies that callers took",
    "blocks of the disk that belong to no file any more, and snapshots of the file system",
    "memory and swap",
)
_UNREACHABLE = (
    "the data directory of the database, its write-ahead log and its archive, which were not searched"
)
_BUCKET = "earlier versions that the bucket keeps"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a scrub found for one company. `places_before` and `places_after` are None if nothing could be searched.

    `samples`: how many windows were looked for. `shared`: how many of them also occur in remaining documents; they
    count in neither number of places.
    """

    company_id: str
    of: Uncovered
    samples: int
    shared: int
    places_before: int | None
    places_after: int | None


@dataclass(frozen=True, slots=True)
class ScrubFindings:
    """What both searches found, and the fingerprints of bytes that remaining documents also contain."""

    before: Finds
    after: Finds
    shared: Set[Fingerprint]


def outcome(company_id: str, of: Uncovered, found: ScrubFindings | None) -> Outcome:
    """The outcome for one company; `found` is None if nothing could be searched."""
    samples = {f for stored in of.fingerprints for f in split(stored)}
    if found is None:
        return Outcome(company_id, of, len(samples), 0, None, None)
    own = samples - found.shared
    places = (found.before.places(own), found.after.places(own))
    return Outcome(company_id, of, len(samples), len(samples - own), *places)


async def write(
    ctx: Context, found: Outcome, *, started_at: datetime, searched_bytes: int | None, bucket: bool
) -> UUID | None:
    """Add the receipt to the company's log; returns its id, or None if there is no erasure to cover.

    Invariant: the fingerprints are deleted in the transaction that records that nothing of them is left.
    """
    first, last = found.of.first, found.of.last
    if first is None or last is None:
        return None
    id = uuid4()
    key = await ctx.keys.in_use()
    async with ctx.db.transaction(found.company_id) as tx:
        now = await scrubs.now(tx.conn)
        facts: dict[str, Json] = {
            "version": 1,
            "kind": SCRUB,
            "id": str(id),
            "company": found.of.company,
            "company_id": found.company_id,
            "covers": {
                "from": first,
                "to": last,
                "erasures": found.of.erasures,
                "documents": found.of.documents,
            },
            "started_at": moment(started_at),
            "scrubbed_at": moment(now),
        }
        if found.places_before is None:
            facts |= {"levels": [REWRITTEN], "searched": [], "out_of_scope": [_UNREACHABLE, *_BEYOND]}
        else:
            facts |= {
                "levels": [PHYSICAL],
                "samples": found.samples,
                "samples_shared": found.shared,
                "bytes_found_before": found.places_before * WINDOW,
                "bytes_found_after": 0,
                "bytes_searched": searched_bytes,
                "searched": [*_SEARCHED, *([] if bucket else [_BLOBS])],
                "out_of_scope": [*_BEYOND, *([_BUCKET] if bucket else [])],
            }
        await append(tx, key, facts, id=id, subject_id=None, erased_at=now)
        await scrubs.forget_fingerprints(tx, first=first, last=last)
    return id
