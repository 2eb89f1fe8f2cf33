"""Carries out a sync's actions, several at once. Each is remembered once the server has confirmed it."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath

from lethe_client import Lethe, LetheError, NotFoundError
from lethe_client.models import TreeNode

from lethe.cli.contents.sync.local import Folder, LocalFile, Stamp
from lethe.cli.contents.sync.memory import Memory, Synced
from lethe.cli.contents.sync.plan import Action, Remote


@dataclass(frozen=True)
class Outcome:
    """The outcome of an action; `error` says why it failed, if it did."""

    action: Action
    error: str | None = None
    warnings: Sequence[str] = ()


class Target:
    """The folder on the server that mirrors the local one. `collection` is the title of its root folder."""

    def __init__(self, client: Lethe, folder_id: str, collection: str) -> None:
        self._client = client
        self.folder_id = folder_id
        self._collection = collection
        self._folders: dict[str, str] = {".": folder_id}

    def look(self) -> Remote:
        """What is in the folder now."""
        found: dict[str, str] = {}
        self._folders = {".": self.folder_id}
        for path, node in self._nodes():
            (self._folders if node.is_folder else found)[path] = node.id
        return Remote(found, lambda node_id: self._client.nodes.get(node_id).hash)

    def make_folders(self, paths: Sequence[str]) -> None:
        """Create the missing folders of these files, parents first."""
        wanted = {str(parent) for path in paths for parent in PurePosixPath(path).parents}
        for path in sorted(wanted - self._folders.keys()):
            above = self._folders[str(PurePosixPath(path).parent)]
            self._folders[path] = self._client.folders.create(PurePosixPath(path).name, parent_id=above).id

    def remove_empty_folders(self, kept: Sequence[str]) -> None:
        """Delete empty folders on the server, unless a local file belongs in them."""
        wanted = {str(parent) for path in kept for parent in PurePosixPath(path).parents}
        nodes = dict(self._nodes())
        for path, node in sorted(nodes.items(), reverse=True):
            if node.is_folder and path not in wanted and not any(p.startswith(f"{path}/") for p in nodes):
                self._client.nodes.delete(node.id)
                del nodes[path]

    def do(self, action: Action, folder: Folder) -> tuple[str | None, Sequence[str]]:
        """Carry out an action; return the document's id, and its warnings once read. Raises LetheError, OSError."""
        parent = self._folders.get(str(PurePosixPath(action.path).parent), self.folder_id)
        name = PurePosixPath(action.path).name
        node_id = action.node_id
        if action.kind == "upload":
            key = hashlib.sha256(f"{parent}/{name}/{action.hash}".encode()).hexdigest()
            # The same key in every sync, so that two simultaneous syncs create one document.
            client = self._client.with_options(headers={"Idempotency-Key": f"sync-{key[:40]}"})
            node_id = client.documents.upload(folder.root / action.path, parent_id=parent).id
        elif action.kind == "replace" and node_id is not None:
            node = self._client.nodes.get(node_id)
            self._client.artifacts.ingest(
                str(node.extra.get("artifact") or node_id),
                collection=self._collection,
                file=folder.root / action.path,
                metadata=node.metadata,
            )
        elif action.kind == "move" and node_id is not None:
            self._client.nodes.update(node_id, title=name, parent_id=parent)
        elif action.kind == "delete" and node_id is not None:
            with suppress(NotFoundError):  # somebody else has deleted it
                self._client.nodes.delete(node_id)
            return node_id, ()
        if node_id is None or action.kind == "adopt":
            return node_id, ()
        return node_id, self._client.documents.wait(node_id).warnings

    def _nodes(self) -> Iterator[tuple[str, TreeNode]]:
        def below(nodes: Sequence[TreeNode], above: str) -> Iterator[tuple[str, TreeNode]]:
            for node in nodes:
                yield f"{above}{node.title}", node
                yield from below(node.children, f"{above}{node.title}/")

        yield from below(list(self._client.tree(self.folder_id)), "")


def run(
    target: Target,
    folder: Folder,
    planned: Sequence[Action],
    files: Sequence[LocalFile],
    memory: Memory,
    *,
    jobs: int,
    on_done: Callable[[Outcome], object],
) -> list[Outcome]:
    """Carry out all actions, `jobs` at a time. Errors are in the outcomes."""
    stamps = {file.path: file.stamp for file in files}
    target.make_folders([a.path for a in planned if a.kind in ("upload", "move")])
    outcomes = []
    with ThreadPoolExecutor(jobs) as pool:
        running = {pool.submit(target.do, action, folder): action for action in planned}
        try:
            for future in as_completed(running):
                action = running[future]
                try:
                    node_id, warnings = future.result()
                except (LetheError, OSError) as exc:
                    outcome = Outcome(action, getattr(exc, "message", None) or str(exc))
                else:
                    outcome = Outcome(action, warnings=warnings)
                    _remember(memory, action, node_id, stamps.get(action.path))
                outcomes.append(outcome)
                on_done(outcome)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return sorted(outcomes, key=lambda o: o.action.path)


def _remember(memory: Memory, action: Action, node_id: str | None, stamp: Stamp | None) -> None:
    if action.kind == "delete":
        memory.forget(action.path)
    elif node_id is not None and stamp is not None and action.hash is not None:
        memory.note(Synced(action.path, stamp, action.hash, node_id), instead_of=action.old_path)
