"""Forms with a file (multipart/form-data), and the file's name in each way in which clients write one."""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from email.errors import MessageError
from email.header import decode_header, make_header
from typing import IO
from urllib.parse import unquote_to_bytes

from fastapi import Request
from starlette.datastructures import FormData, Headers
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser

_EXTENDED = re.compile(
    rb""";\s*filename\*\s*=\s*"?([A-Za-z0-9_.:-]{1,40})'[^']{0,40}'([^;"\s]*)""", re.IGNORECASE
)
"""RFC 5987: charset'language'bytes in percents."""
_NAME_GIVEN = re.compile(rb";\s*filename\s*=", re.IGNORECASE)
_ENCODED_WORD = re.compile(r"=\?[^?\s]{1,40}\?[bBqQ]\?[^?\s]*\?=")
_WINDOWS_PATH = re.compile(r"(?:[A-Za-z]:\\|\\{1,2}[^\\]+\\).*\\?")
_MOST_FIELDS = 8


async def read_form(request: Request, target: IO[bytes], *, field_bytes: int) -> FormData:
    """A form of a few fields of at most `field_bytes` each and one file, which is in `target` then.

    Raises:
        HTTPException: the form breaks off or is none (400).
        UnicodeError, LookupError: its fields are not in the charset that it names.
    """
    try:
        async with aclosing(request.stream()) as stream:
            form = await _Parser(request.headers, stream, target, field_bytes).parse()
    except MultiPartException as exc:
        raise HTTPException(400, exc.message) from exc
    target.flush()
    return form


class _Parser(MultiPartParser):
    """Writes the file into `target`, in a thread each time, as it is no file in memory; takes a part for a file where
    only `filename*` says so, and reads what the name is."""

    def __init__(
        self, headers: Headers, stream: AsyncGenerator[bytes], target: IO[bytes], field_bytes: int
    ) -> None:
        super().__init__(headers, stream, max_files=1, max_fields=_MOST_FIELDS, max_part_size=field_bytes)
        self._target = target

    def on_headers_finished(self) -> None:
        part = self._current_part
        disposition = part.content_disposition or b""
        extended = _extended_name(disposition)
        if extended and not _NAME_GIVEN.search(disposition):
            part.content_disposition = disposition + b'; filename="named otherwise"'
        super().on_headers_finished()
        if part.file is not None:
            part.file.file = self._target  # type: ignore[assignment]
            part.file.filename = _without_folders(extended or _plain_name(part.file.filename or ""))


def _extended_name(disposition: bytes) -> str | None:
    found = _EXTENDED.search(disposition)
    if found is None:
        return None
    try:
        return unquote_to_bytes(found[2]).decode(found[1].decode("ascii")) or None
    except (LookupError, UnicodeDecodeError):
        return None


def _plain_name(name: str) -> str:
    """The name with encoded words (RFC 2047) read, and with quotes for %22, as browsers write them. Nothing else is
    changed: `a/b` and `%2e` are ordinary names."""
    if _ENCODED_WORD.search(name):
        with suppress(MessageError, LookupError, ValueError):  # else it is a name that looks like one
            name = str(make_header(decode_header(name)))
    return name.replace("%22", '"')


def _without_folders(name: str) -> str:
    """A file's name out of a whole path of Windows, which some clients send."""
    return name.rstrip("\\").rpartition("\\")[2] if _WINDOWS_PATH.fullmatch(name) else name
