"""Originals are stored before the transaction that refers to them, and swept if it never commits."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
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
_FILES_AT_ONCE = 16
_GIVING_UP_SECONDS = 5
"""How long the caller of a failed request waits for the cleanup."""


async def accept(ctx: Context, content: bytes | Path, *, company_id: str, name: str) -> Source:
    """Store an original that a transaction will refer to.

    Raises:
        InputRejected: the original is over the size limit or empty; the message calls it `name`.
    """
    size, content_hash = await examine(ctx, content, name=name)
    return await store(ctx, company_id=company_id, content=content, hash=content_hash, size=size)


async def examine(ctx: Context, content: bytes | Path, *, name: str) -> tuple[int, str]:
    """The size in bytes and the SHA-256 of an original. Raises as `accept` does."""
    return check_size(ctx, content, name=name), await asyncio.to_thread(sha256, content)


def check_size(ctx: Context, content: bytes | Path, *, name: str) -> int:
    """The size in bytes of an original. Raises as `accept` does."""
    size = content.stat().st_size if isinstance(content, Path) else len(content)
    if size > ctx.limits.file_bytes:
        raise InputRejected(f"'{name}' has {size:,} bytes, over the limit of {ctx.limits.file_bytes:,}.")
    if size == 0:
        raise InputRejected(f"'{name}' is empty.")
    return size


async def store(
    ctx: Context, *, company_id: str, content: bytes | Path, hash: str, size: int, node_id: str | None = None
) -> Source:
    """Store an original under a new key, which is swept unless a transaction settles it (see `referring`).

    Args:
        node_id: its document, if already known; that document's erasure then waits for the file.
    """
    source = Source(f"{company_id}/{object_id()}", hash, size)
    await store_all(ctx, [(source, content)], company_id=company_id, node_id=node_id)
    return source


async def store_all(
    ctx: Context,
    contents: Sequence[tuple[Source, bytes | Path]],
    *,
    company_id: str,
    node_id: str | None = None,
) -> None:
    """Like `store`, for several originals with new keys."""
    if not contents:
        return
    async with ctx.db.transaction(company_id) as tx:
        keys = [source.blob_key for source, _ in contents]
        await blob_removals.claim(tx, keys=keys, seconds=UPLOAD_SECONDS, node_id=node_id)
    checkpoint("original_after_claim_before_file")
    gate = asyncio.Semaphore(_FILES_AT_ONCE)

    async def put(source: Source, content: bytes | Path) -> None:
        async with gate:
            await ctx.blobs.put(source.blob_key, content)

    put_all = (put(source, content) for source, content in contents)
    for result in await asyncio.gather(*put_all, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result
    checkpoint("original_after_file_before_commit")


async def settle(tx: Tx, *, sources: Sequence[Source]) -> None:
    """Keep originals, in the transaction that refers to them. Raises Unavailable if one has already been swept."""
    if not await blob_removals.settle(tx, keys=[source.blob_key for source in sources]):
        raise Unavailable("The upload took too long and was swept: try again.")


@asynccontextmanager
async def referring(ctx: Context, *, company_id: str, sources: Sequence[Source]) -> AsyncIterator[None]:
    """Wraps the transaction that settles stored originals: if it fails, the files are removed at once.

    Invariant: a file that a row refers to is never removed, even if the connection was lost during the commit; see
    `blob_removals.give_up`. Exceptions in the block are re-raised, whether or not the file could be removed.
    """
    try:
        yield
    except BaseException:
        if sources:
            await _give_up(ctx, company_id=company_id, keys=[source.blob_key for source in sources])
        raise


async def _give_up(ctx: Context, *, company_id: str, keys: Sequence[str]) -> None:
    try:
        async with (
            asyncio.timeout(_GIVING_UP_SECONDS),
            ctx.db.transaction(company_id, durable=False) as tx,
        ):
            await blob_removals.give_up(tx, keys=keys)
    except (LetheError, TimeoutError) as exc:
        log.warning(
            "cannot remove unused originals now; they are swept within an hour",
            keys=list(keys),
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
