"""Ids and secrets."""

import re
import secrets
import time
from uuid import UUID

from lethe.domain.errors import NotFound

OBJECT_ID = re.compile(r"[0-9a-f]{24}")
"""What `object_id` makes."""


def object_id() -> str:
    """A new ObjectId: 24 hex digits, the first 8 the time in seconds, so that ids sort by age."""
    return f"{int(time.time()):08x}{secrets.token_hex(8)}"


def given_uuid(text: str, *, missing: str) -> UUID:
    """The id that a caller gives. Raises NotFound, with the sentence of an unknown one, for what is no id."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(missing) from None
