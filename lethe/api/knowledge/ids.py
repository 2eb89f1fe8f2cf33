"""Ids in addresses."""

import re
from typing import Annotated

from fastapi import Depends

from lethe.core.nodes import NOT_THERE
from lethe.domain.errors import NotFound

_ID = re.compile(r"[0-9a-fA-F]{24}")


async def _path_id(node_id: str) -> str:
    if not _ID.fullmatch(node_id):
        raise NotFound(NOT_THERE)
    return node_id.lower()


PathId = Annotated[str, Depends(_path_id)]
"""The node of an address; what cannot be an id is not there either. Goes behind the caller in a route's arguments."""
