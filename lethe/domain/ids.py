"""Ids and secrets."""

import secrets
import time


def object_id() -> str:
    """A new ObjectId: 24 hex digits, the first 8 the time in seconds, so that ids sort by age."""
    return f"{int(time.time()):08x}{secrets.token_hex(8)}"
