"""Signed in with a token that is bound to a folder: every page and action of the console, with ids from elsewhere."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.routing import Route

from lethe.console import pages
from tests.hostile.tenants import MARK, everything, settle
from tests.http.console.conftest import Enter
from tests.http.knowledge.knowledge import Knowledge
from tests.server import Server

OF_THE_SESSION = {"/sign-in", "/enter/{secret}", "/looks", "/sign-out", "/events"}
"""They show and change nothing of what is stored; the stream of changes never ends."""
OF_THE_COMPANY = re.compile("/(deletions|tokens|assistants)")


def routes(method: str) -> list[str]:
    """All addresses of the console that take this method."""
    modules = [
        importlib.import_module(f"{pages.__name__}.{m.name}") for m in pkgutil.iter_modules(pages.__path__)
    ]
    found = [route for module in modules for route in module.ROUTES if isinstance(route, Route)]
    return sorted(r.path for r in found if method in (r.methods or ()) and r.path not in OF_THE_SESSION)


@pytest.fixture(scope="module")
def world(server: Server) -> Iterator[tuple[Knowledge, dict[str, str], str]]:
    """A company with one of everything, the ids of that, and of a folder beside it."""
    kb = Knowledge(server.client())
    yield kb, settle(server, kb), kb.folder("Own folder")
    server.close_clients()


@pytest.fixture
def bound(server: Server, enter: Enter, world: tuple[Knowledge, dict[str, str], str]) -> httpx.Client:
    """Somebody who is signed in with a token that is bound to the folder."""
    kb, _, own = world
    return enter(server.client(company=kb.company, only={own: True}))


def test_no_page_shows_anything_beyond_the_bounds(
    bound: httpx.Client, world: tuple[Knowledge, dict[str, str], str]
) -> None:
    _, ids, own = world
    for path in routes("GET"):
        for node in ("document", "folder", "root", "trashed"):
            answer = bound.get(filled(path, ids, ids[node]), params={"id": ids[node], "q": "mill"})
            assert answer.status_code < 500, path
            assert MARK not in answer.text.replace(ids["collection"], ""), path
            if OF_THE_COMPANY.match(path):
                assert answer.status_code == 403, path
            if "{node_id}" not in path and "{folder_id}" not in path:
                break
    assert own in bound.get("/library").text
    menu = bound.get("/library").text
    assert not any(f'/console{path}"' in menu for path in ("/tokens", "/deletions", "/assistants"))


def test_no_action_changes_anything_beyond_the_bounds(
    bound: httpx.Client, world: tuple[Knowledge, dict[str, str], str]
) -> None:
    kb, ids, own = world
    before = everything(kb)
    for path in routes("POST"):
        for node, parent in (("document", ""), ("trashed", ""), ("document", own), ("folder", own)):
            form: dict[str, Any] = {
                "id": ids[node], "parent": parent or ids["folder"], "title": "x", "erase": "1", "collection": MARK,
                "name": "x", "scope": "knowledge:read",
            }  # fmt: skip
            if path == "/folders" and parent:
                continue  # in its own folder it may
            answer = bound.post(filled(path, ids, ids[node]), data=form)
            assert answer.status_code < 500, (path, answer.text)
            assert MARK not in answer.text, path
    assert everything(kb) == before


def filled(path: str, ids: dict[str, str], node: str) -> str:
    """An address with ids in it."""
    known = {"node_id": node, "folder_id": node, "receipt_id": ids["receipt"], "task_id": ids["by_filter"]}
    return path.format(**known, assistant_id=ids["assistant"], token_id="0" * 24)
