"""How a client is configured: arguments override the environment, which overrides the defaults."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

import httpx

from lethe_client._calling.calls import NotGiven
from lethe_client.errors import LetheError

DEFAULT_URL = "http://127.0.0.1:8400"
DEFAULT_TIMEOUT = httpx.Timeout(600, connect=5)
"""Seconds. A synchronous ingestion answers once its document can be found, which may take minutes."""
DEFAULT_MAX_RETRIES = 2


@dataclass(frozen=True, repr=False)
class Settings:
    """How calls are made. Its repr omits the token."""

    base_url: str
    token: str | None
    timeout: httpx.Timeout
    max_retries: int
    headers: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Settings(base_url={self.base_url!r}, max_retries={self.max_retries})"


def settings_of(
    base_url: str | None,
    token: str | None,
    timeout: float | httpx.Timeout,
    max_retries: int,
    headers: Mapping[str, str] | None,
) -> Settings:
    """Combine arguments, environment and defaults. Raises LetheError for an invalid address, token or max_retries."""
    url = (base_url or os.environ.get("LETHE_URL") or DEFAULT_URL).strip().rstrip("/")
    _check_address(url)
    secret = (token or os.environ.get("LETHE_TOKEN") or "").strip()
    if not (secret.isascii() and secret.isprintable()):
        raise LetheError("The token contains invalid characters: copy it again.")
    if max_retries < 0:
        raise LetheError("'max_retries' must not be negative; 0 means no retries.")
    return Settings(
        base_url=url,
        token=secret or None,
        timeout=timeout if isinstance(timeout, httpx.Timeout) else httpx.Timeout(timeout),
        max_retries=max_retries,
        headers=dict(headers or {}),
    )


def _check_address(url: str) -> None:
    """Raise LetheError for an invalid address. The error does not show it, as it may contain a password."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as exc:
        raise LetheError(f"The server's address is invalid: {exc}.") from exc
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise LetheError("The server's address must look like https://lethe.example.org.")
    if parsed.userinfo:
        raise LetheError("The server's address must not contain a password: give the token as 'token'.")


def changed(
    settings: Settings,
    timeout: float | httpx.Timeout | NotGiven,
    max_retries: int | NotGiven,
    headers: Mapping[str, str] | NotGiven,
) -> Settings:
    """The settings with other options; `headers` are added."""
    return replace(
        settings,
        timeout=settings.timeout if isinstance(timeout, NotGiven) else httpx.Timeout(timeout),
        max_retries=settings.max_retries if isinstance(max_retries, NotGiven) else max_retries,
        headers=settings.headers if isinstance(headers, NotGiven) else {**settings.headers, **headers},
    )
