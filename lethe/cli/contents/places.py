"""Finds nodes as people name them: by id, or by a path of titles from the root, `policies/2026/rental.pdf`."""

from collections.abc import Sequence

from lethe_client import Lethe, NotFoundError
from lethe_client.models import Node, TreeNode

from lethe.domain.errors import NotFound, OperatorError
from lethe.domain.ids import OBJECT_ID


def find(client: Lethe, name: str) -> Node:
    """The node with this id or path.

    Raises NotFound, naming the command that lists what exists, and OperatorError if several nodes have the path.
    """
    if OBJECT_ID.fullmatch(name):
        try:
            return client.nodes.get(name)
        except NotFoundError:
            pass  # it may be a title
    node: TreeNode | None = None
    above = "/"
    titles = name.strip("/").split("/")
    for depth, title in enumerate(titles, 1):
        below = client.tree(node.id if node else None, depth=1)
        named = [child for child in below if child.title == title]
        if depth < len(titles):  # a document has nothing below it
            named = [child for child in named if child.is_folder] or named
        node = _only(named, title, "give an id, one of")
        if node is None:
            raise NotFound(f"There is no '{title}' in {above}: see 'lethe ls {above}'.")
        above = f"{above.rstrip('/')}/{title}"
    if node is None:
        raise NotFound("Give the path or the id of a node: see 'lethe ls'.")
    return node


def existing(client: Lethe, path: str) -> str | None:
    """The id of the node with this path; None if there is none."""
    try:
        return find(client, path).id
    except NotFound:
        return None


def _only(named: Sequence[TreeNode], title: str, advice: str) -> TreeNode | None:
    """The node with this title, or None. Raises OperatorError if there are several, as any could be meant."""
    if len(named) > 1:
        ids = ", ".join(node.id for node in named)
        raise OperatorError(f"{len(named)} nodes are named {title}: {advice} {ids}.")
    return named[0] if named else None


def folder(client: Lethe, path: str) -> str:
    """The id of the folder with this path; missing folders are created.

    Raises NotFound for an empty path, and OperatorError if several folders have the same path.
    """
    parent_id: str | None = None
    for title in (part for part in path.split("/") if part):
        named = [n for n in client.tree(parent_id, depth=1) if n.title == title and n.is_folder]
        known = _only(named, title, "rename or delete all but one of")
        parent_id = known.id if known else client.folders.create(title, parent_id=parent_id).id
    if parent_id is None:
        raise NotFound("Give the path of a folder.")
    return parent_id
