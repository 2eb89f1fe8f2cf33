"""Erases again, in a restored database, what receipts say was erased since the backup.

A company's receipts form one chain. The restored database has the chain up to the backup; the rest is in the backup
itself and in files that `lethe receipts export` wrote later. Before anything is restored, the whole chain is verified.
The later receipts are then added as they were signed, so that the chain continues unbroken.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, islice
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lethe.adapters.archive import Archive
from lethe.core.backup.manifest import Erasing, Manifest, receipts_file
from lethe.core.context import Context
from lethe.core.deletion import erasure
from lethe.core.queue.tasks import revoke_ingestions
from lethe.core.receipts.receipt import Broken, canonical
from lethe.core.receipts.receipt_log import END, SCRUB, Verifier
from lethe.domain.errors import OperatorError
from lethe.domain.json import Json
from lethe.store.database.transactions import Tx
from lethe.store.erasure import erasures, receipts, replays
from lethe.store.tree import life, nodes

Link = Mapping[str, Json]

_LINKS_AT_ONCE = 200
_ERASED = "The document had been deleted when its server was restored from a backup."


@dataclass(slots=True)
class Chain:
    """The known part of a company's chain: hashes by number, from the backup's last receipt on, and the head."""

    head: int
    hashes: dict[int, str]

    def follows(self, link: Link) -> bool:
        """Whether the link is new. Raises OperatorError if it contradicts the known chain."""
        seq = link["seq"]
        known = self.hashes.get(seq)
        if known is None and seq > self.head:
            self.head, self.hashes[seq] = seq, link["hash"]
            return True
        if known not in (None, link["hash"]):
            raise OperatorError(
                f"receipt {seq} differs from that of the backup: the file comes from another installation."
            )
        return False


@dataclass(slots=True)
class Replayed:
    """What a replay did: receipts added, documents erased, folders kept because they contain other documents."""

    receipts: int = 0
    documents: int = 0
    folders_left: list[str] = field(default_factory=list[str])
    ids: set[UUID] = field(default_factory=set[UUID])


def new_links(
    manifest: Manifest,
    archive: Archive,
    files: Sequence[Path],
    trusted: Mapping[str, Ed25519PublicKey],
    reached: dict[str, datetime],
) -> Iterator[Link]:
    """The receipts that a backup's database lacks, each chain in order, verified one by one.

    Args:
        files: output of `lethe receipts export`, one company each.
        trusted: the trusted public keys, by id.
        reached: an output, filled with the time of each company's newest file, by company id.

    Raises:
        Broken: something was changed, or receipts are missing.
        OperatorError: a file cannot be read, or does not continue the backup's chain.
    """
    chains = {c.id: Chain(c.receipts, {c.receipts: c.last}) for c in manifest.companies}
    for company in manifest.companies:
        name = receipts_file(company.id)
        if name in archive:
            verifier = Verifier(trusted, receipts=company.receipts, last=company.last, company_id=company.id)
            yield from _new(_lines(archive.path(name)), verifier, chains, archive.path(name))
    for path in files:
        verifier = Verifier(trusted)
        yield from _new(_lines(path), verifier, chains, path)
        with _naming(path):
            verifier.end()
            _reach(reached, verifier)


def _new(
    lines: Iterable[bytes], verifier: Verifier, chains: Mapping[str, Chain], path: Path
) -> Iterator[Link]:
    """The new links in a file; those of companies created after the backup are ignored."""
    for line in lines:
        with _naming(path):
            link = verifier.line(line)
            chain = chains.get(link["company_id"])
            is_new = chain is not None and link["kind"] != END and chain.follows(link)
        if is_new:
            yield link


def _reach(reached: dict[str, datetime], verifier: Verifier) -> None:
    id, at = verifier.company_id, verifier.exported_at
    if id is not None and at is not None:
        reached[id] = max(at, reached.get(id, at))


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Name the file in error messages."""
    try:
        yield
    except Broken as exc:
        raise Broken(f"The receipts in {path} do not hold: {exc}.") from exc
    except OperatorError as exc:
        raise OperatorError(f"The receipts in {path} cannot be used: {exc}") from exc


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            for line in file:
                yield line.removesuffix(b"\n")
    except OSError as exc:
        raise OperatorError(f"{path} cannot be read: {exc.strerror}.") from exc


async def replay(ctx: Context, links: Iterable[Link]) -> Replayed:
    """Erase what the links name, and add them to the chains. The database must not be in use by others."""
    done = Replayed()
    for company_id, of_company in groupby(links, key=lambda link: str(link["company_id"])):
        while batch := [*islice(of_company, _LINKS_AT_ONCE)]:
            await _replay(ctx, company_id, batch, done)
    return done


async def _replay(ctx: Context, company_id: str, links: Sequence[Link], done: Replayed) -> None:
    """Replay some links of one company.

    Documents are matched by id alone, since a document with the same name may be another one.
    """
    subjects = [str(link["subject"]["id"]) for link in links if link["kind"] == "erasure"]
    hidden: list[str] = []
    async with ctx.db.transaction(company_id) as tx:
        await nodes.lock(tx)
        for link in links:
            ids = [d["id"] for d in link.get("documents") or ()]
            hidden += await _hide(tx, ids, UUID(link["id"]))
            # An erasure still open in the backup would otherwise get a second receipt when everything is gone.
            await erasures.close(tx, id=UUID(link["id"]))
    await erasure.remove_many(ctx, company_id=company_id, node_ids=hidden)
    async with ctx.db.transaction(company_id) as tx:
        for link in links:
            await _take_over(tx, link)
            done.ids.add(UUID(link["id"]))
    done.folders_left += await _remove_folders(ctx, company_id, subjects)
    done.receipts += len(links)
    done.documents += len(hidden)


async def _hide(tx: Tx, ids: Sequence[str], erasure_id: UUID) -> list[str]:
    """Hide documents and revoke their ingestions; returns those that existed. Under the tree lock."""
    hidden = await life.erase_again(tx, node_ids=ids, erasure_id=erasure_id)
    await revoke_ingestions(tx, node_ids=hidden, why=_ERASED)
    return hidden


async def _take_over(tx: Tx, link: Link) -> None:
    """Add a link as it was signed.

    The fingerprints of documents erased again are kept for the next scrub, even if the documents had been scrubbed:
    that scrub covered another disk.
    """
    id = UUID(link["id"])
    documents = link.get("documents") or []
    signed = {name: value for name, value in link.items() if name != "documents"}
    await receipts.insert(
        tx,
        seq=link["seq"],
        id=id,
        subject_id=(link.get("subject") or {}).get("id"),
        erased_at=datetime.fromisoformat(link["scrubbed_at" if link["kind"] == SCRUB else "erased_at"]),
        hash=link["hash"],
        body=canonical(signed).decode(),
    )
    await replays.insert_documents(tx, id=id, documents=documents)


async def finish_erasures(ctx: Context, manifest: Manifest, done: Replayed) -> None:
    """Complete the erasures that were requested before the backup ended and had no receipt yet."""
    for erasing in manifest.erasing:
        if erasing.id not in done.ids:
            await _finish(ctx, erasing, done)


async def _finish(ctx: Context, erasing: Erasing, done: Replayed) -> None:
    company_id, ids = erasing.company_id, erasing.documents
    async with ctx.db.transaction(company_id) as tx:
        await replays.insert_erasure(
            tx,
            id=erasing.id,
            subject=erasing.subject,
            salted=erasing.salted,
            requested_at=erasing.requested_at,
            requested_by=erasing.requested_by,
            invisible_at=erasing.invisible_at,
        )
        await nodes.lock(tx)
        hidden = await _hide(tx, ids, erasing.id)
    await erasure.remove_many(ctx, company_id=company_id, node_ids=hidden)
    done.folders_left += await _remove_folders(ctx, company_id, [erasing.subject[1]])
    await erasure.prove_open(ctx, company_id=company_id, seconds=0)
    done.documents += len(hidden)


async def _remove_folders(ctx: Context, company_id: str, ids: Sequence[str]) -> list[str]:
    async with ctx.db.transaction(company_id) as tx:
        await nodes.lock(tx)
        return await replays.remove_folders(tx, node_ids=ids)
