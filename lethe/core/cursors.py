"""Cursors for paged lists: opaque strings that say where a page ended."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import orjson

from lethe.domain.errors import InvalidRequest
from lethe.domain.ids import OBJECT_ID

T = TypeVar("T")
Row = TypeVar("Row")


def page(found: Sequence[Row], limit: int, mark: Callable[[Row], T]) -> tuple[list[Row], T | None]:
    """The first `limit` rows of those found, and the `mark` of the last of them if more were found."""
    rows = [*found[:limit]]
    return rows, mark(rows[-1]) if len(found) > limit else None


def encode(time: datetime, id: str) -> str:
    """The cursor for the page after this time and id."""
    return base64.urlsafe_b64encode(orjson.dumps([time.isoformat(), id])).decode()


def decode(cursor: str) -> tuple[datetime, str]:
    """The time and node id after which the next page begins. Raises InvalidRequest for an invalid cursor."""
    return _decoded(cursor, _node_id)


def decode_task(cursor: str) -> tuple[datetime, UUID]:
    """Like `decode`, for a list of tasks."""
    return _decoded(cursor, UUID)


def encode_key(time: datetime, position: int, id: str) -> str:
    """The cursor for the page after a node with this key among its siblings."""
    return encode(time, f"{position}.{id}")


def decode_key(cursor: str) -> tuple[datetime, tuple[int, str]]:
    """Like `decode`, for a cursor made by `encode_key`."""
    return _decoded(cursor, _key)


def _key(text: str) -> tuple[int, str]:
    position, _, id = text.partition(".")
    if not -(2**63) <= int(position) < 2**63:
        raise ValueError("not a position")
    return int(position), _node_id(id)


def _node_id(text: str) -> str:
    if not OBJECT_ID.fullmatch(text):
        raise ValueError("not a node id")
    return text


def _decoded(cursor: str, parse: Callable[[str], T]) -> tuple[datetime, T]:
    try:
        time, id = orjson.loads(base64.urlsafe_b64decode(cursor))
        moment = datetime.fromisoformat(time)
        if moment.tzinfo is None:
            raise ValueError("no time zone")
        return moment, parse(id)
    except (ValueError, TypeError, AttributeError, binascii.Error) as exc:
        raise InvalidRequest(
            "Invalid cursor: use one from an earlier answer, or none.", ("query", "cursor")
        ) from exc
