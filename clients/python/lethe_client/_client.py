"""The two clients."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import PurePosixPath
from types import TracebackType
from typing import Self

import httpx

from lethe_client import _calls
from lethe_client._attempts import Caller, Settings
from lethe_client._calls import NOT_GIVEN, Call, NotGiven
from lethe_client._folder_upload import FolderToUpload, FolderUpload, UploadedFile
from lethe_client._groups import Async, AsyncRaw, M, Sync, SyncRaw, operation, procedure
from lethe_client._steps import Plan
from lethe_client.errors import LetheError
from lethe_client.models import Me, Tree
from lethe_client.resources.artifacts import Artifacts
from lethe_client.resources.assistants import Assistants
from lethe_client.resources.deletions import Deletions, Receipts
from lethe_client.resources.pages import nothing
from lethe_client.resources.search import Search
from lethe_client.resources.tasks import Tasks
from lethe_client.resources.tools import EmbeddingCalls, Models
from lethe_client.resources.tree import Documents, Folders, Nodes, Trash
from lethe_client.resources.webhooks import Erasures, Webhooks

DEFAULT_URL = "http://127.0.0.1:8400"
DEFAULT_TIMEOUT = httpx.Timeout(600, connect=5)
"""Seconds. A synchronous ingestion answers once its document can be found, which may take minutes."""
DEFAULT_MAX_RETRIES = 2


class Calls(Search[M]):
    """All groups of calls, and the calls that belong to none."""

    @property
    def base_url(self) -> str:
        """The server's address."""
        return self._caller.settings.base_url

    @cached_property
    def artifacts(self) -> Artifacts[M]:
        """Collections of named documents."""
        return Artifacts(self._caller, self._mode)

    @cached_property
    def documents(self) -> Documents[M]:
        """Documents in the tree."""
        return Documents(self._caller, self._mode)

    @cached_property
    def folders(self) -> Folders[M]:
        """Folders in the tree."""
        return Folders(self._caller, self._mode)

    @cached_property
    def nodes(self) -> Nodes[M]:
        """Folders and documents alike."""
        return Nodes(self._caller, self._mode)

    @cached_property
    def trash(self) -> Trash[M]:
        """What was deleted and not yet erased."""
        return Trash(self._caller, self._mode)

    @cached_property
    def deletions(self) -> Deletions[M]:
        """Deletions by filter."""
        return Deletions(self._caller, self._mode)

    @cached_property
    def receipts(self) -> Receipts[M]:
        """Proofs of what was erased."""
        return Receipts(self._caller, self._mode)

    @cached_property
    def tasks(self) -> Tasks[M]:
        """Work in the background."""
        return Tasks(self._caller, self._mode)

    @cached_property
    def assistants(self) -> Assistants[M]:
        """Assistants, and what they may read."""
        return Assistants(self._caller, self._mode)

    @cached_property
    def webhooks(self) -> Webhooks[M]:
        """Addresses that are told of what happens."""
        return Webhooks(self._caller, self._mode)

    @cached_property
    def erasures(self) -> Erasures[M]:
        """What was erased, for caches elsewhere."""
        return Erasures(self._caller, self._mode)

    @cached_property
    def embeddings(self) -> EmbeddingCalls[M]:
        """Vectors of texts."""
        return EmbeddingCalls(self._caller, self._mode)

    @cached_property
    def models(self) -> Models[M]:
        """The embedding model."""
        return Models(self._caller, self._mode)

    @operation
    def me(self) -> Call[Me]:
        """The token's name, scopes, expiry and company."""
        return _calls.get("/v1/me", Me.of)

    @operation
    def revoke_token(self) -> Call[None]:
        """Revoke the token of this client, which no further call can use."""
        return _calls.change("DELETE", "/v1/me/token", nothing)

    @operation
    def tree(self, parent_id: str | None = None, *, depth: int | None = None) -> Call[Tree]:
        """The tree of folders and documents, or what is below a folder."""
        return _calls.get("/v1/knowledge/tree", Tree.of, parent_id=parent_id, depth=depth)

    @procedure
    def upload_folder(
        self,
        path: str | os.PathLike[str],
        *,
        collection: str | None = None,
        parent_id: str | None = None,
        select: Callable[[PurePosixPath], bool] | None = None,
        at_once: int = 4,
        on_result: Callable[[UploadedFile], object] | None = None,
    ) -> Plan[FolderUpload]:
        """Upload all files of a folder, several at once, and wait until they were read.

        Folders keep their structure. A file of which there is a document with its name in the same folder replaces its
        content, so that a second upload sends only what has changed. A file that fails does not stop the others: see
        `failed` of the result.

        Args:
            collection: the title of the folder at the root to upload to, which is made if there is none.
            parent_id: or the folder to upload to.
            select: which files, by their paths below the folder; else all that are not hidden. Links are left out.
            on_result: called with each file's result as soon as it is there.
        """
        if (collection is None) == (parent_id is None):
            raise ValueError("Give either 'collection' or 'parent_id'.")
        folder = FolderToUpload(self._caller, path, select)
        plan = folder.plan(collection=collection, parent_id=parent_id, at_once=at_once, on_result=on_result)
        return (yield from plan)


class Lethe(Calls[Sync]):
    """A client of a Lethe server. Threads may share it; use it as a context manager, or call `close`.

    Args:
        base_url: the server's address; else LETHE_URL, else http://127.0.0.1:8400.
        token: else LETHE_TOKEN.
        timeout: in seconds, or an httpx.Timeout, for each attempt.
        max_retries: of a call, after a lost connection or an answer that asks for it.
        headers: sent with every call.
        http_client: an httpx.Client of your own, for proxies or certificates; it stays open.
    """

    def __init__(
        self,
        *,
        base_url: str | None = None,
        token: str | None = None,
        timeout: float | httpx.Timeout = DEFAULT_TIMEOUT,
        max_retries: int = DEFAULT_MAX_RETRIES,
        headers: Mapping[str, str] | None = None,
        http_client: httpx.Client | None = None,
    ) -> None:
        self._owns = http_client is None
        self._http = http_client or httpx.Client()
        settings = _settings(base_url, token, timeout, max_retries, headers)
        super().__init__(Caller(settings, self._http), Sync(self._http))

    @cached_property
    def with_raw_response(self) -> Calls[SyncRaw]:
        """The same calls, which return answers with status and headers; `parse()` gives the result."""
        return Calls(self._caller, SyncRaw(self._http))

    def with_options(
        self,
        *,
        timeout: float | httpx.Timeout | NotGiven = NOT_GIVEN,
        max_retries: int | NotGiven = NOT_GIVEN,
        headers: Mapping[str, str] | NotGiven = NOT_GIVEN,
    ) -> "Lethe":
        """The same client with other options, on the same connections. `headers` are added."""
        other = Lethe(http_client=self._http)
        Calls.__init__(other, _changed(self._caller, timeout, max_retries, headers), self._mode)
        return other

    def close(self) -> None:
        """Close the connections."""
        if self._owns:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class AsyncLethe(Calls[Async]):
    """As `Lethe`; every call is awaited, and lists are iterated by `async for`."""

    def __init__(
        self,
        *,
        base_url: str | None = None,
        token: str | None = None,
        timeout: float | httpx.Timeout = DEFAULT_TIMEOUT,
        max_retries: int = DEFAULT_MAX_RETRIES,
        headers: Mapping[str, str] | None = None,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        self._owns = http_client is None
        self._http = http_client or httpx.AsyncClient()
        settings = _settings(base_url, token, timeout, max_retries, headers)
        super().__init__(Caller(settings, self._http), Async(self._http))

    @cached_property
    def with_raw_response(self) -> Calls[AsyncRaw]:
        """The same calls, which return answers with status and headers; `parse()` gives the result."""
        return Calls(self._caller, AsyncRaw(self._http))

    def with_options(
        self,
        *,
        timeout: float | httpx.Timeout | NotGiven = NOT_GIVEN,
        max_retries: int | NotGiven = NOT_GIVEN,
        headers: Mapping[str, str] | NotGiven = NOT_GIVEN,
    ) -> "AsyncLethe":
        """The same client with other options, on the same connections. `headers` are added."""
        other = AsyncLethe(http_client=self._http)
        Calls.__init__(other, _changed(self._caller, timeout, max_retries, headers), self._mode)
        return other

    async def close(self) -> None:
        """Close the connections."""
        if self._owns:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()


def _settings(
    base_url: str | None,
    token: str | None,
    timeout: float | httpx.Timeout,
    max_retries: int,
    headers: Mapping[str, str] | None,
) -> Settings:
    """Arguments before the environment before defaults. Raises LetheError for an address that is none."""
    url = (base_url or os.environ.get("LETHE_URL") or DEFAULT_URL).strip().rstrip("/")
    _check_address(url)
    secret = (token or os.environ.get("LETHE_TOKEN") or "").strip()
    if not (secret.isascii() and secret.isprintable()):
        raise LetheError("The token has characters that no token has: copy it again.")
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
    """Raise LetheError for an address that no server has. It is not shown: it may contain a password."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as exc:
        raise LetheError(f"The server's address is invalid: {exc}.") from exc
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise LetheError("The server's address must look like https://lethe.example.org.")
    if parsed.userinfo:
        raise LetheError("The server's address must not contain a password: give the token as 'token'.")


def _changed(
    caller: Caller,
    timeout: float | httpx.Timeout | NotGiven,
    max_retries: int | NotGiven,
    headers: Mapping[str, str] | NotGiven,
) -> Caller:
    old = caller.settings
    new = replace(
        old,
        timeout=old.timeout if isinstance(timeout, NotGiven) else httpx.Timeout(timeout),
        max_retries=old.max_retries if isinstance(max_retries, NotGiven) else max_retries,
        headers=old.headers if isinstance(headers, NotGiven) else {**old.headers, **headers},
    )
    return Caller(new, caller.http)
