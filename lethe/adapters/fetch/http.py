"""Fetching over http and https, with redirects that are checked like the first address.

httpcore is used without httpx around it: it reads no proxies, cookies or credentials from anywhere, decodes
nothing, and accepts Lethe's own network backend.
"""

import functools
import re
import ssl
from ipaddress import IPv6Address
from pathlib import Path

import httpcore
import httpx

from lethe.adapters.disk import write_pieces
from lethe.adapters.fetch.addresses import CONNECT_SECONDS, CheckedBackend
from lethe.adapters.fetch.names import Fetched, file_name, media_type
from lethe.domain.errors import InputRejected, InvalidRequest, Unavailable

REDIRECTS = 5
_REDIRECT_STATUS = frozenset({301, 302, 303, 307, 308})
_TRY_AGAIN_STATUS = frozenset({408, 425, 429})

_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*")


def check(uri: str) -> None:
    """Check the shape of an http(s) address. Raises InvalidRequest."""
    parse(uri)


async def download(
    uri: str, target: Path, max_bytes: int, *, allow_private: bool, tls: ssl.SSLContext | None = None
) -> Fetched:
    """Follow `uri` through at most five redirects and write the body to `target`.

    `tls` replaces the public certificate authorities. The caller limits the time. Raises InputRejected and Unavailable.
    """
    url = parse(uri)
    async with httpcore.AsyncConnectionPool(
        ssl_context=tls or public_certificates(),
        network_backend=CheckedBackend(allow_private=allow_private),
    ) as pool:
        for _ in range(REDIRECTS + 1):
            try:
                result = await _get(pool, url, target, max_bytes)
            except httpcore.ConnectError as exc:
                if isinstance(exc.__cause__ or exc.__context__, ssl.SSLCertVerificationError):
                    raise InputRejected(f"The certificate of '{url.host}' is not valid.") from exc
                raise Unavailable(f"The connection to '{url.host}' failed: try again.") from exc
            except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as exc:
                raise Unavailable(f"The connection to '{url.host}' broke off: try again.") from exc
            if isinstance(result, Fetched):
                return result
            url = result
    raise InputRejected(f"The address redirects more than {REDIRECTS} times: give the final address.")


async def _get(
    pool: httpcore.AsyncConnectionPool, url: httpx.URL, target: Path, max_bytes: int
) -> Fetched | httpx.URL:
    """One request: the file that was fetched, or where to go next."""
    async with pool.stream(
        "GET",
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers={
            "Host": url.netloc,
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "User-Agent": "lethe",
        },
        extensions={"timeout": {"connect": CONNECT_SECONDS}},
    ) as response:
        headers = {name.lower(): value.decode("utf-8", "replace") for name, value in response.headers}
        if response.status in _REDIRECT_STATUS and b"location" in headers:
            return _follow(url, headers[b"location"])
        _check_answer(url, response.status, headers, max_bytes)
        try:
            size = await write_pieces(response.aiter_stream(), target, limit=max_bytes)
        except OverflowError as exc:
            raise _too_large(url, max_bytes) from exc
    kind = media_type(headers.get(b"content-type", ""))
    return Fetched(file_name(url.path, kind, headers.get(b"content-disposition", "")), kind, size)


def parse(uri: str) -> httpx.URL:
    """Parse the address once, for both the check and the connection."""
    if _UNPRINTABLE.search(uri):
        raise InvalidRequest(
            "The address contains a space, a backslash or a control character: percent-encode it."
        )
    try:
        url = httpx.URL(uri)
        host = url.raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError, ValueError) as exc:
        raise InvalidRequest("The address is not a valid URL: check its host and port.") from exc
    if url.scheme not in ("http", "https"):
        raise InvalidRequest(f"The scheme '{url.scheme}' is not supported: use http or https.")
    if "@" in uri.partition("//")[2].partition("/")[0].partition("?")[0].partition("#")[0]:
        raise InvalidRequest("The address contains a user name or password: remove it.")
    if not host:
        raise InvalidRequest("The address names no host.")
    if not _NAME.fullmatch(host.lower()) and not _is_ipv6(host):
        raise InvalidRequest("The host of the address is not a valid name.")
    if url.port is not None and not 1 <= url.port <= 65_535:
        raise InvalidRequest("The port of the address must be from 1 to 65535.")
    return url


def _is_ipv6(host: str) -> bool:
    try:
        return IPv6Address(host).scope_id is None
    except ValueError:
        return False


def _follow(url: httpx.URL, location: str) -> httpx.URL:
    try:
        return parse(str(url.join(location)))
    except (InvalidRequest, httpx.InvalidURL, ValueError) as exc:
        raise InputRejected(
            f"The host '{url.host}' redirects to an address that may not be fetched."
        ) from exc


def _check_answer(url: httpx.URL, status: int, headers: dict[bytes, str], max_bytes: int) -> None:
    if status in _TRY_AGAIN_STATUS or status >= 500:
        raise Unavailable(f"The host '{url.host}' answered {status}: try again later.")
    if not 200 <= status < 300:
        raise InputRejected(f"The host '{url.host}' answered {status} instead of the file.")
    encoding = headers.get(b"content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise InputRejected(f"The host '{url.host}' sends the file compressed although it was asked not to.")
    length = headers.get(b"content-length", "")
    if length.isdecimal() and int(length[:20]) > max_bytes:
        raise _too_large(url, max_bytes)


def _too_large(url: httpx.URL, max_bytes: int) -> InputRejected:
    return InputRejected(
        f"The file at '{url.host}' is larger than {max_bytes} bytes, the limit for one document."
    )


@functools.cache
def public_certificates() -> ssl.SSLContext:
    """The public certificate authorities. Built once: it takes some 20 ms."""
    return httpx.create_ssl_context(trust_env=False)
