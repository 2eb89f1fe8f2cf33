"""Lists a collection, which may have many documents and much metadata."""

from collections.abc import AsyncIterator, Sequence

import orjson

from lethe.core import cursors
from lethe.core.context import Context
from lethe.domain.records.documents import LiveDocument
from lethe.store import documents

_FIRST_RUN, _SHORTEST_RUN, _LONGEST_RUN = 40, 10, 500
_RUN_BYTES = 1024 * 1024
"""About how much metadata is read at a time."""


async def list_documents(
    ctx: Context, *, company_id: str, collection: str, limit: int | None, cursor: str | None
) -> AsyncIterator[tuple[Sequence[LiveDocument], str | None]]:
    """A collection's documents in order of creation, in runs; each run comes with the cursor of the next.

    No connection is held between runs. Documents created after the first run are not listed.
    """
    after = cursors.decode(cursor) if cursor else None
    before = None
    left, run = limit, _FIRST_RUN
    while True:
        wanted = run if left is None else min(run, left)
        page = await documents.page(
            ctx.db, company_id=company_id, collection=collection, after=after, before=before, limit=wanted + 1
        )
        more, page = len(page) > wanted, page[:wanted]
        if not page:
            yield [], None
            return
        after, before = (page[-1].created_at, page[-1].node_id), before or page[0].asked_at
        yield page, cursors.encode(*after) if more else None
        left = None if left is None else left - len(page)
        if not more or left == 0:
            return
        size = sum(len(orjson.dumps(document.metadata)) for document in page) // len(page)
        run = max(_SHORTEST_RUN, min(_LONGEST_RUN, _RUN_BYTES // max(1, size)))
