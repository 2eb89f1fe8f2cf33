"""POST /v1/knowledge/search for an assistant: what its workers were assigned, and nothing else."""

from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from tests.client import bare
from tests.http.knowledge.assistants import new_assistant
from tests.http.knowledge.knowledge import NOWHERE, Knowledge
from tests.server import Server

MODES = ("full", "vector", "hybrid")


def make(server: Server, kb: Knowledge, nodes: Sequence[str] = ()) -> str:
    """A new assistant with two workers that are given these nodes; its id."""
    made = new_assistant(server, kb.company, workers=2)
    if nodes:
        body = {"assistant_id": made, "node_ids": list(nodes)}
        assert kb.call("POST", "/knowledge/assignments", body).status_code == 200
    return made


def ask(kb: Knowledge, mode: str = "full", **more: Any) -> httpx.Response:
    """The answer to a search for a word that all documents have."""
    return kb.call("POST", "/knowledge/search", {"query": "lighthouse", "mode": mode, "top_k": 25, **more})


def titles(kb: Knowledge, mode: str = "full", **more: Any) -> list[str]:
    """The titles that such a search finds, in alphabetical order."""
    answer = ask(kb, mode, **more)
    assert answer.status_code == 200, answer.text
    return sorted(r["title"] for r in answer.json()["results"])


@pytest.fixture
def nodes(kb: Knowledge) -> dict[str, str]:
    """Two folders, one in the other, and a document in each place: ids by title."""
    made = {"Outer": kb.folder("Outer")}
    made["Inner"] = kb.folder("Inner", made["Outer"])
    for title, parent in {"top": None, "outer": "Outer", "inner": "Inner", "second": "Inner"}.items():
        made[title] = kb.document(title, made[parent] if parent else None, f"A lighthouse, {title}.\n")
    kb.indexed(*(made[title] for title in ("top", "outer", "inner", "second")))
    return made


def test_a_search_for_an_assistant_finds_what_its_workers_were_assigned(
    server: Server, kb: Knowledge, nodes: dict[str, str]
) -> None:
    folder = make(server, kb, [nodes["Inner"]])
    both = make(server, kb, [nodes["Inner"], nodes["inner"], nodes["top"]])
    nothing = make(server, kb)
    for mode in MODES:
        assert titles(kb, mode) == ["inner", "outer", "second", "top"]
        assert titles(kb, mode, assistant_id=None) == ["inner", "outer", "second", "top"]
        assert titles(kb, mode, assistant_id=folder.upper()) == ["inner", "second"]
        assert titles(kb, mode, assistant_id=both) == ["inner", "second", "top"]
        assert titles(kb, mode, assistant_id=nothing) == []


def test_an_assistant_and_nodes_together_find_what_both_allow(
    server: Server, kb: Knowledge, nodes: dict[str, str]
) -> None:
    assistant = make(server, kb, [nodes["Inner"], nodes["top"]])
    for asked, found in {
        ("Outer",): ["inner", "second"],
        ("inner",): ["inner"],
        ("inner", "Outer"): ["inner", "second"],
        ("outer",): [],
        ("top", "outer", "second"): ["second", "top"],
        (): [],
    }.items():
        ids = [nodes[title] for title in asked]
        assert titles(kb, assistant_id=assistant, node_ids=ids) == found, asked
    assert titles(kb, assistant_id=assistant, node_ids=[NOWHERE]) == []


def test_an_assignment_gives_no_access_to_what_was_deleted(
    server: Server, kb: Knowledge, nodes: dict[str, str]
) -> None:
    assistant = make(server, kb, [nodes["Inner"], nodes["outer"]])
    assert kb.delete(nodes["second"]).status_code == 204
    assert titles(kb, assistant_id=assistant) == ["inner", "outer"]
    assert kb.delete(nodes["Inner"]).status_code == 204
    assert titles(kb, assistant_id=assistant) == ["outer"]
    assert titles(kb, assistant_id=assistant, node_ids=[nodes["Inner"]]) == []


def test_an_assistant_that_is_not_there_or_another_companys_is_a_404(
    server: Server, kb: Knowledge, other: Knowledge
) -> None:
    for assistant in (NOWHERE, make(server, other)):
        answer = ask(kb, assistant_id=assistant)
        assert answer.status_code == 404
        assert answer.json() == {
            "message": "There is no assistant with this id.",
            "error": "Not Found",
            "statusCode": 404,
            "code": "NOT_FOUND",
        }
    for wrong in ("x", 7, [NOWHERE]):
        answer = ask(kb, assistant_id=wrong)
        assert answer.status_code == 400
        assert "assistant_id" in answer.json()["message"]


def test_openapi_tells_of_the_assistant(server: Server) -> None:
    document = bare("GET", f"{server.url}/v1/openapi.json").json()
    assert (
        "404" in document["components"]["schemas"]["SearchBody"]["properties"]["assistant_id"]["description"]
    )
