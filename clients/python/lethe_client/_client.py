"""The two clients."""

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import PurePosixPath
from types import TracebackType
from typing import Self

import httpx

from lethe_client._calling import calls
from lethe_client._calling.attempts import Caller
from lethe_client._calling.calls import NOT_GIVEN, Call, NotGiven
from lethe_client._calling.groups import Async, AsyncRaw, M, Sync, SyncRaw, operation, procedure
from lethe_client._calling.settings import DEFAULT_MAX_RETRIES, DEFAULT_TIMEOUT, changed, settings_of
from lethe_client._calling.steps import Plan
from lethe_client._folder_upload import FolderToUpload, FolderUpload, UploadedFile
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


class Calls(Search[M]):
    """All groups of calls, and the calls outside any group."""

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
        """Deleted nodes that can still be restored."""
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
        """Addresses that receive events."""
        return Webhooks(self._caller, self._mode)

    @cached_property
    def erasures(self) -> Erasures[M]:
        """What was erased, for caches that have to forget it too."""
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
        return calls.get("/v1/me", Me.of)

    @operation
    def revoke_token(self) -> Call[None]:
        """Revoke this client's token. Every later call fails."""
        return calls.change("DELETE", "/v1/me/token", nothing)

    @operation
    def tree(self, parent_id: str | None = None, *, depth: int | None = None) -> Call[Tree]:
        """The tree of folders and documents, or the part below a folder."""
        return calls.get("/v1/knowledge/tree", Tree.of, parent_id=parent_id, depth=depth)

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
        """Upload all files of a folder, several at once, and wait until they have been read.

        The folder structure is kept. A file replaces the content of a document with its name in the same folder, so a
        second upload sends only what has changed. A file that fails does not stop the others: see `failed` of the
        result.

        Args:
            collection: the title of the root folder to upload to, which is created if missing.
            parent_id: the folder to upload to, instead of `collection`.
            select: which files, by their paths below the folder; by default all that are not hidden. Links are skipped.
            on_result: called with each file's result as it arrives.
        """
        if (collection is None) == (parent_id is None):
            raise ValueError("Give either 'collection' or 'parent_id'.")
        folder = FolderToUpload(self._caller, path, select)
        plan = folder.plan(collection=collection, parent_id=parent_id, at_once=at_once, on_result=on_result)
        return (yield from plan)


class Lethe(Calls[Sync]):
    """A client of a Lethe server. Threads may share it; use it as a context manager, or call `close`.

    Args:
        base_url: the server's address; by default LETHE_URL, or else http://127.0.0.1:8400.
        token: by default LETHE_TOKEN.
        timeout: in seconds, or an httpx.Timeout, for each attempt.
        max_retries: per call, after a lost connection or a temporary error.
        headers: sent with every call.
        http_client: an httpx.Client of your own, for proxies or certificates; `close` leaves it open.
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
        settings = settings_of(base_url, token, timeout, max_retries, headers)
        super().__init__(Caller(settings, self._http), Sync(self._http))

    @cached_property
    def with_raw_response(self) -> Calls[SyncRaw]:
        """The same calls, returning raw responses with status and headers; `parse()` gives the result."""
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
        Calls.__init__(
            other,
            Caller(changed(self._caller.settings, timeout, max_retries, headers), self._http),
            self._mode,
        )
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
    """Like `Lethe`, but every call is awaited, and lists are iterated by `async for`."""

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
        settings = settings_of(base_url, token, timeout, max_retries, headers)
        super().__init__(Caller(settings, self._http), Async(self._http))

    @cached_property
    def with_raw_response(self) -> Calls[AsyncRaw]:
        """The same calls, returning raw responses with status and headers; `parse()` gives the result."""
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
        Calls.__init__(
            other,
            Caller(changed(self._caller.settings, timeout, max_retries, headers), self._http),
            self._mode,
        )
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
