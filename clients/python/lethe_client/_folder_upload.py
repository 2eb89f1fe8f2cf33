"""Uploads a folder: its folders become folders of the tree, its files documents."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from lethe_client._calling import calls
from lethe_client._calling.attempts import Caller
from lethe_client._calling.files import shown
from lethe_client._calling.steps import Plan, SideBySide
from lethe_client.errors import (
    APIError,
    BadRequestError,
    ConflictError,
    IngestionFailedError,
    LetheError,
    TooLargeError,
    UnprocessableEntityError,
)
from lethe_client.models import Tree, TreeNode
from lethe_client.resources.artifacts import Artifacts
from lethe_client.resources.tree import Documents, Folders, Nodes, until_read

_RETRIES = 6
"""Per call: many files at once hit rate limits and full queues more often than single calls."""

_TITLE_CHARACTERS = 200
"""The server shortens a file's name to this length."""

_Folder = str | LetheError
"""A folder's id, or why it could not be made."""


@dataclass(frozen=True)
class UploadedFile:
    """What became of one file.

    Attributes:
        path: below the folder, with slashes.
        status: `stored`, `unchanged` (the same content was there already) or `failed` (see `error`).
        node_id: its document; a file that cannot be read also has one, until somebody deletes it.
        warnings: sentences about parts of the file that are not in the document.
        is_final: whether the same file would fail again: it is damaged, too large, or of an unsupported type.
    """

    path: str
    status: Literal["stored", "unchanged", "failed"]
    node_id: str | None = None
    warnings: Sequence[str] = ()
    error: str | None = None
    is_final: bool = False


@dataclass(frozen=True)
class FolderUpload:
    """What became of a folder's files, in the order of their paths."""

    folder_id: str
    files: Sequence[UploadedFile]

    @property
    def failed(self) -> Sequence[UploadedFile]:
        """The files that could not be stored."""
        return [file for file in self.files if file.status == "failed"]


class FolderToUpload:
    """One upload of a folder.

    Args:
        select: which files, by their paths below the folder, with slashes; by default all that are not hidden.
    """

    def __init__(
        self, caller: Caller, root: str | os.PathLike[str], select: Callable[[PurePosixPath], bool] | None
    ) -> None:
        self._caller = caller.with_retries(_RETRIES)
        self._root = Path(root)
        if not self._root.is_dir():
            raise NotADirectoryError(f"There is no folder at {self._root}.")
        self._paths = [path for path in found(self._root) if (select or _not_hidden)(path)]

    def plan(
        self,
        *,
        collection: str | None,
        parent_id: str | None,
        at_once: int,
        on_result: Callable[[UploadedFile], object] | None,
    ) -> Plan[FolderUpload]:
        """Create the folders, then upload the files side by side. Raises APIError if there is no target folder."""
        if parent_id is None:
            root = str(collection)
            folder_id = yield from self._collection(root)
        else:
            root = yield from self._title_of_root(parent_id)
            folder_id = parent_id
        tree = yield from self._answer(calls.get("/v1/knowledge/tree", Tree.of, parent_id=folder_id))
        there = dict(_by_path(tree.items, PurePosixPath()))
        folders = yield from self._folders(folder_id, there)
        plans = [
            self._file(path, folders[path.parent], there.get(_titles(path)), root) for path in self._paths
        ]
        files = yield SideBySide(plans, at_once, on_result or (lambda _: None))
        return FolderUpload(folder_id, files)

    def _answer(self, call: calls.Call[Any]) -> Plan[Any]:
        return self._caller.answer(call)

    def _collection(self, title: str) -> Plan[str]:
        """The id of the root folder with this title, which is created if missing."""
        while True:
            top = yield from self._answer(calls.get("/v1/knowledge/tree", Tree.of, depth=1))
            for node in top.items:
                if node.is_folder and node.title == title:
                    return str(node.id)
            try:
                made = yield from self._answer(Folders.create.call(title))
            except ConflictError:  # somebody has just created it
                continue
            return str(made.id)

    def _title_of_root(self, node_id: str) -> Plan[str]:
        while True:
            node = yield from self._answer(Nodes.get.call(node_id))
            if node.parent_id is None:
                return str(node.title)
            node_id = node.parent_id

    def _folders(
        self, folder_id: str, there: dict[PurePosixPath, TreeNode]
    ) -> Plan[dict[PurePosixPath, _Folder]]:
        """Find or create the folder for each path that has files, parents first."""
        made: dict[PurePosixPath, _Folder] = {PurePosixPath(): folder_id}
        for path in sorted({parent for file in self._paths for parent in file.parents} - made.keys()):
            above, known = made[path.parent], there.get(_titles(path))
            if known is not None and known.is_folder:
                made[path] = known.id
            elif isinstance(above, LetheError):
                made[path] = above
            else:
                try:
                    node = yield from self._answer(Folders.create.call(_titles(path).name, parent_id=above))
                    made[path] = node.id
                except LetheError as exc:
                    made[path] = exc
        return made

    def _file(
        self, path: PurePosixPath, folder: _Folder, known: TreeNode | None, collection: str
    ) -> Plan[UploadedFile]:
        """Upload a file and wait until it has been read. Never raises, so that the other files go on."""
        name, node_id = shown(str(path)), None
        try:
            if isinstance(folder, LetheError):
                raise folder
            if known is not None and not known.is_folder:
                node_id = known.id
                return (yield from self._renewed(path, node_id, collection))
            node = yield from self._answer(Documents.upload.call(self._root / path, parent_id=folder))
            node_id = node.id
            read = yield from until_read(self._caller, node_id)
            return UploadedFile(name, "stored", node_id, read.warnings)
        except APIError as exc:
            return UploadedFile(name, "failed", node_id, error=exc.message, is_final=_is_final(exc))
        except (LetheError, OSError, ValueError) as exc:
            return UploadedFile(name, "failed", node_id, error=str(exc), is_final=_is_final(exc))

    def _renewed(self, path: PurePosixPath, node_id: str, collection: str) -> Plan[UploadedFile]:
        """Replace a document's content, unless it is the same as the file's. The metadata is kept."""
        name, file = shown(str(path)), self._root / path
        node = yield from self._answer(Nodes.get.call(node_id))
        if node.hash == _file_hash(file):
            return UploadedFile(name, "unchanged", node_id, node.warnings)
        # In the Artifacts API, a document made in the tree is named by its node's id.
        stored = yield from self._answer(
            Artifacts.ingest.call(node_id, collection=collection, file=file, metadata=node.metadata)
        )
        return UploadedFile(name, "stored", node_id, stored.warnings)


def _is_final(exc: Exception) -> bool:
    if isinstance(exc, IngestionFailedError):
        state = exc.node.last_ingestion
        return state is not None and state.failure == "rejected"
    return isinstance(exc, BadRequestError | TooLargeError | UnprocessableEntityError)


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def found(root: Path) -> Iterator[PurePosixPath]:
    """The regular files below a folder, in the order of their paths. Links are left out."""
    for folder, folders, names in os.walk(root):
        folders.sort()
        below = PurePosixPath(Path(folder).relative_to(root).as_posix())
        for name in sorted(names):
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink():
                yield below / name


def _not_hidden(path: PurePosixPath) -> bool:
    return not any(part.startswith(".") for part in path.parts)


def _titles(path: PurePosixPath) -> PurePosixPath:
    """The titles of the nodes for this path."""
    return PurePosixPath(*(shown(part)[:_TITLE_CHARACTERS] for part in path.parts))


def _by_path(nodes: Sequence[TreeNode], above: PurePosixPath) -> Iterator[tuple[PurePosixPath, TreeNode]]:
    """Nodes with their paths of titles below the folder. Of two with the same path, the last counts."""
    for node in nodes:
        if node.title and "/" not in node.title:
            yield above / node.title, node
            yield from _by_path(node.children, above / node.title)
