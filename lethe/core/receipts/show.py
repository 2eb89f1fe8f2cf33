"""Looks up receipts."""

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace

import orjson

from lethe.core import cursors
from lethe.domain.errors import InvalidRequest, NotFound
from lethe.domain.ids import given_uuid
from lethe.domain.json import Json
from lethe.domain.records.queries import ReceiptQuery
from lethe.store.database.pool import Database
from lethe.store.erasure import receipts

NOT_THERE = "There is no receipt with this id: a receipt is written when everything to be erased is gone."
_CURSOR = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


async def find(db: Database, *, company_id: str, id: str) -> AsyncGenerator[bytes]:
    """A receipt in JSON as it was signed, in parts; an erasure's receipt includes its `documents`.

    Raises NotFound before the first part.
    """
    receipt_id = given_uuid(id, missing=NOT_THERE)
    limit = receipts.DOCUMENTS_AT_ONCE
    entry = await receipts.find(db, company_id=company_id, id=receipt_id, limit=limit)
    if entry is None:
        raise NotFound(NOT_THERE)
    link: dict[str, Json] = orjson.loads(entry.body)
    if link["kind"] != "erasure":
        yield orjson.dumps(link)
        return
    yield orjson.dumps(link)[:-1] + b',"documents":[' + orjson.dumps(entry.documents)[1:-1]
    while entry is not None and len(entry.documents) == limit:
        after = str(entry.documents[-1]["id"])
        entry = await receipts.find(db, company_id=company_id, id=receipt_id, after=after, limit=limit)
        if entry is not None and entry.documents:
            yield b"," + orjson.dumps(entry.documents)[1:-1]
    yield b"]}"


async def page(
    db: Database, *, company_id: str, wanted: ReceiptQuery, cursor: str | None, limit: int
) -> tuple[list[Mapping[str, Json]], str | None]:
    """The receipts that match `wanted`, as they were signed, newest first, and the cursor of the next page if any.

    Raises InvalidRequest for an invalid cursor, and for an artifact without its collection.
    """
    if wanted.artifact is not None and wanted.collection is None:
        raise InvalidRequest("'artifact' needs 'collection': give both.", ("query", "collection"))
    if wanted.node_id is not None:
        wanted = replace(wanted, node_id=wanted.node_id.lower())
    before = _decoded(cursor) if cursor is not None else None
    found = await receipts.page(db, company_id=company_id, wanted=wanted, before=before, limit=limit + 1)
    entries, following = cursors.page(found, limit, lambda last: str(last.seq))
    return [orjson.loads(entry.body) for entry in entries], following


def _decoded(cursor: str) -> int:
    if not _CURSOR.fullmatch(cursor):
        raise InvalidRequest("Invalid cursor: use one from an earlier answer, or none.", ("query", "cursor"))
    return int(cursor)
