"""Taking a document in: original stored, then one transaction with node, generation, task and job."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from lethe.core import callbacks
from lethe.core.context import Context
from lethe.core.ingestion import originals
from lethe.core.tasks import queue, revoke_ingestions
from lethe.domain.checkpoints import checkpoint
from lethe.domain.errors import Unavailable
from lethe.domain.idempotency import Claim
from lethe.domain.ids import object_id
from lethe.domain.jobs import BACKGROUND, FETCH, INGEST, SYNCHRONOUS
from lethe.domain.records import Json, Source
from lethe.domain.tasks import Callback, TaskKind, TaskStatus
from lethe.store.transactions import Tx
from lethe.store.tree import artifacts, life
from lethe.store.tree.life import DocumentNode
from lethe.store.work import idempotency, ingestions, tasks

OVERTAKEN = "A newer ingestion of the same artifact replaced this one."


@dataclass(frozen=True, slots=True)
class Uri:
    """An address whose content is fetched by the worker. Its shape must have been checked."""

    address: str


@dataclass(frozen=True, slots=True)
class Request:
    """A document to be ingested.

    `content` is the document's bytes, a local file that holds them, or an address. `file_name` tells the type
    by its extension; None to tell it by the content.
    """

    collection: str
    artifact: str
    metadata: Mapping[str, Json]
    file_name: str | None
    content: bytes | Path | Uri


@dataclass(frozen=True, slots=True)
class Submission:
    """What came of a request. `task_id` is None when the very same input is stored already, in `node_id`."""

    task_id: UUID | None
    node_id: str | None = None


async def submit(
    ctx: Context,
    request: Request,
    *,
    company_id: str,
    callback: Callback | None,
    waiting: bool,
    claim: Claim | None = None,
) -> Submission:
    """Take a document in and queue its ingestion.

    Args:
        callback: where the task's events go.
        waiting: somebody waits for the end: the job goes before those in the background, and input that is
            stored already needs no task.
        claim: that of the request. The task of an earlier attempt is returned again.

    Invariant: node, generation, revocation of older ingestions, task, work and job are one transaction; the
    original is in the blob store before it, under a key that is swept if the transaction fails or never comes.

    Raises:
        InputRejected: the content is over the size limit or empty.
        Unavailable: database or blob store are away; nothing is stored then.
    """
    if claim is not None and claim.task_id is not None:
        task = await tasks.find(ctx.db, company_id=company_id, id=claim.task_id, kind=TaskKind.INGEST)
        # Who does not wait is told the task, whatever came of it; who waits, nothing that came of a lost connection.
        if not waiting or (task is not None and task.status not in (TaskStatus.FAILURE, TaskStatus.REVOKED)):
            return Submission(claim.task_id)
    source: Source | None = None
    input_hash: str | None = None
    if not isinstance(request.content, Uri):
        size, content_hash = await originals.examine(
            ctx, request.content, name=request.file_name or request.artifact
        )
        input_hash = originals.hash_input(content_hash, request.metadata, request.file_name)
        holder = await ingestions.holder(
            ctx.db,
            company_id=company_id,
            collection=request.collection,
            artifact=request.artifact,
            input_hash=input_hash,
        )
        if holder is not None:
            if waiting:
                return Submission(None, holder)
            return Submission(
                await _nothing_to_do(ctx, company_id=company_id, callback=callback, claim=claim)
            )
        source = await originals.store(
            ctx, company_id=company_id, content=request.content, hash=content_hash, size=size
        )
    task_id = uuid4()
    uri = request.content.address if isinstance(request.content, Uri) else None
    async with (
        originals.referring(ctx, company_id=company_id, source=source),
        ctx.db.transaction(company_id) as tx,
    ):
        if source is not None:
            await originals.settle(tx, source=source)
        node = await _node(tx, collection=request.collection, artifact=request.artifact)
        await revoke_ingestions(tx, node_id=node.id, why=OVERTAKEN)
        if claim is not None:
            # The id of a task shows nothing of the document; what those who wait are told goes with it.
            await idempotency.bind(tx, claim=claim, node_id=node.id if waiting else None, task_id=task_id)
        async with tx.pipeline():
            await queue(
                ctx,
                tx,
                job=INGEST if uri is None else FETCH,
                id=task_id,
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
                source=source,
                input_hash=input_hash,
                kept=False,
            )
        checkpoint("submit_before_commit")
    checkpoint("submit_after_commit")
    return Submission(task_id)


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
    """Queue the ingestion of an accepted original in the caller's transaction, which has locked the node.

    The caller of the API will be told that the content is stored: a node in the trash keeps it.

    Raises:
        Unavailable: the original has been swept since; nothing is stored then.
    """
    await originals.settle(tx, source=source)
    task_id = uuid4()
    async with tx.pipeline():
        await queue(
            ctx,
            tx,
            job=INGEST,
            id=task_id,
            kind=TaskKind.INGEST,
            node_id=node_id,
            generation=generation,
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


async def _node(tx: Tx, *, collection: str, artifact: str) -> DocumentNode:
    """The artifact's node with its generation raised; node and collection are made when they are new.

    Each turn either finds what is there or makes it; a turn is lost only when another transaction removed or
    made the same name in between.
    """
    for _ in range(20):
        root_id = await artifacts.find_root(tx, collection=collection)
        if root_id is None:
            await life.create_collection(tx, id=object_id(), collection=collection)
            continue
        node = await life.raise_generation_of(
            tx, root_id=root_id, artifact=artifact
        ) or await life.create_artifact(tx, id=object_id(), root_id=root_id, artifact=artifact)
        if node is not None:
            return node
    raise Unavailable("The document's name changed hands too often while it was being ingested: try again.")


async def _nothing_to_do(
    ctx: Context, *, company_id: str, callback: Callback | None, claim: Claim | None
) -> UUID:
    """A task that has succeeded with nothing to do, since the same input is stored already."""
    task_id = uuid4()
    answer = callbacks.ingest_answer([])
    async with ctx.db.transaction(company_id) as tx:
        if claim is not None:
            await idempotency.bind(tx, claim=claim, task_id=task_id)
        await tasks.insert(
            tx,
            id=task_id,
            kind=TaskKind.INGEST,
            node_id=None,
            generation=None,
            callback=callback,
        )
        await tasks.finish(
            tx,
            id=task_id,
            status=TaskStatus.SUCCESS,
            result=answer,
            keep_source=True,
        )
        await callbacks.tell_done(tx, task_id=task_id, kind=TaskKind.INGEST, data=answer)
    return task_id
