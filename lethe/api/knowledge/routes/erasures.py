"""The route of the erasure feed."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from lethe.api.knowledge import answers
from lethe.api.request.auth import Ctx, WholeDeleter
from lethe.core.receipts import feed
from lethe.domain.json import Json
from lethe.domain.records.documents import Erased

router = APIRouter(tags=["receipts"])

WAIT_SECONDS = 30


class ErasedEntry(BaseModel):
    """A document or folder that is gone."""

    id: str
    kind: Literal["document", "folder"] = Field(
        description="If a folder is erased, so is all below it: each document has its own entry, subfolders have none."
    )
    name: str = Field(
        description="As in the receipt: HMAC-SHA-256 over id, collection and artifact (of a folder: id and name), "
        "separated by zero bytes, under the company's salt."
    )
    content: str | None = Field(
        description="The same over the id and the original's SHA-256 in hex; null for a folder, and for a document "
        "whose ingestion had not finished."
    )
    salt_id: str | None = Field(
        description="The salt (see `/receipts/salt`); null for receipts of version 1."
    )
    cause: Literal["document", "folder", "filter"] = Field(description="What was to be erased.")
    receipt_id: str
    seq: int = Field(description="The receipt's number in the log.")
    invisible_at: str = Field(description="From this time on nothing returned it.")
    erased_at: str = Field(description="By this time nothing of it was left.")


class ErasuresAnswer(BaseModel):
    """What was erased, in the order of the receipts."""

    items: list[ErasedEntry]
    next_cursor: str | None = Field(
        description="Send it as `after` next time: null only as long as nothing was ever erased."
    )
    has_more: bool = Field(description="Whether more entries are available now.")


@router.get("/erasures", response_model=ErasuresAnswer, summary="Follow what is erased")
async def list_erasures(
    ctx: Ctx,
    caller: WholeDeleter,
    after: Annotated[
        str | None,
        Query(
            max_length=100, description="`next_cursor` of the previous answer; none or empty: from the start."
        ),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Maximum number of entries.")] = 100,
    wait: Annotated[
        int, Query(ge=0, le=WAIT_SECONDS, description="Seconds to wait if there is nothing yet.")
    ] = 0,
) -> Response:
    """Tells caches elsewhere what they must forget: in the order of the receipts, each entry once, without gaps.

    Includes erasures by name, by filter, from the trash, at the end of a retention, and again after the server was
    restored. 409 if the cursor comes from a log that the server lost when it was restored from a backup.
    """
    after = after or None
    found, more = await feed.page(ctx, company_id=caller.company_id, after=after, limit=limit, wait=wait)
    next_cursor = feed.cursor(found[-1]) if found else after
    items = [_entry(erased) for erased in found]
    return answers.answer({"items": items, "next_cursor": next_cursor, "has_more": more})


def _entry(erased: Erased) -> Json:
    return {
        "id": erased.id,
        "kind": erased.kind,
        "name": erased.name,
        "content": erased.content,
        "salt_id": erased.salt_id,
        "cause": erased.cause,
        "receipt_id": erased.receipt_id,
        "seq": erased.seq,
        "invisible_at": erased.invisible_at,
        "erased_at": erased.erased_at,
    }
