"""Builds the fetcher of addresses that callers name."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from lethe.adapters.fetch import Fetched, S3Access, fetch
from lethe.settings import Settings


def fetcher(settings: Settings) -> Callable[[str, Path], Awaitable[Fetched]]:
    """A function that downloads an address into a file, within the limits of the settings."""
    buckets = frozenset(b.strip() for b in settings.fetch_s3_buckets.split(",") if b.strip())
    return partial(
        fetch,
        limits=settings.limits,
        allow_private=settings.fetch_allow_private,
        s3_access=S3Access(buckets, settings.aws),
    )
