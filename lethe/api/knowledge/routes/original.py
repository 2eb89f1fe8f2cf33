"""The route that returns a document's original."""

import re
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from lethe.api.knowledge.ids import PathId
from lethe.api.knowledge.shapes import ErrorAnswer
from lethe.api.request.auth import Ctx, Reader
from lethe.api.streams import Closing
from lethe.core.content.original import Original, open_original
from lethe.domain.file_types import ending, file_type

router = APIRouter(prefix="/knowledge", tags=["tree"])

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f"\\/\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]')

_BYTES: dict[str, Any] = {
    # The file's own type may be any; generated clients read the first.
    "content": {
        kind: {"schema": {"type": "string", "format": "binary"}}
        for kind in ("application/octet-stream", "*/*")
    }
}


class _NotModified(Exception):
    """The caller has these bytes already."""


@router.get(
    "/nodes/{node_id}/original",
    response_class=Response,
    summary="Download a document's original",
    responses={
        200: {**_BYTES, "description": "The file, with the Content-Type of its type"},
        206: {**_BYTES, "description": "The bytes that `Range` asks for"},
        304: {"description": "Unchanged: `If-None-Match` names its ETag"},
        416: {"model": ErrorAnswer, "description": "`Range` begins after the end"},
    },
)
async def download_original(request: Request, ctx: Ctx, caller: Reader, node_id: PathId) -> Response:
    """The file as it was sent or fetched; of a document made from markdown, the markdown.

    404 from the moment the document is deleted. Supports a single `Range`, and `If-None-Match`.
    """
    asked = _Asked(request)
    try:
        original = await open_original(
            ctx, company_id=caller.company_id, node_id=node_id, choose=asked.choose
        )
    except _NotModified as exc:
        return Response(status_code=304, headers={"ETag": str(exc)})
    headers = _headers(original)
    status = 200
    if original.span is not None:
        first, after = original.span
        status = 206
        headers |= {
            "Content-Range": f"bytes {first}-{after - 1}/{original.size}",
            "Content-Length": str(after - first),
        }
    return Closing(original.pieces, original.close, status_code=status, headers=headers)


class _Asked:
    """The range and the conditions in the headers of a request."""

    def __init__(self, request: Request) -> None:
        self._known = request.headers.get("if-none-match", "")
        self._range = _RANGE.fullmatch(request.headers.get("range", "").strip())
        self._only_if = request.headers.get("if-range")

    def choose(self, tag: str, size: int) -> tuple[int, int] | None:
        """The range of bytes to send; None for all. Raises _NotModified, or HTTPException for a range after the end."""
        etag = f'"{tag}"'
        if self._known.strip() == "*" or etag in re.split(r"\s*,\s*", self._known.replace("W/", "").strip()):
            raise _NotModified(etag)
        if self._range is None or self._only_if not in (None, etag):
            return None
        first, last = self._range.groups()
        if not first and not last:
            return None
        if not first:
            first, last = str(max(0, size - int(last))) if int(last) else str(size), ""
        if int(first) >= size:
            raise HTTPException(
                416,
                f"The file has {size:,} bytes: ask for a range that begins before its end.",
                {"Content-Range": f"bytes */{size}"},
            )
        if last and int(last) < int(first):
            return None
        return int(first), min(size, int(last) + 1 if last else size)


def _headers(original: Original) -> dict[str, str]:
    """The file is not trusted: browsers save it instead of showing it, and run nothing in it."""
    known = file_type(original.file_type)
    return {
        "Content-Type": known.media_type,
        "Content-Length": str(original.size),
        "Content-Disposition": _attachment(original.file_name, known.extension),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "no-store",
        "ETag": f'"{original.tag}"',
        "Accept-Ranges": "bytes",
    }


def _attachment(name: str, extension: str) -> str:
    """Content-Disposition (RFC 6266). The name gets the extension of its type if it has none."""
    safe = _UNSAFE.sub("_", name).strip(". ") or "document"
    if ending(safe) is None:
        safe = f"{safe}.{extension}"
    plain = safe.encode("ascii", "replace").decode().replace("?", "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"
