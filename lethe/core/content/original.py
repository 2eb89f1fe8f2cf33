"""A document's original, as it was sent or fetched."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from lethe.core.content.spooling import spooled
from lethe.core.context import Context
from lethe.domain.errors import NotFound, Unavailable
from lethe.store import documents
from lethe.store.documents import StoredOriginal

_NOT_THERE = "There is no document with this id, or its file has not been read yet."
_TRIES = 3

Choose = Callable[[str, int], tuple[int, int] | None]
"""Chooses the wanted bytes by the original's tag and size, as (first, one after the last); None for all."""


@dataclass(frozen=True, slots=True)
class Original:
    """An open original.

    `tag` changes whenever the bytes do. `size` is that of the whole original in bytes; `pieces` yields only the bytes
    of `span` (None: all). The caller must call `close`.
    """

    file_name: str
    file_type: str
    tag: str
    size: int
    span: tuple[int, int] | None
    pieces: AsyncIterator[bytes]
    close: Callable[[], None]


async def open_original(ctx: Context, *, company_id: str, node_id: str, choose: Choose) -> Original:
    """Open the original of a live document. No database connection is held while it is read.

    Invariant: no original is opened after its document's deletion has been committed, since the document is looked up
    again once the file is open. An original that is open by then can be read to its end.

    Raises:
        NotFound: there is no such document.
        Unavailable: the blob store does not answer, or too many large answers are under way.
    """
    for _ in range(_TRIES):
        found = await documents.original(ctx.db, company_id=company_id, node_id=node_id)
        if found is None:
            raise NotFound(_NOT_THERE)
        opened = await _open(ctx, found, company_id=company_id, choose=choose)
        if opened is None:
            continue
        if await documents.original(ctx.db, company_id=company_id, node_id=node_id) == found:
            return opened
        opened.close()
    raise Unavailable("The document's file is missing, or is being replaced: try again.")


async def _open(ctx: Context, found: StoredOriginal, *, company_id: str, choose: Choose) -> Original | None:
    """The original; None if its file is gone."""
    if found.blob_key is None:
        return await _open_text(ctx, found, company_id=company_id, choose=choose)
    span = choose(found.hash, found.bytes)
    try:
        pieces = await ctx.blobs.open(found.blob_key, span)
    except NotFound:
        return None
    return Original(
        found.file_name, found.file_type, found.hash, found.bytes, span, pieces, close=lambda: None
    )


async def _open_text(ctx: Context, found: StoredOriginal, *, company_id: str, choose: Choose) -> Original:
    """The whole text of a document created from markdown whose original still belongs to the ingestion."""
    async with spooled(ctx, company_id=company_id, advice="read it with /v1/artifacts/content") as spool:
        async with (
            ctx.content_limiter.turn(company_id, "large contents", ctx.db.place(company_id)),
            ctx.db.snapshot(company_id) as tx,
        ):
            for part in await documents.parts(tx, node_ids=[found.node_id], with_blocks=False):
                spool.write(part.text.encode())
        tag = f"{found.hash}-text"
        choose(tag, spool.size)
    return Original(
        found.file_name, found.file_type, tag, spool.size, None, spool.pieces(), close=spool.close
    )
