"""What pages offer to a token that is bound to folders: only what it may do there, and why not more."""

import re

import httpx
import pytest

from tests.client import Client
from tests.http.console.conftest import Enter
from tests.server import Server

ACTIONS = (
    "/folders/new",
    'data-drop="',
    "Upload files",
    "/name",
    "/delete?",
    "/move",
    "/metadata",
    'type="checkbox"',
)


def offered(http: httpx.Client, path: str) -> set[str]:
    """Those of ACTIONS that a page has."""
    page = http.get(path).text
    return {action for action in ACTIONS if action in page}


@pytest.fixture
def tree(client: Client) -> dict[str, str]:
    """The ids of two folders with a folder and a document in each."""
    made = {}
    for name in ("own", "read"):
        make = {"title": name}
        made[name] = str(client.http.post("/v1/knowledge/folders", json=make).json()["id"])
        below = {"title": f"below {name}", "parent_id": made[name]}
        made[f"below {name}"] = str(client.http.post("/v1/knowledge/folders", json=below).json()["id"])
        paper = {"title": f"paper {name}", "markdown": "# Paper", "parent_id": made[name]}
        made[f"paper {name}"] = str(client.http.post("/v1/knowledge/documents", json=paper).json()["id"])
    return made


@pytest.fixture
def bound(server: Server, client: Client, enter: Enter, tree: dict[str, str]) -> httpx.Client:
    """Somebody who may change what is in one folder, and read the other."""
    return enter(server.client(company=client.company, only={tree["own"]: True, tree["read"]: False}))


def test_at_the_root_nothing_is_offered_and_the_page_says_why(
    bound: httpx.Client, tree: dict[str, str]
) -> None:
    assert offered(bound, "/library") == set()
    page = bound.get("/library").text
    assert "Your token is bound to these folders." in page
    assert tree["own"] in page
    assert bound.post("/folders", data={"title": "x"}).status_code == 403


def test_within_its_folder_everything_is_offered_and_works(bound: httpx.Client, tree: dict[str, str]) -> None:
    everything = set(ACTIONS) - {"/metadata"}
    for path in (f"/library/{tree['own']}", f"/library/{tree['below own']}"):
        bound.post("/folders", data={"title": "New", "parent": path.rpartition("/")[2]})
        assert offered(bound, path) == everything
    assert {"/name", "/delete?", "/move", "/metadata"} <= offered(bound, f"/documents/{tree['paper own']}")
    assert bound.post("/delete", data={"id": tree["paper own"]}).status_code == 200
    assert "Erase now" in bound.get("/trash").text


def test_a_folder_that_it_may_only_read_offers_nothing(
    bound: httpx.Client, client: Client, tree: dict[str, str]
) -> None:
    for path in (
        f"/library/{tree['read']}",
        f"/library/{tree['below read']}",
        f"/documents/{tree['paper read']}",
    ):
        assert offered(bound, path) == set()
    assert "change nothing in it" in bound.get(f"/library/{tree['read']}").text
    client.http.delete(f"/v1/knowledge/nodes/{tree['paper read']}")
    trash = bound.get("/trash").text
    assert "paper read" in trash
    assert "/restore" not in trash
    assert "Erase now" not in trash


def test_it_is_offered_to_move_to_where_it_may_change_something(
    bound: httpx.Client, tree: dict[str, str]
) -> None:
    dialog = bound.get("/move", params={"id": tree["paper own"]}).text
    assert re.findall(r'<option value="(\w*)"', dialog) == [tree["own"], tree["below own"]]


def test_a_token_without_folders_is_told_that_they_are_gone(
    server: Server, client: Client, enter: Enter, tree: dict[str, str]
) -> None:
    bound = enter(server.client(company=client.company, only={tree["own"]: True}))
    client.http.delete(f"/v1/knowledge/nodes/{tree['own']}")
    assert "are not here any more" in bound.get("/library").text
    assert offered(bound, "/library") == set()
