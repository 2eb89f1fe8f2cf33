"""Posts to webhooks. The rules for their addresses are those for fetching (adapters/fetch); redirects are refused."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

import httpcore
import httpx

from lethe.adapters.fetch import http
from lethe.adapters.fetch.addresses import CONNECT_SECONDS, CheckedBackend, refuse_private, resolve
from lethe.domain.errors import InputRejected, InvalidRequest, LetheError, Unavailable

P = ParamSpec("P")
T = TypeVar("T")

SETTING = "LETHE_WEBHOOK_ALLOW_PRIVATE"
LOOK_UP_SECONDS = 2.0
LOOKED_UP_AT_ONCE = 2
_BROKEN = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)


@dataclass(frozen=True, slots=True)
class Answer:
    """How a receiver answered: its status, or a sentence on why there is none. The body is not read."""

    status: int | None
    error: str | None


def check(url: str) -> str:
    """The origin of an http(s) address, such as `https://host:8443`. Raises InvalidRequest for a malformed one."""
    parsed = http.parse(url)
    return f"{parsed.scheme}://{parsed.host}:{_port(parsed)}"


class _LookUps(Executor):
    """Waits for the DNS in threads of its own, at most LOOKED_UP_AT_ONCE. A name whose servers do not answer occupies
    one for half a minute. A process that ends does not wait for them."""

    def __init__(self) -> None:
        self._free = threading.Semaphore(LOOKED_UP_AT_ONCE)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Begin a look-up, which raises Unavailable if there are too many."""
        future = Future[T]()

        def run() -> None:
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as exc:  # noqa: BLE001 raised where the result is awaited
                future.set_exception(exc)
            finally:
                self._free.release()

        if self._free.acquire(blocking=False):
            future.set_running_or_notify_cancel()
            threading.Thread(target=run, name="receivers", daemon=True).start()
        else:
            future.set_exception(Unavailable("Too many addresses are looked up at the moment: try again."))
        return future


class Receivers:
    """Refuses unusable addresses when they are registered. Each attempt to post checks its address again."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._threads = _LookUps()

    def check(self, url: str) -> None:
        """Raise InvalidRequest for an address that is malformed or obviously private. The DNS is not used."""
        host = http.parse(url).raw_host.decode()
        if self._allow_private:
            return
        try:
            refuse_private(host)
        except InputRejected as exc:
            raise InvalidRequest(_reason(exc)) from exc

    async def look_up(self, url: str, *, seconds: float = LOOK_UP_SECONDS) -> None:
        """Raise InvalidRequest for a name with a private address, or with none.

        If the DNS does not answer within `seconds`, the check is left to the attempts to post.
        """
        if self._allow_private:
            return
        parsed = http.parse(url)
        try:
            async with asyncio.timeout(seconds):
                await resolve(
                    parsed.raw_host.decode(), _port(parsed), allow_private=False, threads=self._threads
                )
        except InputRejected as exc:
            raise InvalidRequest(_reason(exc)) from exc
        except (TimeoutError, Unavailable):
            return


async def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    seconds: float,
    allow_private: bool,
    tls: ssl.SSLContext | None = None,
) -> Answer:
    """Post JSON to an address of the public internet, in at most `seconds`.

    Each attempt has a connection of its own, to an address that was checked after its name was resolved. Only the
    status of the answer is read, and no redirect is followed.

    Args:
        allow_private: permits hosts with private addresses.
        tls: replaces the public certificate authorities.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _post(
                http.parse(url), body, headers, allow_private, tls or http.public_certificates()
            )
    except TimeoutError:
        return Answer(None, f"The receiver did not answer within {seconds:g} s.")
    except (LetheError, *_BROKEN) as exc:
        return Answer(None, _reason(exc))


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _reason(exc: Exception) -> str:
    """Why there is no answer, in a sentence that the webhook's owner may read."""
    if isinstance(exc, LetheError):
        return str(exc).replace("LETHE_FETCH_ALLOW_PRIVATE", SETTING).replace(": try again.", ".")
    if isinstance(exc.__cause__ or exc.__context__, ssl.SSLCertVerificationError):
        return "The receiver's certificate is not valid for its host."
    return "The connection to the receiver failed."


async def _post(
    url: httpx.URL, body: bytes, headers: Mapping[str, str], allow_private: bool, tls: ssl.SSLContext
) -> Answer:
    async with (
        httpcore.AsyncConnectionPool(
            ssl_context=tls, network_backend=CheckedBackend(allow_private=allow_private), max_connections=1
        ) as pool,
        pool.stream(
            "POST",
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=[
                (b"Host", url.netloc),
                (b"Content-Type", b"application/json"),
                (b"Content-Length", b"%d" % len(body)),
                (b"User-Agent", b"lethe"),
                *((name.encode(), value.encode()) for name, value in headers.items()),
            ],
            content=body,
            extensions={"timeout": {"connect": CONNECT_SECONDS}},
        ) as response,
    ):
        status: int = response.status
    if 200 <= status < 300:
        return Answer(status, None)
    if 300 <= status < 400:
        return Answer(status, f"The receiver answered {status}: redirects are not followed.")
    return Answer(status, f"The receiver answered {status}.")
