"""Forms with a file: it is written where uploads lie, off the event loop, and copied nowhere else."""

from typing import IO

from fastapi import Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser


class _IntoFile(MultiPartParser):
    """Writes the form's one file into `target`: in a thread each time, as it is no file in memory."""

    target: IO[bytes]

    def on_headers_finished(self) -> None:
        super().on_headers_finished()
        if self._current_part.file is not None:
            self._current_part.file.file = self.target  # type: ignore[assignment]


async def read_form(request: Request, target: IO[bytes], *, field_bytes: int) -> FormData:
    """The form in a request's body, whose file, one at most, is in `target` then.

    Raises:
        HTTPException: it is no whole form (400).
        UnicodeError, LookupError: its fields are not in the charset that it names.
    """
    parser = _IntoFile(
        request.headers, request.stream(), max_files=1, max_fields=8, max_part_size=field_bytes
    )
    parser.target = target
    try:
        form = await parser.parse()
    except MultiPartException as exc:
        raise HTTPException(400, exc.message) from exc
    target.flush()
    return form
