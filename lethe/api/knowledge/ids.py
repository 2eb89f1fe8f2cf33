"""Node ids in paths."""

from typing import Annotated

from fastapi import Depends

from lethe.core.tree.nodes import NOT_THERE
from lethe.domain.errors import NotFound
from lethe.domain.ids import OBJECT_ID


async def _path_id(node_id: str) -> str:
    lower = node_id.lower()
    if not OBJECT_ID.fullmatch(lower):
        raise NotFound(NOT_THERE)
    return lower


PathId = Annotated[str, Depends(_path_id)]
"""The node id in a path; a malformed one is a 404. In a route's arguments it must follow the caller."""
