"""Forms with a file (multipart/form-data), and the ways in which clients write the file's name."""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Set
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header
from pathlib import Path
from typing import IO
from urllib.parse import unquote_to_bytes

from fastapi import Request
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser

from lethe.adapters.scratch import Scratch
from lethe.api.request.bodies import invalid, let_go

_EXTENDED = re.compile(
    rb""";\s*filename\*\s*=\s*"?([A-Za-z0-9_.:-]{1,40})'[^']{0,40}'([^;"\s]*)""", re.IGNORECASE
)
"""RFC 5987: charset'language'percent-encoded bytes."""
_NAME_GIVEN = re.compile(rb";\s*filename\s*=", re.IGNORECASE)
_ENCODED_WORD = re.compile(r"=\?[^?\s]{1,40}\?[bBqQ]\?[^?\s]*\?=")
_WINDOWS_PATH = re.compile(r"(?:[A-Za-z]:\\|\\{1,2}[^\\]+\\).*\\?")
_MOST_FIELDS = 8


@dataclass(frozen=True, slots=True)
class Upload:
    """A file sent in a form, on disk until the end of the block; `fields` are the other non-empty fields."""

    path: Path
    file_name: str
    fields: dict[str, str]


def is_form(request: Request) -> bool:
    """Whether the body is a multipart form."""
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


@asynccontextmanager
async def read_upload(
    request: Request, scratch: Scratch, *, fields: Set[str], field_bytes: int
) -> AsyncIterator[Upload]:
    """The form's `file` and its non-empty `fields`, each of at most `field_bytes`.

    Raises:
        RequestValidationError: the body is not a form, has no file, or has unknown fields.
        HTTPException: the body exceeds the limit (413), arrives too slowly (408), or is incomplete (400).
    """
    if not is_form(request):
        raise invalid("form_invalid", ("body",), "must be a form (multipart/form-data) with the field 'file'")
    with scratch.file() as file:
        try:
            form = await _parse(request, file, field_bytes=field_bytes)
        except (UnicodeError, LookupError) as exc:
            raise invalid(
                "form_invalid", ("body",), "must have its fields in the charset that it names"
            ) from exc
        for name in sorted(form.keys() - fields - {"file"}):
            raise invalid("extra_forbidden", ("body", name), "unknown field")
        upload = form.get("file")
        if not isinstance(upload, UploadFile):
            raise invalid("missing", ("body", "file"), "must be a complete file")
        given = {name: value for name, value in form.items() if isinstance(value, str) and value}
        yield Upload(Path(file.name), upload.filename or "", given)
    let_go(request)


async def _parse(request: Request, target: IO[bytes], *, field_bytes: int) -> FormData:
    try:
        async with aclosing(request.stream()) as stream:
            form = await _Parser(request.headers, stream, target, field_bytes).parse()
    except MultiPartException as exc:
        raise HTTPException(400, exc.message) from exc
    target.flush()
    return form


class _Parser(MultiPartParser):
    """Writes the file to `target` in threads, accepts parts that have only `filename*`, and decodes the file's name."""

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
    """The name with encoded words (RFC 2047) decoded, and with quotes for %22, as browsers write them.

    Nothing else changes: `a/b` and `%2e` are ordinary names.
    """
    if _ENCODED_WORD.search(name):
        with suppress(MessageError, LookupError, ValueError):  # otherwise the name only looks encoded
            name = str(make_header(decode_header(name)))
    return name.replace("%22", '"')


def _without_folders(name: str) -> str:
    """The file name from a full Windows path, which some clients send."""
    return name.rstrip("\\").rpartition("\\")[2] if _WINDOWS_PATH.fullmatch(name) else name
