"""Routes for receipts, and for the key and salt to check them with."""

import base64
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import AfterValidator, AwareDatetime

from lethe.api.knowledge import answers
from lethe.api.knowledge.receipt_shapes import (
    ReceiptAnswer,
    ReceiptKeyAnswer,
    ReceiptSaltAnswer,
    ReceiptsAnswer,
)
from lethe.api.request.auth import Ctx, Deleter, WholeDeleter
from lethe.api.request.values import no_nul
from lethe.api.streams import streamed
from lethe.core.receipts import salts, show
from lethe.core.receipts.keys import pem
from lethe.domain.records.queries import ReceiptQuery

router = APIRouter(prefix="/receipts", tags=["receipts"])

_Name = Annotated[Annotated[str, AfterValidator(no_nul)] | None, Query(max_length=1000)]


@router.get("", response_model=ReceiptsAnswer, summary="List receipts, newest first")
async def list_receipts(  # noqa: PLR0917 the query's parameters
    ctx: Ctx,
    caller: Deleter,
    subject: Annotated[
        str | None, Query(pattern=r"\A[0-9a-fA-F]{24}\z", description="The id of an erased node.")
    ] = None,
    collection: _Name = None,
    artifact: _Name = None,
    since: Annotated[AwareDatetime | None, Query(description="Only erased at this time or later.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Only erased before this time.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Maximum number of receipts.")] = 100,
    cursor: Annotated[
        str | None, Query(max_length=500, description="`next_cursor` of the previous page.")
    ] = None,
) -> Response:
    """Receipts hold no names, only hashes of names under a secret of the company.

    `collection` and `artifact` together find the receipts of a document, `collection` alone those of a collection that
    was erased as a whole.
    """
    wanted = ReceiptQuery(subject, collection, artifact, since, until)
    items, next_cursor = await show.page(
        ctx.db, company_id=caller.company_id, wanted=wanted, cursor=cursor, limit=limit
    )
    return answers.answer({"items": items, "next_cursor": next_cursor})


@router.get("/key", response_model=ReceiptKeyAnswer, summary="Show the key that signs receipts")
async def receipt_key(ctx: Ctx, _caller: Deleter) -> Response:
    """Returns the public half of this key and those of earlier keys. Store them apart from the receipts."""
    keys = [
        {
            "key_id": key.id,
            "algorithm": "Ed25519",
            "public_key": base64.b64encode(key.public_key).decode(),
            "pem": pem(key.public_key),
        }
        for key in await ctx.keys.public()
    ]
    current = await ctx.keys.in_use()
    keys.sort(key=lambda key: key["key_id"] != current.id)
    return answers.answer({**keys[0], "previous": keys[1:]})


@router.get(
    "/salt", response_model=ReceiptSaltAnswer, summary="Show the secret under which receipts hash names"
)
async def receipt_salt(ctx: Ctx, caller: WholeDeleter) -> Response:
    """Anyone with this secret and a receipt can guess what was erased: share it only with those who may know."""
    salt = await salts.own(ctx.db, company_id=caller.company_id)
    shown = {"salt_id": salts.salt_id(salt), "algorithm": "HMAC-SHA-256", "salt": salt.hex()}
    return answers.answer(shown)


@router.get("/{receipt_id}", response_model=ReceiptAnswer, summary="Show a receipt")
async def show_receipt(
    ctx: Ctx, caller: Deleter, receipt_id: Annotated[str, Path(max_length=100)]
) -> Response:
    """The receipt as it was signed. An erasure lists its `documents`: ids, and hashes of names and contents."""
    return await streamed(show.find(ctx.db, company_id=caller.company_id, id=receipt_id))
