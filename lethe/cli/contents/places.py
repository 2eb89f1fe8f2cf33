"""Nodes as people name them: by id, or by the titles from the root, `policies/2026/rental.pdf`."""

import re

from lethe_client import Lethe, NotFoundError
from lethe_client.models import Node, TreeNode

from lethe.domain.errors import NotFound

_ID = re.compile(r"[0-9a-f]{24}")


def find(client: Lethe, name: str) -> Node:
    """The node with this id or path. Raises NotFound, with the command that lists what there is."""
    if _ID.fullmatch(name):
        try:
            return client.nodes.get(name)
        except NotFoundError:
            pass  # it may be a title
    node: TreeNode | None = None
    above = "/"
    for title in name.strip("/").split("/"):
        below = client.tree(node.id if node else None, depth=1)
        node = next((child for child in below if child.title == title), None)
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


def folder(client: Lethe, path: str) -> str:
    """The id of the folder with this path; what is missing of it is made. Raises NotFound if a document is there."""
    parent_id: str | None = None
    for title in (part for part in path.split("/") if part):
        known = next((n for n in client.tree(parent_id, depth=1) if n.title == title and n.is_folder), None)
        parent_id = known.id if known else client.folders.create(title, parent_id=parent_id).id
    if parent_id is None:
        raise NotFound("Give the path of a folder.")
    return parent_id
