"""Accepts a document: stores the original, then node, generation, task and job in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from lethe.core.context import Context
from lethe.core.ingestion import originals
from lethe.core.queue import callbacks
from lethe.core.queue.tasks import queue, revoke_ingestions
from lethe.domain.checkpoints import checkpoint
from lethe.domain.errors import Unavailable
from lethe.domain.ids import object_id
from lethe.domain.jobs import BACKGROUND, FETCH, INGEST, SYNCHRONOUS
from lethe.domain.json import Json
from lethe.domain.records.documents import Source
from lethe.domain.records.idempotency import Claim
from lethe.domain.records.tasks import Callback, TaskKind, TaskStatus
from lethe.store.database.transactions import Tx
from lethe.store.queue import idempotency, ingestions, tasks
from lethe.store.tree import life
from lethe.store.tree.artifacts import find_root
from lethe.store.tree.life import DocumentNode

OVERTAKEN = "A newer ingestion of the same artifact replaced this one."


@dataclass(frozen=True, slots=True)
class Uri:
    """An address that the worker fetches. Its format must have been checked."""

    address: str


@dataclass(frozen=True, slots=True)
class Request:
    """A document to ingest.

    `content` is the document's bytes, a local file with them, or an address. The extension of `file_name` determines
    the type; None to detect it from the content.
    """

    collection: str
    artifact: str
    metadata: Mapping[str, Json]
    file_name: str | None
    content: bytes | Path | Uri


@dataclass(frozen=True, slots=True)
class Submission:
    """The result of a request. `task_id` is None if the same input is already stored, in `node_id`."""

    task_id: UUID | None
    node_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Accepted:
    """A request's stored original and the hash of its input, both None for an address. `holder` is the document that
    already has the same input; then nothing was stored.
    """

    source: Source | None = None
    input_hash: str | None = None
    holder: str | None = None

    @property
    def sources(self) -> list[Source]:
        """The stored original, if there is one."""
        return [] if self.source is None else [self.source]


async def submit(
    ctx: Context,
    request: Request,
    *,
    company_id: str,
    callback: Callback | None,
    waiting: bool,
    claim: Claim | None = None,
) -> Submission:
    """Accept a document and queue its ingestion.

    Args:
        callback: where the task's events go.
        waiting: the client waits for the end, so the job precedes background jobs, and no task is created for input
            that is already stored.
        claim: the request's Idempotency-Key; if an earlier attempt created a task, that one is returned.

    Invariant: node, generation, revocation of older ingestions, task, work and job are one transaction. The original
    is put into the blob store before, under a key that is swept unless the transaction commits.

    Raises:
        InputRejected: the content is over the size limit or empty.
        Unavailable: database or blob store is down; then nothing is stored.
    """
    task_id = await _earlier_task(ctx, company_id=company_id, waiting=waiting, claim=claim)
    if task_id is not None:
        return Submission(task_id)
    accepted = await _accept(ctx, request, company_id=company_id)
    if accepted.holder is not None:
        if waiting:
            return Submission(None, accepted.holder)
        return Submission(await _nothing_to_do(ctx, company_id=company_id, callback=callback, claim=claim))
    async with (
        originals.referring(ctx, company_id=company_id, sources=accepted.sources),
        ctx.db.transaction(company_id) as tx,
    ):
        task_id = await _queue(ctx, tx, request, accepted, callback=callback, waiting=waiting, claim=claim)
        checkpoint("submit_before_commit")
    checkpoint("submit_after_commit")
    return Submission(task_id)


async def _earlier_task(ctx: Context, *, company_id: str, waiting: bool, claim: Claim | None) -> UUID | None:
    """The task that an earlier attempt at the request created, if this attempt should get the same answer."""
    if claim is None or claim.task_id is None:
        return None
    if not waiting:  # then the task's id is the answer, whatever its outcome
        return claim.task_id
    # A waiting client tries again, since the task may have failed only because the connection was lost.
    task = await tasks.find(ctx.db, company_id=company_id, id=claim.task_id, kind=TaskKind.INGEST)
    if task is None or task.status in (TaskStatus.FAILURE, TaskStatus.REVOKED):
        return None
    return claim.task_id


async def _accept(ctx: Context, request: Request, *, company_id: str) -> _Accepted:
    """Store a request's content, unless it is an address or a document already has the same input."""
    if isinstance(request.content, Uri):
        return _Accepted()
    size, content_hash = await originals.examine(
        ctx, request.content, name=request.file_name or request.artifact
    )
    input_hash = originals.hash_input(content_hash, request.metadata, request.file_name)
    named = (request.collection, request.artifact)
    holders = await ingestions.holders(ctx.db, company_id=company_id, inputs={named: input_hash})
    if named in holders:
        return _Accepted(holder=holders[named])
    source = await originals.store(
        ctx, company_id=company_id, content=request.content, hash=content_hash, size=size
    )
    return _Accepted(source, input_hash)


async def _queue(
    ctx: Context,
    tx: Tx,
    request: Request,
    accepted: _Accepted,
    *,
    callback: Callback | None,
    waiting: bool,
    claim: Claim | None,
) -> UUID:
    """Write everything that `submit` writes, in its transaction; returns the task's id."""
    uri = request.content.address if isinstance(request.content, Uri) else None
    await originals.settle(tx, sources=accepted.sources)
    (node,) = (await nodes_of(tx, collection=request.collection, artifacts=[request.artifact])).values()
    await revoke_ingestions(tx, node_ids=[node.id], why=OVERTAKEN)
    async with tx.pipeline():
        task_id = await queue(
            ctx,
            tx,
            job=INGEST if uri is None else FETCH,
            kind=TaskKind.INGEST,
            node_id=node.id,
            generation=node.generation,
            callback=callback,
            priority=SYNCHRONOUS if waiting else BACKGROUND,
        )
        await ingestions.insert(
            tx,
            task_id=task_id,
            metadata=request.metadata,
            file_name=request.file_name,
            uri=uri,
            source=accepted.source,
            input_hash=accepted.input_hash,
            kept=False,
        )
    # A task id reveals nothing of the document; the answer to a waiting client does, and is deleted with it.
    await idempotency.bind(tx, claim=claim, node_id=node.id if waiting else None, task_id=task_id)
    return task_id


async def enqueue(
    ctx: Context,
    tx: Tx,
    *,
    node_id: str,
    generation: int,
    source: Source,
    metadata: Mapping[str, Json],
    file_name: str,
) -> None:
    """Queue the ingestion of an accepted original, in the caller's transaction, which has locked the node.

    The client will be told that the content is stored, so it is kept even if the node goes to the trash.

    Raises:
        Unavailable: the original has already been swept; then nothing is stored.
    """
    await originals.settle(tx, sources=[source])
    async with tx.pipeline():
        task_id = await queue(
            ctx, tx, job=INGEST, kind=TaskKind.INGEST, node_id=node_id, generation=generation
        )
        await ingestions.insert(
            tx,
            task_id=task_id,
            metadata=metadata,
            file_name=file_name,
            uri=None,
            source=source,
            input_hash=originals.hash_input(source.hash, metadata, file_name),
            kept=True,
        )


async def nodes_of(tx: Tx, *, collection: str, artifacts: Sequence[str]) -> dict[str, DocumentNode]:
    """The artifacts' nodes by name, with their generations raised; nodes and collection are created if needed.

    A round finds or creates them all, unless another transaction removes or creates the same names in between.
    Raises Unavailable after too many rounds.
    """
    found: dict[str, DocumentNode] = {}
    for _ in range(20):
        root_id = await find_root(tx, collection=collection)
        if root_id is None:
            await life.create_collection(tx, id=object_id(), collection=collection)
            continue
        missing = [artifact for artifact in artifacts if artifact not in found]
        found |= await life.raise_generations_of(tx, root_id=root_id, artifacts=missing)
        new = [artifact for artifact in missing if artifact not in found]
        if new:
            ids = sorted(object_id() for _ in new)  # lists show equal times in the order of ids
            found |= await life.create_artifacts(tx, ids=ids, root_id=root_id, artifacts=new)
        if len(found) == len(artifacts):
            return found
    raise Unavailable(
        "The document was deleted and created too often while it was being accepted: try again."
    )


async def _nothing_to_do(
    ctx: Context, *, company_id: str, callback: Callback | None, claim: Claim | None
) -> UUID:
    """Create a task that has already succeeded, because the same input is stored already."""
    answer = callbacks.ingest_answer([])
    async with ctx.db.transaction(company_id) as tx:
        task_id = await queue(ctx, tx, job=None, kind=TaskKind.INGEST, node_id=None, callback=callback)
        await idempotency.bind(tx, claim=claim, task_id=task_id)
        await tasks.finish(
            tx,
            id=task_id,
            status=TaskStatus.SUCCESS,
            result=answer,
            keep_source=True,
        )
        await callbacks.tell_done(tx, task_id=task_id, kind=TaskKind.INGEST, data=answer)
    return task_id
