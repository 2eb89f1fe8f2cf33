"""Node ids in paths."""

import re
from typing import Annotated

from fastapi import Depends

from lethe.core.tree.nodes import NOT_THERE
from lethe.domain.errors import NotFound

_ID = re.compile(r"[0-9a-fA-F]{24}")


async def _path_id(node_id: str) -> str:
    if not _ID.fullmatch(node_id):
        raise NotFound(NOT_THERE)
    return node_id.lower()


PathId = Annotated[str, Depends(_path_id)]
"""The node id in a path; a malformed one is a 404. In a route's arguments it must follow the caller."""
