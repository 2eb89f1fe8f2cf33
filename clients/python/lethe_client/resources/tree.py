"""The tree of folders and documents, and its trash."""

import json
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from lethe_client._calling import calls
from lethe_client._calling.attempts import Caller
from lethe_client._calling.calls import NOT_GIVEN, Call, NotGiven, optional
from lethe_client._calling.files import FileContent, file_to_send
from lethe_client._calling.groups import Group, M, operation, paged, procedure
from lethe_client._calling.paging import Paged
from lethe_client._calling.steps import Plan, pauses
from lethe_client.errors import IngestionFailedError, WaitTimeoutError
from lethe_client.models import Erased, Node, NodeDetails, TrashEntry
from lethe_client.resources.artifacts import erased
from lethe_client.resources.pages import cursor_page, nothing, segment

Json = Mapping[str, Any]
_PATH = "/v1/knowledge"


class Folders(Group[M]):
    """Folders. A folder at the root is a collection."""

    @operation
    def create(self, title: str, *, parent_id: str | None = None) -> Call[Node]:
        """Create a folder, the last of its siblings. At the root, a title that is taken raises ConflictError."""
        body = {"title": title, "parent_id": parent_id}
        return calls.change("POST", f"{_PATH}/folders", Node.of, body)


class Documents(Group[M]):
    """Documents in the tree."""

    @operation
    def create(
        self, title: str, markdown: str, *, parent_id: str | None = None, metadata: Json | None = None
    ) -> Call[Node]:
        """Create a document. It can be read when this returns, and found a moment later."""
        body = {"title": title, "markdown": markdown, "parent_id": parent_id, "metadata": metadata}
        return calls.change("POST", f"{_PATH}/documents", Node.of, body)

    @operation
    def upload(
        self,
        file: FileContent,
        *,
        title: str | None = None,
        parent_id: str | None = None,
        metadata: Json | None = None,
        file_name: str | None = None,
    ) -> Call[Node]:
        """Create a document from a file, which is streamed. It is read in the background: see `wait`.

        `file` is a path, bytes (then give `file_name`), or an open file.
        """
        form = {
            "title": title,
            "parent_id": parent_id,
            "metadata": None if metadata is None else json.dumps(metadata),
        }
        return calls.send_file(f"{_PATH}/documents/upload", Node.of, file_to_send(file, file_name), form)

    @operation
    def replace(self, node_id: str, markdown: str, *, metadata: Json | None = None) -> Call[Node]:
        """Replace a document's content. The old content is found until the new content can be."""
        body = {"markdown": markdown, "metadata": optional(metadata)}
        return calls.change("PUT", f"{_PATH}/documents/{segment(node_id)}", Node.of, body)

    @procedure
    def wait(
        self,
        node_id: str,
        *,
        timeout: float | None = None,
        on_progress: Callable[[NodeDetails], object] | None = None,
    ) -> Plan[NodeDetails]:
        """Wait until a document's last ingestion has succeeded, so that it can be found, and return it.

        Args:
            timeout: in seconds; None waits for ever.
            on_progress: called with the node when its `last_ingestion` has changed.

        Raises IngestionFailedError if it cannot be read, and WaitTimeoutError if it takes longer.
        """
        return (yield from until_read(self._caller, node_id, timeout, on_progress))


class Nodes(Group[M]):
    """Folders and documents alike."""

    @operation
    def get(self, node_id: str, *, markdown: bool = False) -> Call[NodeDetails]:
        """A node, with facts about its content; with `markdown`, also its text."""
        include = "markdown" if markdown else None
        return calls.get(_node(node_id), NodeDetails.of, include=include)

    @operation
    def download(self, node_id: str, into: BinaryIO) -> Call[None]:
        """Write a document's original file to `into` as it arrives."""
        return Call("GET", f"{_node(node_id)}/original", nothing, changes=False, into=into)

    @operation
    def update(
        self,
        node_id: str,
        *,
        title: str | None = None,
        parent_id: str | NotGiven | None = NOT_GIVEN,
        position: int | None = None,
        metadata: Json | None = None,
    ) -> Call[Node]:
        """Rename, move or reorder a node, or replace its metadata: all or nothing. `parent_id=None` is the root."""
        body = {
            "title": optional(title),
            "parent_id": parent_id,
            "position": optional(position),
            "metadata": optional(metadata),
        }
        return calls.change("PATCH", _node(node_id), Node.of, body)

    @operation
    def delete(self, node_id: str) -> Call[None]:
        """Move a node to the trash with everything below it. All of it is invisible when this returns."""
        return calls.change("DELETE", _node(node_id), nothing)

    @operation
    def restore(
        self, node_id: str, *, title: str | None = None, parent_id: str | NotGiven | None = NOT_GIVEN
    ) -> Call[Node]:
        """Restore a node from the trash, with everything that was deleted with it."""
        body = {"title": optional(title), "parent_id": parent_id}
        return calls.change("POST", f"{_node(node_id)}/restore", Node.of, body)


class Trash(Group[M]):
    """Deleted nodes that can still be restored."""

    @paged
    def list(self, *, limit: int = 100) -> Paged[TrashEntry]:
        """One entry per deletion, latest first."""
        return Paged(calls.get(f"{_PATH}/trash", cursor_page(TrashEntry), limit=limit))

    @operation
    def erase(self, node_id: str) -> Call[Erased]:
        """Erase a node in the trash and everything below it for good."""
        return calls.change("DELETE", f"{_PATH}/trash/{segment(node_id)}", erased)


def until_read(
    caller: Caller,
    node_id: str,
    timeout: float | None = None,
    on_progress: Callable[[NodeDetails], object] | None = None,
) -> Plan[NodeDetails]:
    """The document once it can be found: see `Documents.wait`."""
    shown = None
    for pause in pauses(timeout):
        node = yield from caller.answer(Nodes.get.call(node_id))
        state = node.last_ingestion
        if on_progress and state != shown:
            on_progress(node)
        shown = state
        if state is None or state.status == "success":
            return node
        if state.status in {"failure", "revoked"}:
            raise IngestionFailedError(node, state.error or f"The ingestion was {state.status}.")
        yield pause
    raise WaitTimeoutError(f"The document {node_id} was not read within {timeout:g} s.")


def _node(node_id: str) -> str:
    return f"{_PATH}/nodes/{segment(node_id)}"
