"""Accepts many documents at once: each becomes an ingestion with a task of its own, all of them in one transaction."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from lethe.core.context import Context
from lethe.core.ingestion import originals
from lethe.core.ingestion.submit import OVERTAKEN, Request, Uri, nodes_of
from lethe.core.ingestion.together import SHARE_DOCUMENTS, SMALL_BYTES
from lethe.core.queue import callbacks
from lethe.core.queue.tasks import find, queue, revoke_ingestions
from lethe.core.tree import bounds
from lethe.domain.checkpoints import checkpoint
from lethe.domain.errors import InputRejected, Unavailable
from lethe.domain.ids import object_id
from lethe.domain.jobs import FETCH, INGEST, INGEST_SHARE
from lethe.domain.records.batches import Member, NewMember
from lethe.domain.records.bounds import whole
from lethe.domain.records.documents import Source
from lethe.domain.records.idempotency import Claim
from lethe.domain.records.tasks import Task, TaskKind
from lethe.store.database.transactions import Tx
from lethe.store.queue import batches, idempotency, ingestions, tasks

BATCH_DOCUMENTS = 1_000
"""The most documents in a batch: the transaction that accepts them takes a quarter of a second."""
_SHARE_BYTES = 512 * 1024
"""How many bytes of originals one job works on together."""
_FULL_SECONDS = 5


@dataclass(frozen=True, slots=True)
class _Hashes:
    """The size and hashes of a content (empty for an address), or why it is refused."""

    size: int = 0
    content: str = ""
    input: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class _Accepted:
    """A request with its stored original, the document that already has the same input, or why it is refused."""

    request: Request
    source: Source | None
    input_hash: str | None
    holder: str | None
    error: str | None

    @property
    def open(self) -> bool:
        """Whether there is something to do."""
        return self.holder is None and self.error is None


async def submit_batch(
    ctx: Context, requests: Sequence[Request], *, company_id: str, claim: Claim | None = None
) -> UUID:
    """Accept documents with different names and queue their ingestion; returns the id of the batch's task.

    The task of a document ends at once if its content is empty, too large, or the same input that is already stored.

    Args:
        claim: the request's Idempotency-Key; if an earlier attempt created a task, that one is returned.

    Invariant: that of `submit`, in one transaction for all documents and the batch's task, which ends with the last
    document's.

    Raises:
        Unavailable: database or blob store is down, or the queue has no room for so many; then nothing is stored.
    """
    if claim is not None and claim.task_id is not None:
        return claim.task_id
    accepted = await _accept(ctx, requests, company_id=company_id)
    sources = [one.source for one in accepted if one.source is not None]
    async with originals.referring(ctx, company_id=company_id, sources=sources):
        await _make_room(ctx, company_id, sum(one.open for one in accepted))
        async with ctx.db.transaction(company_id) as tx:
            await originals.settle(tx, sources=sources)
            members = await _members(tx, accepted)
            batch_id = await queue(ctx, tx, job=None, kind=TaskKind.BATCH, node_id=None)
            await batches.insert(
                tx, batch_id=batch_id, members=members, unchanged_result=callbacks.ingest_answer([])
            )
            await _defer(ctx, tx, batch_id, members)
            await idempotency.bind(tx, claim=claim, task_id=batch_id)
            checkpoint("batch_before_commit")
    return batch_id


async def show(ctx: Context, *, company_id: str, task_id: str) -> tuple[Task, list[Member]]:
    """A batch's task, and its documents in the order in which they were sent. Raises NotFound."""
    task = await find(ctx.db, company_id=company_id, task_id=task_id, kind=TaskKind.BATCH)
    return task, await batches.members(ctx.db, company_id=company_id, batch_id=task.id)


async def _accept(ctx: Context, requests: Sequence[Request], *, company_id: str) -> list[_Accepted]:
    """Store the contents, except those that are refused or already stored."""
    hashes = await asyncio.to_thread(lambda: [_hashes(ctx, request) for request in requests])
    inputs = {(r.collection, r.artifact): h.input for r, h in zip(requests, hashes, strict=True)}
    holders = await ingestions.holders(
        ctx.db, company_id=company_id, inputs={name: hash for name, hash in inputs.items() if hash}
    )
    accepted, contents = [], []
    for request, found in zip(requests, hashes, strict=True):
        holder = holders.get((request.collection, request.artifact))
        source = None
        if found.input is not None and holder is None and not isinstance(request.content, Uri):
            source = Source(f"{company_id}/{object_id()}", found.content, found.size)
            contents.append((source, request.content))
        accepted.append(_Accepted(request, source, found.input, holder, found.error))
    await originals.store_all(ctx, contents, company_id=company_id)
    return accepted


def _hashes(ctx: Context, request: Request) -> _Hashes:
    if isinstance(request.content, Uri):
        return _Hashes()
    try:
        size = originals.check_size(ctx, request.content, name=request.file_name or request.artifact)
    except InputRejected as exc:
        return _Hashes(error=str(exc))
    content = originals.sha256(request.content)
    return _Hashes(size, content, originals.hash_input(content, request.metadata, request.file_name))


async def _make_room(ctx: Context, company_id: str, documents: int) -> None:
    """Raise Unavailable if the queue of the whole company has no room for so many more ingestions.

    The queue is counted without a lock, as it is for single documents: simultaneous batches may exceed the limit
    together. A lock on the company would hold up its receipts for as long as a batch is being accepted.
    """
    async with ctx.db.transaction(whole(company_id), durable=False) as tx:
        waiting = await tasks.count_open_ingestions(tx)
    if documents and waiting + documents > ctx.limits.queue_of_company:
        raise Unavailable(
            f"The queue has no room for {documents:,} more ingestions: try again in {_FULL_SECONDS} s, or with fewer "
            "documents.",
            _FULL_SECONDS,
        )


async def _members(tx: Tx, accepted: Sequence[_Accepted]) -> list[NewMember]:
    """The documents with their nodes; raises the nodes' generations and revokes their earlier ingestions.

    Collections and nodes are locked in one order, so that two batches cannot deadlock. A refused document is recorded
    under its collection's name, so the caller must be allowed to change the collection. Raises BeyondBounds.
    """
    by_collection = defaultdict(list)
    for one in accepted:
        if one.open:
            by_collection[one.request.collection].append(one.request.artifact)
    nodes = {
        collection: await nodes_of(tx, collection=collection, artifacts=by_collection[collection])
        for collection in sorted(by_collection)
    }
    refused = {one.request.collection for one in accepted if one.error is not None}
    for collection in sorted(refused - {*nodes}):
        await bounds.require_collection(tx, collection=collection)
    found = [node for of_collection in nodes.values() for node in of_collection.values()]
    await revoke_ingestions(tx, node_ids=[node.id for node in found], why=OVERTAKEN)
    shares = _Shares()
    members = []
    for one in accepted:
        request = one.request
        node = nodes[request.collection][request.artifact] if one.open else None
        members.append(
            NewMember(
                task_id=uuid4(),
                collection=request.collection,
                artifact=request.artifact,
                node_id=node.id if node else one.holder or object_id(),
                generation=node.generation if node else None,
                share=shares.place(one.source) if one.source else None,
                metadata=request.metadata,
                file_name=request.file_name,
                uri=request.content.address if isinstance(request.content, Uri) else None,
                source=one.source,
                input_hash=one.input_hash,
                error=one.error,
                unchanged=one.holder is not None,
            )
        )
    return members


class _Shares:
    """Distributes small documents over jobs."""

    def __init__(self) -> None:
        self._number = 0
        self._documents = 0
        self._bytes = 0

    def place(self, source: Source) -> int | None:
        """The number of the share for this document; None if it is large and gets a job of its own."""
        if source.bytes > SMALL_BYTES:
            return None
        if self._documents == SHARE_DOCUMENTS or self._bytes + source.bytes > _SHARE_BYTES:
            self._number, self._documents, self._bytes = self._number + 1, 0, 0
        self._documents += 1
        self._bytes += source.bytes
        return self._number


async def _defer(ctx: Context, tx: Tx, batch_id: UUID, members: Sequence[NewMember]) -> None:
    """Queue a job for each share, and one for each document that is not in a share."""
    shares = sorted({member.share for member in members if member.share is not None})
    await ctx.jobs.defer_all(
        tx, INGEST_SHARE, jobs=[{"task_id": str(batch_id), "share": share} for share in shares]
    )
    alone = [member for member in members if member.open and member.share is None]
    for job, some in (
        (INGEST, [member for member in alone if member.uri is None]),
        (FETCH, [member for member in alone if member.uri is not None]),
    ):
        await ctx.jobs.defer_all(tx, job, jobs=[{"task_id": str(member.task_id)} for member in some])
