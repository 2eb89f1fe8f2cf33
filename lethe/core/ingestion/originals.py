"""Originals are stored before the transaction that refers to them, and swept if it never commits."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import structlog

from lethe.core.context import Context
from lethe.domain.checkpoints import checkpoint
from lethe.domain.errors import InputRejected, LetheError, Unavailable
from lethe.domain.ids import object_id
from lethe.domain.json import Json
from lethe.domain.records.documents import Source
from lethe.store.database.transactions import Tx
from lethe.store.erasure import blob_removals

log = structlog.get_logger()

UPLOAD_SECONDS = 3600
"""A file that no transaction refers to within this time is removed."""
_GIVING_UP_SECONDS = 5
"""How long the caller of a failed request waits for the cleanup."""


async def accept(ctx: Context, content: bytes | Path, *, company_id: str, name: str) -> Source:
    """Store an original that a transaction will refer to.

    Raises:
        InputRejected: it is over the size limit or empty; the message calls it `name`.
    """
    size, content_hash = await examine(ctx, content, name=name)
    return await store(ctx, company_id=company_id, content=content, hash=content_hash, size=size)


async def examine(ctx: Context, content: bytes | Path, *, name: str) -> tuple[int, str]:
    """The size in bytes and the SHA-256 of an original. Raises as `accept` does."""
    size = content.stat().st_size if isinstance(content, Path) else len(content)
    if size > ctx.limits.file_bytes:
        raise InputRejected(f"'{name}' has {size:,} bytes, over the limit of {ctx.limits.file_bytes:,}.")
    if size == 0:
        raise InputRejected(f"'{name}' is empty.")
    return size, await asyncio.to_thread(sha256, content)


async def store(
    ctx: Context, *, company_id: str, content: bytes | Path, hash: str, size: int, node_id: str | None = None
) -> Source:
    """Store an original under a new key, which is swept unless a transaction settles it (see `referring`).

    Args:
        node_id: its document, if already known; that document's erasure then waits for the file.
    """
    key = f"{company_id}/{object_id()}"
    async with ctx.db.transaction(company_id) as tx:
        await blob_removals.claim(tx, key=key, seconds=UPLOAD_SECONDS, node_id=node_id)
    checkpoint("original_after_claim_before_file")
    await ctx.blobs.put(key, content)
    checkpoint("original_after_file_before_commit")
    return Source(key, hash, size)


async def settle(tx: Tx, *, source: Source) -> None:
    """Keep an original, in the transaction that refers to it. Raises Unavailable if it has been swept since."""
    if not await blob_removals.settle(tx, key=source.blob_key):
        raise Unavailable("The upload took too long and was swept: try again.")


@asynccontextmanager
async def referring(ctx: Context, *, company_id: str, source: Source | None) -> AsyncIterator[None]:
    """Wraps the transaction that settles a stored original: if it fails, the file is removed at once.

    Invariant: a file that a row refers to is never removed, even if the connection was lost during the commit; see
    `blob_removals.give_up`. Exceptions in the block are re-raised, whether or not the file could be removed.
    """
    try:
        yield
    except BaseException:
        if source is not None:
            await _give_up(ctx, company_id=company_id, key=source.blob_key)
        raise


async def _give_up(ctx: Context, *, company_id: str, key: str) -> None:
    try:
        async with (
            asyncio.timeout(_GIVING_UP_SECONDS),
            ctx.db.transaction(company_id, durable=False) as tx,
        ):
            await blob_removals.give_up(tx, key=key)
    except (LetheError, TimeoutError) as exc:
        log.warning(
            "cannot remove an unused original now; it is swept within an hour",
            key=key,
            reason=str(exc) or "timeout",
        )


def sha256(content: bytes | Path) -> str:
    """The SHA-256 of a document's bytes in hex."""
    if isinstance(content, Path):
        with content.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    return hashlib.sha256(content).hexdigest()


def hash_input(content_hash: str, metadata: Mapping[str, Json], file_name: str | None) -> str:
    """A hash of everything that determines what an ingestion stores: content, metadata and file name."""
    rest = orjson.dumps([content_hash, file_name, metadata], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(rest).hexdigest()
