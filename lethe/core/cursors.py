"""Cursors of paged lists: where a page ended, as text that callers hand back."""

import base64
import binascii
import re
from datetime import datetime

import orjson

from lethe.domain.errors import InvalidRequest

_ID = re.compile(r"[0-9a-f]{24}")


def encode(time: datetime, id: str) -> str:
    """The cursor of a page that ended with this time and id."""
    return base64.urlsafe_b64encode(orjson.dumps([time.isoformat(), id])).decode()


def decode(cursor: str) -> tuple[datetime, str]:
    """The time and id behind which the next page begins. Raises InvalidRequest for anything else."""
    try:
        time, id = orjson.loads(base64.urlsafe_b64decode(cursor))
        if not _ID.fullmatch(id):
            raise ValueError("no node's id")
        return datetime.fromisoformat(time), id
    except (ValueError, TypeError, binascii.Error) as exc:
        raise InvalidRequest("The cursor is none that this server gave.", ("query", "cursor")) from exc
