"""Routes that ingest and erase many documents at once."""

from fastapi import APIRouter, Request, Response

from lethe.api.artifacts.answers import BatchAnswer, ErasedAnswer, TaskCreated, batch_answer, json_answer
from lethe.api.artifacts.batches import read_batch
from lethe.api.artifacts.shapes import DeleteBatchBody
from lethe.api.request.auth import Ctx, Deleter, Ingester, Writer
from lethe.api.request.bodies import let_go, read_json
from lethe.api.request.idempotency import claim_of
from lethe.core.deletion import erasure
from lethe.core.ingestion import batch

router = APIRouter(tags=["artifacts"])


@router.post(
    "/ingest/batch",
    status_code=202,
    response_model=TaskCreated,
    summary="Store up to 1,000 documents in the background",
)
async def ingest_batch(request: Request, ctx: Ctx, caller: Ingester) -> Response:
    """Accepts JSON with a list, or lines of JSON (`application/x-ndjson`); each document is like the body of
    `POST /ingest`. Returns the id of one task: see `GET /ingest/batch/{task_id}`.

    If a document has the wrong shape, or two have the same name, the whole batch is refused with 422 and nothing is
    stored. A later error fails only the document concerned. Small documents are processed together, which is several
    times as fast as one call for each.
    """
    documents = await read_batch(request, ctx.scratch)
    let_go(request)
    task_id = await batch.submit_batch(ctx, documents, company_id=caller.company_id, claim=claim_of(request))
    return json_answer({"task_id": task_id}, status=202)


@router.get(
    "/ingest/batch/{task_id}",
    response_model=BatchAnswer,
    summary="Show the state of a batch and its documents",
)
async def batch_status(task_id: str, ctx: Ctx, caller: Writer) -> Response:
    """All documents are listed from the start, in the order in which they were sent. The batch ends with the last of
    them: with SUCCESS if all are stored, otherwise with FAILURE. 404 if no batch has this task id."""
    task, members = await batch.show(ctx, company_id=caller.company_id, task_id=task_id)
    return json_answer(batch_answer(task, members))


@router.post(
    "/delete/batch",
    response_model=ErasedAnswer,
    summary="Erase up to 1,000 documents and wait until they are gone",
)
async def delete_batch(request: Request, ctx: Ctx, caller: Deleter) -> Response:
    """When this returns, the documents' text, chunks, vectors and files are gone for good. Each has a receipt of its
    own. The results are in the order of the names, which the answer does not repeat."""
    body = await read_json(request, DeleteBatchBody)
    receipts = await erasure.erase_all(
        ctx,
        company_id=caller.company_id,
        collection=body.collection,
        artifacts=body.artifacts,
        by=caller.prefix,
    )
    found = [{"erased": id is not None, "receipt_id": id} for id in receipts]
    return json_answer({"erased": sum(one["erased"] is True for one in found), "data": found})
