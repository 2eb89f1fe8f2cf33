"""Writes files piece by piece, and syncs them so that they survive a power failure."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO


def sync(path: Path) -> None:
    """Return once a file's content, or the names in a directory, are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def write_pieces(pieces: AsyncIterator[bytes], target: Path, *, limit: int | None = None) -> int:
    """Write `pieces` to the new file `target` (0600) and return its size in bytes.

    Raises OverflowError past `limit` bytes. After any error no file is left.
    """
    size = 0
    try:
        with _create(target) as file:
            async for piece in pieces:
                size += len(piece)
                if limit is not None and size > limit:
                    raise OverflowError
                await asyncio.to_thread(file.write, piece)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return size


def _create(target: Path) -> BinaryIO:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(target, flags, 0o600), "wb")
