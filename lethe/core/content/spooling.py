"""Spools an answer that may be large."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lethe.adapters.spool import Spool
from lethe.core.context import Context
from lethe.core.room import Share


@asynccontextmanager
async def spooled(ctx: Context, *, company_id: str, advice: str) -> AsyncIterator[Spool]:
    """A spool into which the block writes an answer. The caller closes it after sending; on an error it is closed here.

    An answer on disk takes room among the company's large answers until then. `advice` tells the client how to ask for
    less. Raises Unavailable if there is no room in time.
    """
    spool = Spool(ctx.scratch, ctx.limits.answer_bytes, advice=advice)
    try:
        yield spool
        if spool.is_on_disk:
            share = Share(ctx.answers)
            spool.on_close = share.release
            await share.take(company_id, spool.size)
    except BaseException:
        spool.close()
        raise
