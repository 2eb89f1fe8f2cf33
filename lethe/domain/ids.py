"""Ids and secrets."""

import re
import secrets
import time
from uuid import UUID

from lethe.domain.errors import NotFound

OBJECT_ID = re.compile(r"[0-9a-f]{24}")
"""The format of ids from `object_id`."""


def object_id() -> str:
    """A new ObjectId: 24 hex digits, the first 8 the time in seconds, so that ids sort by age."""
    return f"{int(time.time()):08x}{secrets.token_hex(8)}"


def given_uuid(text: str, *, missing: str) -> UUID:
    """Parse an id given by a caller. Raises NotFound, with the message for an unknown id, if it is malformed."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(missing) from None
