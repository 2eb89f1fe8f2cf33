"""Values that a browser sends."""

import re
from collections.abc import Iterable

from lethe.domain.errors import InvalidRequest
from lethe.domain.ids import OBJECT_ID

MOST_NODES = 500
"""How many nodes one action may affect."""


def node_ids(values: Iterable[str]) -> list[str]:
    """Ids of nodes, separated by commas or given several times. Raises InvalidRequest for anything else."""
    given = list(dict.fromkeys(id for value in values for id in value.split(",") if id))
    if len(given) > MOST_NODES or not all(OBJECT_ID.fullmatch(id) for id in given):
        raise InvalidRequest("Invalid ids, or too many at once.")
    return given


def number(text: str, *, most: int) -> int:
    """A whole number, at most `most`; 0 for a text that is none."""
    return min(int(text), most) if re.fullmatch(r"[0-9]{1,18}", text, re.ASCII) else 0
