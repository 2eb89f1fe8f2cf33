"""data: addresses (RFC 2397), which carry their content."""

import asyncio
import base64
import binascii
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import unquote_to_bytes

from lethe.adapters.blobs import write_pieces
from lethe.adapters.fetch.names import Fetched, file_name, media_type
from lethe.domain.errors import InputRejected, InvalidRequest

HEADER_CHARACTERS = 512
_FORBIDDEN = re.compile(r"[^\x21-\x7e]")
_HEADER = re.compile(
    r"data:(?P<type>[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+)?"
    r"(;[a-z0-9!#$&^_.+-]+=([^;,\"]*|\"[^\"]*\"))*(?P<base64>;base64)?",
    re.IGNORECASE,
)
_BAD_ESCAPE = re.compile(rb"%(?![0-9a-f]{2})", re.IGNORECASE)


def check(uri: str) -> None:
    """Check a data address up to its comma, and that it holds printable ASCII only. Raises InvalidRequest."""
    if _FORBIDDEN.search(uri):
        raise InvalidRequest("The data: address holds a space or another raw character: percent-encode it.")
    header, comma, _ = uri[:HEADER_CHARACTERS].partition(",")
    if not comma or not _HEADER.fullmatch(header):
        raise InvalidRequest("The data: address is not of the form data:<media type>[;base64],<data>.")


async def save(uri: str, target: Path, max_bytes: int) -> Fetched:
    """Write the content of a checked data address to `target`. Raises InputRejected."""
    content = await asyncio.to_thread(_decode, uri, max_bytes)

    async def whole() -> AsyncIterator[bytes]:
        yield content

    size = await write_pieces(whole(), target)
    header = uri[:HEADER_CHARACTERS].partition(",")[0]
    kind = media_type(header.partition(":")[2]) or "text/plain"
    return Fetched(file_name("", kind), kind, size)


def _decode(uri: str, max_bytes: int) -> bytes:
    header, _, payload = uri.partition(",")
    content = payload.encode("ascii")
    if b"%" in content:
        if _BAD_ESCAPE.search(content):
            raise InputRejected("The data: address holds a % that is not followed by two hex digits.")
        content = unquote_to_bytes(content)
    if header.lower().endswith(";base64"):
        if len(content) // 4 * 3 > max_bytes + 2:
            raise _too_large(max_bytes)
        try:
            content = base64.b64decode(content, validate=True)
        except binascii.Error as exc:
            raise InputRejected("The data: address holds invalid base64.") from exc
    if len(content) > max_bytes:
        raise _too_large(max_bytes)
    return content


def _too_large(max_bytes: int) -> InputRejected:
    return InputRejected(f"The data: address holds more than {max_bytes} bytes, the limit for one document.")
