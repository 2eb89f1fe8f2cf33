"""Fetching files that a caller names by URI: http, https, s3 and data addresses only.

The caller is not trusted. An http(s) address may name only hosts of the public internet: the name is resolved
once, each of its addresses is checked, and the connection goes to a checked address (`addresses`, `http`).
An s3 address may name only the buckets that the operator listed. Sizes and times are bounded.
"""

import asyncio
from pathlib import Path

from lethe.adapters.fetch import data, http, s3
from lethe.adapters.fetch.names import Fetched
from lethe.adapters.fetch.s3 import S3Access
from lethe.domain.errors import InvalidRequest, Unavailable
from lethe.domain.limits import Limits

__all__ = ["Fetched", "S3Access", "check_uri", "fetch"]

_CHECKS = {
    "http": http.check,
    "https": http.check,
    "s3": s3.check,
    "data": data.check,
}


def check_uri(uri: str) -> None:
    """Check `uri` without using the network: its shape, and that the content of a data address can be decoded.

    Raises InvalidRequest with the reason.
    """
    _check_shape(uri)
    if _scheme(uri) == "data":
        data.check_content(uri)


def _check_shape(uri: str) -> None:
    check = _CHECKS.get(_scheme(uri))
    if check is None:
        raise InvalidRequest("The address must begin with http://, https://, s3:// or data: to be fetched.")
    check(uri)


async def fetch(
    uri: str,
    target: Path,
    *,
    limits: Limits,
    allow_private: bool = False,
    s3_access: S3Access | None = None,
) -> Fetched:
    """Write the file at `uri` to the new file `target` (0600); at most `limits.file_bytes` bytes.

    It takes at most `limits.fetch_seconds` in all. `allow_private` permits hosts with private addresses,
    `s3_access` holds the operator's buckets and credentials (None: no bucket may be read).

    Raises InvalidRequest for a malformed address; InputRejected when a retry cannot help (refused host, HTTP 4xx, too
    large, too many redirects, damaged data); Unavailable when it may (network, DNS, HTTP 5xx and 429, time). After an
    error no file is left.
    """
    _check_shape(uri)
    try:
        async with asyncio.timeout(limits.fetch_seconds):
            match _scheme(uri):
                case "data":
                    return await data.save(uri, target, limits.file_bytes)
                case "s3":
                    return await s3.download(uri, target, limits.file_bytes, s3_access or S3Access())
                case _:
                    return await http.download(uri, target, limits.file_bytes, allow_private=allow_private)
    except TimeoutError as exc:
        raise Unavailable(
            f"The address was not fetched within {limits.fetch_seconds:g} s: try again."
        ) from exc


def _scheme(uri: str) -> str:
    scheme, colon, _ = uri[:8].partition(":")
    return scheme.lower() if colon else ""
