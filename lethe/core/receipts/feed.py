"""The erasure feed: what was erased, so that caches elsewhere can forget it too.

It reads the receipt log. A receipt gets its number under a lock that is held until the commit, so a reader who has read
up to a number has missed nothing before it. A cursor also contains the beginning of its receipt's hash, because a
server restored from an older backup reuses numbers for other receipts.
"""

import asyncio
import re
from collections.abc import Sequence

from lethe.core.context import Context
from lethe.domain.errors import Conflict, InvalidRequest
from lethe.domain.records.documents import Erased
from lethe.store.erasure import feed
from lethe.store.queue.signals import RECEIPT_WRITTEN, wait_at_most

_CURSOR = re.compile(r"([1-9][0-9]{0,17})-([0-9a-f]{16})-([0-9a-f]{24})", re.ASCII)
_HASH_CHARACTERS = 16
_LOOK_AGAIN_SECONDS = 2.0
"""How often to poll in case a notification was lost."""

_ANOTHER_LOG = "Unknown cursor: the server was restored from an older backup. Start again without a cursor."


async def page(
    ctx: Context, *, company_id: str, after: str | None, limit: int, wait: float
) -> tuple[Sequence[Erased], bool]:
    """What was erased after the cursor, in order, and whether there is already more.

    Args:
        wait: how many seconds to wait for a first erasure. No connection is held meanwhile.

    Raises:
        InvalidRequest: the cursor is invalid.
        Conflict: the cursor's receipt is not in the log, because the server was restored from an older backup.
    """
    seq, node_id = await _place(ctx, company_id, after) if after is not None else (0, "")
    end = asyncio.get_running_loop().time() + wait
    written = asyncio.Event()
    async with ctx.signals.watch(RECEIPT_WRITTEN, company_id, written.set):
        while True:
            written.clear()
            found = await feed.page(ctx.db, company_id=company_id, seq=seq, node_id=node_id, limit=limit + 1)
            left = end - asyncio.get_running_loop().time()
            if found or left <= 0:
                return found[:limit], len(found) > limit
            await wait_at_most(min(left, _LOOK_AGAIN_SECONDS), written)


def cursor(erased: Erased) -> str:
    """The cursor for what comes after this document."""
    return f"{erased.seq}-{erased.hash[:_HASH_CHARACTERS]}-{erased.id}"


async def _place(ctx: Context, company_id: str, after: str) -> tuple[int, str]:
    """The receipt number and the document id of a cursor."""
    match = _CURSOR.fullmatch(after)
    if match is None:
        raise InvalidRequest("Invalid cursor: use one from an earlier answer, or none.", ("query", "after"))
    seq, hash, node_id = int(match[1]), match[2], match[3]
    if not await feed.is_in_log(ctx.db, company_id=company_id, seq=seq, hash=hash):
        raise Conflict(_ANOTHER_LOG)
    return seq, node_id
