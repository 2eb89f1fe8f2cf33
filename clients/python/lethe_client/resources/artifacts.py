"""Collections of named documents."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import httpx

from lethe_client._calling import calls
from lethe_client._calling.calls import Call
from lethe_client._calling.files import FileContent, FileInJson, FileToSend, file_to_send
from lethe_client._calling.groups import Group, M, operation, paged, procedure
from lethe_client._calling.paging import Page, Paged
from lethe_client._calling.steps import Plan, pauses
from lethe_client.errors import WaitTimeoutError
from lethe_client.models import Artifact, Batch, Content, Conversion, Erased, Ingested, Reader, Started
from lethe_client.resources.pages import page_at, segment

DEFAULT_COLLECTION = "pgpt_collection"
"""The collection of documents that name none."""

Json = Mapping[str, Any]
_PATH = "/v1/artifacts"
_PAGE = 1000
_OPEN = ("PENDING", "STARTED")
_ARGUMENTS = ("artifact", "collection", "text", "file", "uri", "metadata", "file_name")


class Artifacts(Group[M]):
    """Documents by collection and name. Deleting here erases: there is no trash."""

    @operation
    def ingest(
        self,
        artifact: str | None = None,
        *,
        collection: str = DEFAULT_COLLECTION,
        text: str | None = None,
        file: FileContent | None = None,
        uri: str | None = None,
        metadata: Json | None = None,
        file_name: str | None = None,
    ) -> Call[Ingested]:
        """Store a document and wait until it can be found. A document of the same name is replaced.

        Args:
            artifact: its name in the collection; by default the file's name.
            text, file, uri: exactly one. A file is a path, bytes, or an open file, and is streamed; a URI is fetched by
                the server.
            file_name: its extension tells the type; needed for bytes.
        """
        source = _Source(
            artifact, collection, text=text, file=file, uri=uri, metadata=metadata, file_name=file_name
        )
        if source.file is None:
            return Call("POST", f"{_PATH}/ingest", source.ingested, changes=True, body=source.body())
        form = {
            "artifact": artifact,
            "collection": collection,
            "metadata": None if metadata is None else json.dumps(metadata),
        }
        return calls.send_file(f"{_PATH}/ingest", source.ingested, source.file, form)

    @operation
    def ingest_in_background(
        self,
        artifact: str | None = None,
        *,
        collection: str = DEFAULT_COLLECTION,
        text: str | None = None,
        file: FileContent | None = None,
        uri: str | None = None,
        metadata: Json | None = None,
        file_name: str | None = None,
        callback: Json | None = None,
    ) -> Call[Started]:
        """Like `ingest`, without waiting. To wait later: `client.tasks.wait(started.task_id)`."""
        source = _Source(
            artifact, collection, text=text, file=file, uri=uri, metadata=metadata, file_name=file_name
        )
        body = {"ingest_body": source.body(), "callback": callback}
        return Call("POST", f"{_PATH}/ingest/async", Started.of, changes=True, body=body, file=source.file)

    @procedure
    def ingest_batch(
        self,
        documents: Sequence[Json],
        *,
        collection: str = DEFAULT_COLLECTION,
        timeout: float | None = None,
        on_progress: Callable[[Batch], object] | None = None,
    ) -> Plan[Batch]:
        """Store up to 1,000 documents together, and wait until each is stored or has failed: see `Batch.failed`.

        Args:
            documents: the arguments of `ingest` for each, such as `{"artifact": "a", "text": "# A"}`.
            collection: of the documents that name none.
            timeout: in seconds; None waits for ever.
            on_progress: called with the batch whenever documents have ended.

        Raises WaitTimeoutError if it takes longer.
        """
        send = Artifacts.ingest_batch_in_background.call(documents, collection=collection)
        started = yield from self._caller.answer(send)
        ended = -1
        for pause in pauses(timeout):
            batch = yield from self._caller.answer(Artifacts.batch.call(started.task_id))
            before, ended = ended, sum(one.task_status not in _OPEN for one in batch.documents)
            if on_progress and ended != before:
                on_progress(batch)
            if batch.has_ended:
                return batch
            yield pause
        raise WaitTimeoutError(f"The batch {started.task_id} has not ended within {timeout:g} s.")

    @operation
    def ingest_batch_in_background(
        self, documents: Sequence[Json], *, collection: str = DEFAULT_COLLECTION
    ) -> Call[Started]:
        """Like `ingest_batch`, without waiting. To see how far it is: `client.artifacts.batch(started.task_id)`."""
        bodies = [_Source.of({"collection": collection, **document}).whole_body() for document in documents]
        return calls.change("POST", f"{_PATH}/ingest/batch", Started.of, {"documents": bodies})

    @operation
    def batch(self, task_id: str) -> Call[Batch]:
        """The progress of a batch, and the outcome of each document."""
        return calls.get(f"{_PATH}/ingest/batch/{segment(task_id)}", Batch.of)

    @paged
    def list(self, collection: str = DEFAULT_COLLECTION, *, limit: int = _PAGE) -> Paged[Artifact]:
        """The documents of a collection in order of creation. `limit` is the size of a page."""

        def read(response: httpx.Response) -> Page[Artifact]:
            body = response.json()
            return page_at([Artifact.from_dict(d) for d in body["data"]], body.get("next_cursor"))

        return Paged(calls.get(f"{_PATH}/list", read, collection=collection, limit=limit))

    @operation
    def content(
        self,
        collection: str = DEFAULT_COLLECTION,
        artifacts: Sequence[str] | None = None,
        *,
        metadata_filter: Sequence[Json] | None = None,
        format: Literal["markdown", "object"] = "markdown",
        filter: Json | None = None,
    ) -> "Call[Sequence[Content]]":
        """Read documents whole: as markdown, or as a tree of nodes (`object`), which `filter` may thin out."""
        context = {"collection": collection, "artifacts": artifacts, "metadata_filter": metadata_filter}
        body = {"context_filter": context, "format": format, "filter": filter}
        return calls.ask(f"{_PATH}/content", _contents, body)

    @operation
    def chunked_content(
        self,
        collection: str = DEFAULT_COLLECTION,
        artifacts: Sequence[str] | None = None,
        *,
        metadata_filter: Sequence[Json] | None = None,
        max_tokens: int | None = None,
    ) -> "Call[Sequence[Content]]":
        """Read documents in pieces of at most `max_tokens` tokens, split along their structure."""
        context = {"collection": collection, "artifacts": artifacts, "metadata_filter": metadata_filter}
        body = {"context_filter": context, "max_tokens": max_tokens}
        return calls.ask(f"{_PATH}/chunked-content", _contents, body)

    @operation
    def delete(self, artifact: str, collection: str = DEFAULT_COLLECTION) -> Call[Erased]:
        """Erase a document. When this returns, its text, chunks, vectors and file are gone for good."""
        return calls.change(
            "POST", f"{_PATH}/delete", erased, {"collection": collection, "artifact": artifact}
        )

    @operation
    def delete_batch(
        self, artifacts: Sequence[str], collection: str = DEFAULT_COLLECTION
    ) -> "Call[Sequence[Erased | None]]":
        """Erase up to 1,000 documents. The results are in the order of the names: None where there was no document."""

        def read(response: httpx.Response) -> Sequence[Erased | None]:
            return [Erased.from_dict(one) if one["erased"] else None for one in response.json()["data"]]

        body = {"collection": collection, "artifacts": [*artifacts]}
        return calls.change("POST", f"{_PATH}/delete/batch", read, body)

    @operation
    def delete_in_background(
        self, artifact: str, collection: str = DEFAULT_COLLECTION, *, callback: Json | None = None
    ) -> Call[Started]:
        """Erase a document in the background. It is invisible when this returns."""
        body = {"delete_body": {"collection": collection, "artifact": artifact}, "callback": callback}
        return calls.change("POST", f"{_PATH}/delete/async", Started.of, body)

    @operation
    def readers(self) -> Call[dict[str, Reader]]:
        """The server's readers by name, with the file extensions of each."""
        return calls.get(f"{_PATH}/readers", _readers)

    @operation
    def convert(
        self,
        *,
        text: str | None = None,
        file: FileContent | None = None,
        uri: str | None = None,
        file_name: str | None = None,
        reader: str | None = None,
        format: Literal["markdown", "object"] = "markdown",
    ) -> Call[Conversion]:
        """Read a file without storing anything. `reader` is one of `readers`; by default the file's type decides."""
        source = _Source("converted", "", text=text, file=file, uri=uri, metadata=None, file_name=file_name)
        read = source.body()
        body = {"input": read["input"], "metadata": read["metadata"], "reader": reader, "format": format}
        path = f"{_PATH}/convert"
        return Call("POST", path, Conversion.of, changes=False, body=body, file=source.file)


class _Source:
    """A document to be ingested."""

    def __init__(
        self,
        artifact: str | None,
        collection: str,
        *,
        text: str | None,
        file: FileContent | None,
        uri: str | None,
        metadata: Json | None,
        file_name: str | None,
    ) -> None:
        if [text, file, uri].count(None) != 2:
            raise ValueError("Give one of 'text', 'file' and 'uri'.")
        self.file: FileToSend | None = None if file is None else file_to_send(file, file_name)
        named = self.file.name if self.file else file_name
        if not (artifact or named):
            raise ValueError("Give 'artifact', the name of the document.")
        self._artifact = artifact or named
        self._collection = collection
        self._input = {"type": "text", "value": text} if uri is None else {"type": "uri", "value": uri}
        self._metadata = {**({"file_name": named} if named else {}), **(metadata or {})}

    @classmethod
    def of(cls, given: Json) -> "_Source":
        """From keyword arguments of `ingest`. Raises ValueError for unknown ones."""
        if unknown := given.keys() - _ARGUMENTS:
            raise ValueError(f"Unknown arguments of 'ingest': {', '.join(sorted(unknown))}.")
        return cls(**{**dict.fromkeys(_ARGUMENTS), **given})

    def whole_body(self) -> Json:
        """The JSON body with the file in it."""
        if self.file is None:
            return self.body()
        with self.file.opened() as file:
            encoded = base64.b64encode(file.read()).decode()
        return {**self.body(), "input": {"type": "file", "value": encoded}}

    def body(self) -> Json:
        """The JSON body with a placeholder for the file."""
        input_ = {"type": "file", "value": FileInJson.placeholder} if self.file else self._input
        return {
            "artifact": self._artifact,
            "collection": self._collection,
            "metadata": self._metadata or None,
            "input": input_,
        }

    def ingested(self, response: httpx.Response) -> Ingested:
        """Read the answer."""
        body = response.json()
        stored = body["data"][0] if body["data"] else {}
        facts = {
            "artifact": stored.get("artifact", self._artifact),
            "collection": self._collection,
            "node_id": response.headers.get("Lethe-Node"),
            "unchanged": not stored,
            "doc_metadata": stored.get("doc_metadata", {}),
            "warnings": body.get("warnings", []),
        }
        return Ingested.from_dict(facts)


def erased(response: httpx.Response) -> Erased:
    """The answer to an erasure, whose receipt a header names."""
    return Erased.from_dict({"receipt_id": response.headers.get("Lethe-Receipt")})


def _readers(response: httpx.Response) -> dict[str, Reader]:
    return {name: Reader.from_dict(found) for name, found in response.json()["data"].items()}


def _contents(response: httpx.Response) -> Sequence[Content]:
    return [Content.from_dict(entry) for entry in response.json()["data"]]
