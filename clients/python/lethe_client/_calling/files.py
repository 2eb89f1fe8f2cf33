"""Files to send: streamed, and read again from the start for a retry."""

import base64
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import httpx

FileContent = str | os.PathLike[str] | bytes | IO[bytes]
"""A path, bytes, or a file open for reading bytes, which is sent from its start."""

_PIECE_BYTES = 3 * 64 * 1024
"""A multiple of three, so that pieces in base64 can be joined."""


@dataclass(frozen=True)
class FileToSend:
    """A file and the name that it is sent under."""

    content: FileContent
    name: str

    @contextmanager
    def kept(self) -> Iterator["FileToSend"]:
        """The file in a form that can be read repeatedly within the block: a pipe is copied to disk."""
        content = self.content
        if isinstance(content, str | os.PathLike | bytes) or content.seekable():
            yield self
        else:
            with tempfile.TemporaryFile() as copy:
                shutil.copyfileobj(content, copy)
                yield FileToSend(copy, self.name)

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """The file, open and at its start. A file that the caller opened stays open."""
        content = self.content
        if isinstance(content, bytes):
            yield BytesIO(content)
        elif isinstance(content, str | os.PathLike):
            with Path(content).open("rb") as file:
                yield file
        else:
            content.seek(0)
            yield content


def file_to_send(content: FileContent, name: str | None) -> FileToSend:
    """The file under the given name, or else under its own. Raises ValueError if it has none."""
    if name is None:
        named = content if isinstance(content, str | os.PathLike) else getattr(content, "name", None)
        if not isinstance(named, str | os.PathLike):
            raise ValueError("Bytes need a 'file_name', whose extension tells their type.")
        name = shown(Path(named).name)
    return FileToSend(content, name)


def shown(name: str) -> str:
    """A file's name as text, even if its bytes are not UTF-8."""
    return os.fsencode(name).decode("utf-8", "replace")


class FileInJson(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A JSON object that contains a file as a base64 string, encoded while it is sent.

    In `body`, `placeholder` marks where the file goes.
    """

    placeholder = "\x00the file\x00"

    def __init__(self, body: Mapping[str, Any], file: IO[bytes]) -> None:
        text = json.dumps(body, separators=(",", ":"))
        self._before, _, self._after = text.partition(json.dumps(self.placeholder)[1:-1])
        self._file = file
        size = file.seek(0, os.SEEK_END)
        self.length = len(self._before) + 4 * -(-size // 3) + len(self._after)  # json.dumps writes ASCII

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(0)
        yield self._before.encode()
        while piece := self._file.read(_PIECE_BYTES):
            yield base64.b64encode(piece)
        yield self._after.encode()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece
