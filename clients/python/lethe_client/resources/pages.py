"""How pages are read, and how ids are put into paths."""

from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import quote

import httpx

from lethe_client._calling.paging import Page
from lethe_client.models.model import Model

R = TypeVar("R", bound=Model)


def cursor_page(model: type[R]) -> Callable[[httpx.Response], Page[R]]:
    """Reads a page that names the cursor of the next one."""

    def read(response: httpx.Response) -> Page[R]:
        body = response.json()
        return page_at([model.from_dict(item) for item in body["items"]], body.get("next_cursor"))

    return read


def page_at(data: Sequence[R], next_cursor: str | None) -> Page[R]:
    """A page, and the cursor of the next one if there is one."""
    return Page(data, {"cursor": next_cursor} if next_cursor else None, next_cursor)


def numbered_page(model: type[R]) -> Callable[[httpx.Response], Page[R]]:
    """Reads a page that knows its number and how many items there are in all."""

    def read(response: httpx.Response) -> Page[R]:
        body = response.json()
        number, limit = body["page"], body["limit"]
        more = number * limit < body["total"]
        return Page([model.from_dict(item) for item in body["items"]], {"page": number + 1} if more else None)

    return read


def nothing(_response: httpx.Response) -> None:
    """Read an answer without a body."""


def segment(id: str) -> str:
    """An id as one segment of a path. Raises ValueError for an empty id, `.` and `..`."""
    if not id or id in {".", ".."}:
        raise ValueError(f"Invalid id: {id!r}.")
    return quote(id, safe="")
