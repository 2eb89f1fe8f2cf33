"""Receipts for human readers, each with the result of its verification."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lethe.core.context import Context
from lethe.core.receipts import show
from lethe.core.receipts.keys import public_keys
from lethe.core.receipts.receipt import Broken, open_seal
from lethe.core.receipts.show import NOT_THERE
from lethe.domain.errors import NotFound
from lethe.domain.ids import given_uuid
from lethe.domain.json import Json
from lethe.domain.records.queries import ReceiptQuery
from lethe.store.erasure import receipts

MOST_DOCUMENTS = 100


@dataclass(frozen=True, slots=True)
class Certificate:
    """A receipt as it was signed; `fault` says what is wrong with its hash or signature, None if nothing is.

    `documents`: the first MOST_DOCUMENTS that it covers; empty in lists. `follows`: whether it names the hash of the
    previous receipt; True if the list does not contain that receipt.
    """

    link: Mapping[str, Json]
    fault: str | None
    documents: Sequence[Mapping[str, Json]] = ()
    follows: bool = True


async def page(
    ctx: Context, *, company_id: str, cursor: str | None, limit: int
) -> tuple[list[Certificate], str | None]:
    """A page of the company's receipts, newest first, and the cursor of the next page if any. Raises InvalidRequest."""
    found, following = await show.page(
        ctx.db, company_id=company_id, wanted=ReceiptQuery(), cursor=cursor, limit=limit
    )
    public = await _keys(ctx)
    made = [
        Certificate(link, _fault(link, public), follows=older is None or older["hash"] == link["previous"])
        for link, older in zip_longest(found, found[1:])
    ]
    return made, following


async def find(ctx: Context, *, company_id: str, id: str) -> Certificate:
    """One receipt with some of its documents. Raises NotFound, also before the receipt is written."""
    receipt_id = given_uuid(id, missing=NOT_THERE)
    entry = await receipts.find(ctx.db, company_id=company_id, id=receipt_id, limit=MOST_DOCUMENTS)
    if entry is None:
        raise NotFound(NOT_THERE)
    link = orjson.loads(entry.body)
    return Certificate(link, _fault(link, await _keys(ctx)), entry.documents)


async def _keys(ctx: Context) -> dict[str, Ed25519PublicKey]:
    return public_keys({key.id: key.public_key for key in await ctx.keys.public()})


def _fault(link: Mapping[str, Json], public: Mapping[str, Ed25519PublicKey]) -> str | None:
    try:
        open_seal(link, public)
    except Broken as exc:
        return str(exc)
    return None
