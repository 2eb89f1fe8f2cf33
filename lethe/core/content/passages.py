"""Reads a passage of one document, and lists the documents of a company."""

from collections.abc import Sequence

from lethe.core import cursors
from lethe.core.context import Context
from lethe.domain.errors import NotFound
from lethe.domain.records.blocks import DocumentHead, Passage
from lethe.store import passages

NO_DOCUMENT = "There is no document with this id, or its text has not been read yet."


async def read(ctx: Context, *, company_id: str, node_id: str, start: int, characters: int) -> Passage:
    """At most `characters` characters of a document from `start` on, counted from 0. Raises NotFound."""
    found = await passages.read(
        ctx.db, company_id=company_id, node_id=node_id, start=start, end=start + characters
    )
    if found is None:
        raise NotFound(NO_DOCUMENT)
    return found


async def page(
    ctx: Context, *, company_id: str, after: str, limit: int
) -> tuple[Sequence[DocumentHead], str | None]:
    """Documents of all collections in order of their ids, and the last id if there are more."""
    found = await passages.page(ctx.db, company_id=company_id, after=after, limit=limit + 1)
    return cursors.page(found, limit, lambda last: last.node_id)


async def generations(ctx: Context, *, company_id: str, node_ids: Sequence[str]) -> dict[str, int]:
    """The generation of each existing document's content, by id; the number changes with the content."""
    found = await passages.some(ctx.db, company_id=company_id, node_ids=node_ids)
    return {document.node_id: document.stored_generation for document in found}
