"""The server that a command talks to: named by flags, LETHE_URL and LETHE_TOKEN, a profile, or on this machine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

import httpx
import lethe_client
from cyclopts import Parameter
from lethe_client import Lethe

from lethe.cli import data_dir
from lethe.cli.contents import profiles, waits
from lethe.cli.database import with_database
from lethe.core import access
from lethe.domain.errors import OperatorError
from lethe.domain.records.access import SCOPES
from lethe.settings import Settings

_LOCAL_TOKEN_HOURS = 12


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
    """No server runs on this machine's data directory, and none elsewhere was named."""


Server = Annotated[Target | None, Parameter(name="*")]


@contextmanager
def connected(target: Target | None) -> Iterator[Lethe]:
    """A client of the server. Raises OperatorError, with what to do, whenever a call of it fails in the block."""
    with told(), waits.shown(), _client(target or Target()) as client:
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
def _client(target: Target) -> Iterator[Lethe]:
    url, token = target.url or os.environ.get("LETHE_URL"), os.environ.get("LETHE_TOKEN")
    saved = profiles.find(target.profile) if token is None else None
    if saved is not None and (url is None or profiles.same(url, saved.url)):
        url, token = saved.url, saved.token
    if token is not None:
        with Lethe(base_url=url, token=token) as client:
            yield client
        return
    settings = Settings()
    here = _address(settings)
    if url is not None and not profiles.same(_reachable(url), here):
        raise OperatorError(
            f"There is no token for {url}: set LETHE_TOKEN, or run 'lethe login {url}'. "
            "For a server on this machine, LETHE_DATA_DIR, set to its data directory, is enough."
        )
    with _local(settings, here, target.company) as client:
        yield client


@contextmanager
def _local(settings: Settings, url: str, company: str) -> Iterator[Lethe]:
    """A client of the server on this machine, with a token that ends with the command.

    Whoever may read the data directory may create tokens anyway.
    """
    _require_running(settings, url)
    expires = access.utc_now() + timedelta(hours=_LOCAL_TOKEN_HOURS)
    made = with_database(
        settings,
        lambda db: access.create_token(
            db,
            company=company,
            name="command line",
            scopes=SCOPES,
            rate=access.UNLIMITED,
            expires_at=expires,
        ),
    )
    try:
        with Lethe(base_url=url, token=made.secret) as client:
            yield client
    finally:
        with_database(settings, lambda db: access.revoke_token(db, made.secret))


def _address(settings: Settings) -> str:
    """Where the server on the data directory listens; if it has not told, where one with these settings would."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return _reachable(data_dir.address(settings.data_dir) or f"http://{host}:{settings.port}")


def _reachable(url: str) -> str:
    """A server that listens everywhere is reached by the loopback address."""
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
