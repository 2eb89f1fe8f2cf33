"""Decides what a sync has to do: a pure function of the folder, the server and what was synced before."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Literal

from lethe.cli.contents.sync.local import LocalFile
from lethe.cli.contents.sync.memory import Synced

Kind = Literal["upload", "replace", "move", "adopt", "delete", "deleted there", "missing here"]


@dataclass(frozen=True)
class Action:
    """One thing to do. `hash`: of the file's content; `old_path`: of a move. `adopt` remembers an equal document."""

    kind: Kind
    path: str
    hash: str | None = None
    node_id: str | None = None
    old_path: str | None = None


@dataclass(frozen=True)
class Remote:
    """The documents of the collection: their ids by path, and the hash of a document's content."""

    by_path: Mapping[str, str]
    hash_of: Callable[[str], str | None]

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(self.by_path.values())


def actions(
    files: Sequence[LocalFile],
    hash_of: Callable[[str], str],
    remote: Remote,
    known: Mapping[str, Synced],
    *,
    delete: bool,
    again: bool,
) -> list[Action]:
    """The actions that make the collection mirror the folder.

    Args:
        hash_of: the hash of a local file; called only for files that look changed.
        delete: delete documents whose files are gone; otherwise only report them.
        again: upload again what somebody deleted on the server; otherwise only report it.

    A new file with the content of a missing one counts as renamed. What others changed or moved on the server stays.
    """
    there = {file.path for file in files}
    ids = remote.ids
    renamed = {s.hash: s for s in known.values() if s.path not in there and s.node_id in ids}
    taken = {s.node_id for s in known.values()}
    done: list[Action] = []
    moved: set[str] = set()
    for file in files:
        before = known.get(file.path)
        if before is None:
            action = _new(file.path, hash_of(file.path), remote, renamed, taken)
        elif before.node_id not in ids:
            action = Action("upload" if again else "deleted there", file.path, before.hash, before.node_id)
            if again:
                action = Action("upload", file.path, hash_of(file.path))
        elif before.stamp == file.stamp:
            continue
        else:
            now = hash_of(file.path)
            action = Action("adopt" if now == before.hash else "replace", file.path, now, before.node_id)
        if action.kind == "move":
            moved.add(str(action.old_path))
            renamed.pop(str(action.hash))
        done.append(action)
    gone = (s for s in known.values() if s.path not in there and s.path not in moved and s.node_id in ids)
    done += [Action("delete" if delete else "missing here", s.path, node_id=s.node_id) for s in gone]
    return done


def _new(path: str, hash_: str, remote: Remote, renamed: Mapping[str, Synced], taken: Set[str]) -> Action:
    """The action for a file that was not synced under this path before."""
    if (old := renamed.get(hash_)) is not None:
        return Action("move", path, hash_, old.node_id, old.path)
    node_id = remote.by_path.get(path)
    if node_id is None or node_id in taken:
        return Action("upload", path, hash_)
    return Action("adopt" if remote.hash_of(node_id) == hash_ else "replace", path, hash_, node_id)
