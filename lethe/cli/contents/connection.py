"""The server that a command talks to: named by flags, LETHE_URL and LETHE_TOKEN, a profile, or on this machine."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx
import lethe_client
from cyclopts import Parameter
from lethe_client import DEFAULT_URL, Lethe

from lethe.cli import data_dir
from lethe.cli.contents import profiles, waits
from lethe.cli.database import with_database
from lethe.core.access import companies, rate_limits, tokens
from lethe.domain.errors import NotFound, OperatorError
from lethe.domain.records.access import SCOPES
from lethe.settings import Settings
from lethe.store.database.pool import Database

_LOCAL_TOKEN_DAYS = 30
"""Long, because some commands keep running: `lethe sync --watch`, `lethe mcp`."""


@Parameter(name="*")
@dataclass(frozen=True)
class Target:
    """Which server.

    Parameters
    ----------
    url
        The server's address. Default: LETHE_URL, then the profile, then the server on this machine.
    profile
        The profile made by 'lethe login'. Default: LETHE_PROFILE, or 'default'.
    company
        On this machine without a token: the company to act for.
    """

    url: str | None = None
    profile: str | None = None
    company: str = "default"


class NoServerHere(OperatorError):
    """No server runs on this machine's data directory, and no other server was named."""


@contextmanager
def connected(target: Target | None) -> Iterator[Lethe]:
    """A client of the server. Raises OperatorError, saying what to do, if one of its calls fails in the block."""
    with (
        told(),
        waits.shown(),
        access_to(target or Target()) as (url, token),
        Lethe(base_url=url, token=token) as client,
    ):
        yield client


@contextmanager
def told() -> Iterator[None]:
    """Turn an error of the client into an OperatorError that says what to do."""
    try:
        yield
    except lethe_client.AuthenticationError as exc:
        raise OperatorError(
            f"{exc.message}: set LETHE_TOKEN to a valid token, or run 'lethe login'."
        ) from exc
    except lethe_client.APIConnectionError as exc:
        raise OperatorError(
            f"{exc.message} Start a server with 'lethe serve', or set LETHE_URL to one that runs."
        ) from exc
    except lethe_client.LetheError as exc:
        raise OperatorError(str(exc)) from exc


@contextmanager
def access_to(
    target: Target, *, name: str = "command line", scopes: Sequence[str] = SCOPES
) -> Iterator[tuple[str, str]]:
    """A server's address and a token for it. Raises OperatorError if there is none.

    Args:
        name, scopes: of the token created for the block if the server is the one on this machine's data directory.
    """
    url, token = target.url or os.environ.get("LETHE_URL") or None, os.environ.get("LETHE_TOKEN") or None
    saved = profiles.find(target.profile) if token is None else None
    if saved is not None and (url is None or profiles.same(url, saved.url)):
        url, token = saved.url, saved.token
    if token is not None:
        yield url or DEFAULT_URL, token
        return
    settings = Settings()
    here = _address(settings)
    if url is not None and not profiles.same(_reachable(url), here):
        raise OperatorError(
            f"There is no token for {url}: set LETHE_TOKEN, or run 'lethe login {url}'. "
            "For a server on this machine, LETHE_DATA_DIR, set to its data directory, is enough."
        )
    _require_running(settings, here)
    with _local_token(settings, target.company, name=name, scopes=scopes) as token:
        yield here, token


@contextmanager
def _local_token(settings: Settings, company: str, *, name: str, scopes: Sequence[str]) -> Iterator[str]:
    """A token for the server on this machine, revoked when the command ends.

    Whoever can read the data directory could create tokens anyway. Nobody else ever has this one, so the token of a
    killed command is harmless until it expires.
    """

    async def create(db: Database) -> tokens.NewToken:
        try:
            await companies.id_of(db, company)
        except NotFound as exc:
            raise OperatorError(f"{exc} '--company' names another one.") from exc
        return await tokens.create_token(
            db,
            company=company,
            name=name,
            scopes=scopes,
            rate=rate_limits.UNLIMITED,
            expires_at=tokens.utc_now() + timedelta(days=_LOCAL_TOKEN_DAYS),
        )

    made = with_database(settings, create)
    try:
        yield made.secret
    finally:
        with_database(settings, lambda db: tokens.revoke_token(db, made.secret))


def _address(settings: Settings) -> str:
    """Where the server on the data directory listens; if unknown, where one with these settings would."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return _reachable(data_dir.address(settings.data_dir) or f"http://{host}:{settings.port}")


def _reachable(url: str) -> str:
    """The URL with the loopback address, for a server that listens on all addresses or on localhost."""
    for name, loopback in (("0.0.0.0", "127.0.0.1"), ("localhost", "127.0.0.1"), ("[::]", "[::1]")):  # noqa: S104
        url = url.replace(f"//{name}:", f"//{loopback}:")
    return url


def _require_running(settings: Settings, url: str) -> None:
    try:
        httpx.get(f"{url}/health", timeout=5).raise_for_status()
    except httpx.HTTPError as exc:
        raise NoServerHere(
            f"No server on {settings.data_dir} answers at {url}: start one with 'lethe serve', set LETHE_DATA_DIR to "
            "the data directory of one that runs, or set LETHE_URL and LETHE_TOKEN."
        ) from exc
