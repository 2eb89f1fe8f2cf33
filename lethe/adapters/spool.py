"""A response, built completely before any of it is sent: in memory while it is small, else on disk.

So the status tells the client whether the whole answer is available, and a slow reader occupies neither memory nor a
database connection.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import IO

from lethe.adapters.scratch import Scratch
from lethe.domain.errors import LimitExceeded

MEMORY_BYTES = 256 * 1024
_PIECE_BYTES = 256 * 1024


class Spool:
    """Takes at most `most` bytes and gives them back once. `on_close` is called when they are discarded."""

    def __init__(self, scratch: Scratch, most: int, *, advice: str) -> None:
        self._scratch = scratch
        self._most = most
        self._advice = advice
        self._held = bytearray()
        self._file: IO[bytes] | None = None
        self.size = 0
        self.on_close: Callable[[], None] | None = None

    def write(self, piece: bytes) -> None:
        """Add a piece; blocks when it goes to disk. Raises LimitExceeded, whose message ends with the advice."""
        self.require_room(len(piece))
        self.size += len(piece)
        if self._file is None and self.size > MEMORY_BYTES:
            self._file = self._scratch.file()
            self._file.write(self._held)
            self._held.clear()
        if self._file is None:
            self._held += piece
        else:
            self._file.write(piece)

    def write_all(self, pieces: Iterable[bytes]) -> None:
        """Add some pieces, as `write`."""
        for piece in pieces:
            self.write(piece)

    def require_room(self, size: int) -> None:
        """Raise LimitExceeded if `size` more bytes would exceed the limit."""
        if self.size + size > self._most:
            raise LimitExceeded(f"The answer would have more than {self._most:,} bytes: {self._advice}.")

    @property
    def is_on_disk(self) -> bool:
        """Whether it was too large for memory."""
        return self._file is not None

    async def pieces(self) -> AsyncIterator[bytes]:
        """All that was written."""
        if self._file is None:
            yield bytes(self._held)
            return
        await asyncio.to_thread(self._file.seek, 0)
        while piece := await asyncio.to_thread(self._file.read, _PIECE_BYTES):
            yield piece

    def close(self) -> None:
        """Discard the response."""
        self._held = bytearray()
        if self._file is not None:
            self._file.close()
        if self.on_close is not None:
            self.on_close()
            self.on_close = None
