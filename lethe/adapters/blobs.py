"""Originals: the uploaded files, in a local directory or an S3 bucket.

A key is `<company id>/<24 hex>` and is written once. Both stores show a key only once its content is complete: S3 by
itself, the local store by writing `<key>#<n>` and linking that file to the key at the end. A process that dies in
between leaves `<key>#<n>`, which `delete` removes with the key. So a caller that records each key before its `put`,
and deletes the keys that it does not use in the end, leaves no file behind.
"""

import asyncio
import contextlib
import os
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import count, islice, takewhile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    UnauthenticatedError,
)
from obstore.store import LocalStore, S3Store

from lethe.adapters.disk import sync, write_pieces
from lethe.domain.errors import Conflict, NotFound, OperatorError, Unavailable

KEY = re.compile(r"[0-9a-f-]{1,64}/[0-9a-f]{24}")
AWS_NAMES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_REQUEST_PAYER",
    "AWS_SERVER_SIDE_ENCRYPTION",
    "AWS_SSE_KMS_KEY_ID",
)
# obstore reports a refused listing as a GenericError with S3's own code in its text.
REFUSALS = ("NoSuchBucket", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch")
PIECE = 1024 * 1024  # bytes held at a time while a file streams through
LISTED = 1000  # keys held at a time while the store is listed; as many as S3 gives in one answer


class Blobs:
    """The store of originals behind one address.

    `url` is `file:///directory` or `s3://bucket/prefix`. `aws` holds the usual AWS_* names and values for S3
    (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL ...). A missing local directory is created.
    Only the user that runs Lethe can read it and its files.

    Raises OperatorError for an address or a value that cannot be used.
    """

    def __init__(self, url: str, aws: Mapping[str, str] | None = None) -> None:
        parts = urlsplit(url)
        self._root: Path | None = None
        if parts.scheme == "file" and parts.netloc in ("", "localhost") and len(parts.path) > 1:
            self._root = Path(unquote(parts.path))
            _make_private(self._root)
            self._store: LocalStore | S3Store = LocalStore(self._root)
        elif parts.scheme == "s3" and parts.netloc:
            self._store = open_bucket(parts.netloc, parts.path.strip("/"), aws or {})
        else:
            raise OperatorError(
                f"The blob address '{url}' is neither file:///directory nor s3://bucket/prefix."
            )

    @property
    def directory(self) -> Path | None:
        """The directory that holds the files, each under its key; None for a bucket."""
        return self._root

    async def ready(self) -> None:
        """Check that the store can be read. Raises OperatorError or Unavailable if not."""
        with translated("The blob store", missing=OperatorError):
            async for _ in obstore.list(self._store, chunk_size=1):
                break
        if self._root is not None and not os.access(self._root, os.R_OK | os.W_OK | os.X_OK):
            raise OperatorError(f"The blob directory '{self._root}' cannot be written to: change its owner.")

    async def put(self, key: str, source: bytes | memoryview | Path) -> None:
        """Store `source` under `key`; on return it survives a power failure.

        At most one copy of the content is held in memory. Raises Conflict when the key exists (its content is kept),
        Unavailable when the store does not answer, OperatorError when it refuses the credentials.
        """
        _check(key)
        if self._root is not None:
            _make_private((self._root / key).parent)
        with translated(f"The original '{key}'", missing=OperatorError):
            await obstore.put_async(self._store, key, source, mode="create")
        if self._root is not None:
            await asyncio.to_thread(_settle, self._root / key)

    async def download(self, key: str, target: Path) -> int:
        """Write the content of `key` to the file `target`, piece by piece, and return its size in bytes.

        Raises NotFound when there is no such key, Unavailable when the store does not answer. After an error no file is
        left.
        """
        _check(key)
        with translated(f"The original '{key}'"):
            found = await obstore.get_async(self._store, key)
            size = await write_pieces(found.stream(PIECE), target)
        if size != found.meta["size"]:
            target.unlink()
            raise Unavailable(f"The original '{key}' arrived incomplete from the blob store: try again.")
        return size

    async def open(self, key: str, span: tuple[int, int] | None = None) -> AsyncIterator[bytes]:
        """Open the content of `key` and return it in pieces; it can be read to its end even if the key is deleted.

        `span` is a range of bytes, (first, one after the last). Raises NotFound when there is no such key, Unavailable
        when the store does not answer, also while reading.
        """
        _check(key)
        with translated(f"The original '{key}'"):
            found = await obstore.get_async(self._store, key, options={"range": span} if span else {})
        return _pieces(found.stream(PIECE), key)

    async def delete(self, key: str) -> None:
        """Remove `key` and anything an interrupted put of it left behind. On return the removal survives a power
        failure.

        A missing key is not an error. No put of the same key may be in progress.
        """
        _check(key)
        with translated(f"The original '{key}'"), contextlib.suppress(FileNotFoundError):
            await obstore.delete_async(self._store, key)
        if self._root is not None:
            await asyncio.to_thread(_clear, self._root / key)

    async def keys(self, company_id: str) -> AsyncIterator[list[str]]:
        """The keys of a company's originals, unordered, in lists of at most LISTED.

        Includes keys of which only the remains of an interrupted put exist. Excludes names that are not Lethe's keys.
        """
        if self._root is None:
            with translated("The blob store", missing=OperatorError):
                async for page in obstore.list(self._store, company_id, chunk_size=LISTED):
                    yield [key for found in page if KEY.fullmatch(key := found["path"])]
            return
        names = _names(self._root / company_id)
        while run := await asyncio.to_thread(lambda: [*islice(names, LISTED)]):
            keys = dict.fromkeys(f"{company_id}/{name.partition('#')[0]}" for name in run)
            yield [key for key in keys if KEY.fullmatch(key)]

    async def missing(self, keys: Sequence[str]) -> list[str]:
        """Which of the keys have no complete original. The keys must be sorted and belong to one company."""
        if not keys:
            return []
        root = self._root
        if root is not None:
            return await asyncio.to_thread(lambda: [key for key in keys if not (root / key).is_file()])
        # A listing costs one request per thousand keys. Keys that it does not show are then checked one by one.
        found: set[str] = set()
        folder = keys[0].partition("/")[0]
        with translated("The blob store", missing=OperatorError):
            async for page in obstore.list(self._store, folder, offset=keys[0][:-1], chunk_size=LISTED):
                found.update(each["path"] for each in page)
                if page and page[-1]["path"] >= keys[-1]:
                    break
        return [key for key in keys if key not in found and not await self.exists(key)]

    async def holds(self, key: str) -> bool:
        """Whether `key` has an original, or the remains of an interrupted put."""
        root = self._root
        if root is None:
            return await self.exists(key)
        _check(key)
        return await asyncio.to_thread(lambda: (root / key).exists() or any(_leftovers(root / key)))

    async def exists(self, key: str) -> bool:
        """Whether `key` has a complete original."""
        _check(key)
        with translated(f"The original '{key}'"):
            try:
                await obstore.head_async(self._store, key)
            except FileNotFoundError:
                return False
        return True


def open_bucket(bucket: str, prefix: str, aws: Mapping[str, str]) -> S3Store:
    """A client for `prefix` of an S3 bucket, configured by the usual AWS_* names and values.

    Names in `aws` that are not in AWS_NAMES are ignored: an environment also holds values for other programs. With a
    custom endpoint (MinIO, Ceph, Garage) the bucket goes into the path, and http:// is allowed. Raises OperatorError
    for values that cannot be used.
    """
    endpoint = aws.get("AWS_ENDPOINT_URL_S3") or aws.get("AWS_ENDPOINT_URL") or ""
    try:
        return S3Store(
            bucket,
            prefix=prefix or None,
            config={name.lower(): aws[name] for name in AWS_NAMES if aws.get(name)},  # type: ignore[arg-type]
            virtual_hosted_style_request=not endpoint,
            disable_bulk_delete=True,  # several S3-compatible stores do not know DeleteObjects
            # 100 MiB in 15 minutes is 1 Mbit/s; a stalled read ends after 30 s.
            client_options={
                "allow_http": endpoint.startswith("http://"),
                "connect_timeout": "5s",
                "read_timeout": "30s",
                "timeout": "15m",
            },
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=60)},
        )
    except (BaseError, ValueError) as exc:
        raise OperatorError(f"The S3 bucket '{bucket}' cannot be used: check the AWS_* values.") from exc


@contextlib.contextmanager
def translated(what: str, *, missing: type[NotFound | OperatorError] = NotFound) -> Iterator[None]:
    """Translate the object store's errors. `what` begins the message; `missing` is raised for a missing object."""
    try:
        yield
    except AlreadyExistsError as exc:
        raise Conflict(f"{what} exists already.") from exc
    except FileNotFoundError as exc:
        hint = ": check that the bucket or directory exists" if missing is OperatorError else ""
        raise missing(f"{what} is not in the object store{hint}.") from exc
    except (PermissionDeniedError, UnauthenticatedError, PermissionError) as exc:
        raise OperatorError(
            f"{what} is refused by the object store: check its credentials and permissions."
        ) from exc
    except (BaseError, OSError) as exc:
        refusal = next((code for code in REFUSALS if code in str(exc)), None)
        if refusal:
            raise OperatorError(f"{what}: the object store says {refusal}; check the S3 settings.") from exc
        raise Unavailable(f"{what} cannot be reached, the object store does not answer: try again.") from exc


async def _pieces(stream: AsyncIterator[bytes], key: str) -> AsyncIterator[bytes]:
    with translated(f"The original '{key}'"):
        async for piece in stream:
            yield bytes(piece)


def _check(key: str) -> None:
    if not KEY.fullmatch(key):
        raise AssertionError(f"not a key of ours: {key!r}")


def _make_private(directory: Path) -> None:
    try:
        if not directory.is_dir():
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync(directory.parent)
        directory.chmod(0o700)
    except OSError as exc:
        raise OperatorError(
            f"The blob directory '{directory}' cannot be created or made private: change its permissions."
        ) from exc


def _settle(path: Path) -> None:
    """Sync the file and restrict its permissions: the local store does neither (seen in its system calls)."""
    path.chmod(0o600)
    sync(path)
    sync(path.parent)


def _clear(path: Path) -> None:
    if path.parent.is_dir():
        for leftover in reversed([*_leftovers(path)]):  # a crash in between leaves no gap in the numbers
            leftover.unlink(missing_ok=True)
        sync(path.parent)


def _leftovers(path: Path) -> Iterator[Path]:
    """Unfinished files of a put, which the local store numbers from 1. Looked up by name: a listing would grow with the
    folder."""
    numbered = (path.with_name(f"{path.name}#{n}") for n in count(1))
    return takewhile(Path.exists, numbered)


def _names(directory: Path) -> Iterator[str]:
    """The names in a directory, read lazily; none if it does not exist."""
    with contextlib.suppress(FileNotFoundError), os.scandir(directory) as entries:
        for entry in entries:
            yield entry.name
